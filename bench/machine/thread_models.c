/* thread_models.c - see thread_models.h. */
#include "bench/machine/thread_models.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/machine/clock_models.h"
#include "bench/machine/machine.h"
#include "bench/machine/model_parts.h"
#include "bench/machine/models.h"
#include "bench/machine/touches.h"

#define PC __builtin_return_address(0)

enum { KEYS = 16 };

/* What is known of the threads and keys of an execution, by the place of a thread. */
static struct {
    uint64_t execution;
    struct {
        void *(*start)(void *argument);
        int (*start_c11)(void *argument);
        void *argument, *result;
        pthread_t number;
        void *end[5]; /* where check_thread_exit() goes on; what is in it is the compiler's */
        bool has_end, has_exited;
        bool open; /* started, and neither joined nor detached */
        const void *values[KEYS];
        struct check_cleanup *cleanups; /* the last one first */
        char name[16];
    } threads[MACHINE_THREADS];
    void (*destructors[KEYS])(void *value);
    unsigned keys;
} known;

/* Forgets what the last execution left. */
static void refresh(void)
{
    if (known.execution == machine->execution())
        return;
    memset(&known, 0, sizeof known);
    known.execution = machine->execution();
}

/* ---- threads ---- */

static void destroy_values(unsigned t)
{
    for (unsigned k = 0; k < known.keys; k++) {
        const void *value = known.threads[t].values[k];
        known.threads[t].values[k] = NULL;
        if (value && known.destructors[k])
            known.destructors[k]((void *)value);
    }
}

/* It may have been started elsewhere, by std::thread or by the test. */
void machine_thread_ends(void)
{
    if (cxx_locals_end)
        cxx_locals_end(); /* they may still use the values, as with glibc */
    if (known.execution == machine->execution())
        destroy_values(machine->self());
}

/* From its beginning to its end, or to a call of pthread_exit(). */
static void *run_thread(void *unused)
{
    unsigned t = machine->self();

    (void)unused;
    known.threads[t].has_end = true;
    known.threads[t].has_exited = false;
    if (__builtin_setjmp(known.threads[t].end) == 0) {
        if (known.threads[t].start_c11)
            known.threads[t].result =
                (void *)(intptr_t)known.threads[t].start_c11(known.threads[t].argument);
        else
            known.threads[t].result = known.threads[t].start(known.threads[t].argument);
    }
    machine_thread_ends();
    robust_thread_ends();
    return known.threads[machine->self()].result;
}

int thread_start(pthread_t *thread, void *(*f)(void *), int (*c11)(void *), void *argument, const void *pc)
{
    machine->plain(thread, sizeof *thread, true, false, pc);
    if (!machine->self) /* a driver on real threads, which have their own results */
        return machine->thread_create(thread, f, argument, pc);
    refresh();
    int error = machine->thread_create(thread, run_thread, NULL, pc);
    if (error)
        return error;
    unsigned t = (unsigned)(*thread % MACHINE_THREADS);
    known.threads[t].number = *thread;
    known.threads[t].start = f;
    known.threads[t].start_c11 = c11;
    known.threads[t].argument = argument;
    known.threads[t].result = NULL;
    known.threads[t].open = true;
    known.threads[t].cleanups = NULL;
    known.threads[t].name[0] = '\0';
    return 0;
}

int check_thread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*f)(void *),
                        void *argument)
{
    int error = thread_start(thread, f, NULL, argument, PC), state = PTHREAD_CREATE_JOINABLE;

    if (!error && attributes && pthread_attr_getdetachstate(attributes, &state) == 0 &&
        state == PTHREAD_CREATE_DETACHED)
        error = check_thread_detach(*thread);
    return error;
}

static void close_thread(pthread_t thread)
{
    known.threads[thread % MACHINE_THREADS].open = false;
}

static void *result_of(pthread_t thread)
{
    return machine->self ? known.threads[thread % MACHINE_THREADS].result : NULL;
}

int thread_wait(pthread_t thread, void **result, const void *pc)
{
    close_thread(thread);
    int error = machine->thread_join(thread, pc);

    *result = error ? NULL : result_of(thread);
    return error;
}

static int join(pthread_t thread, void **result, const void *pc)
{
    void *returned;
    int error = thread_wait(thread, &returned, pc);

    if (!error && result) {
        machine->plain(result, sizeof *result, true, false, pc);
        *result = returned;
    }
    return error;
}

int check_thread_join(pthread_t thread, void **result)
{
    return join(thread, result, PC);
}

int check_thread_tryjoin(pthread_t thread, void **result)
{
    return machine->thread_ended(thread, PC) ? join(thread, result, PC) : EBUSY;
}

static int join_in_time(pthread_t thread, void **result, const void *pc)
{
    return !machine->thread_ended(thread, pc) && machine->choice(2, pc) ? ETIMEDOUT
                                                                        : join(thread, result, pc);
}

int check_thread_timedjoin(pthread_t thread, void **result, const struct timespec *until)
{
    (void)until;
    return join_in_time(thread, result, PC);
}

int check_thread_clockjoin(pthread_t thread, void **result, clockid_t clock, const struct timespec *until)
{
    (void)clock, (void)until;
    return join_in_time(thread, result, PC);
}

int thread_detach(pthread_t thread, const void *pc)
{
    close_thread(thread);
    return machine->thread_detach(thread, pc);
}

int check_thread_detach(pthread_t thread)
{
    return thread_detach(thread, PC);
}

pthread_t check_thread_self(void)
{
    unsigned t = machine->self();

    refresh();
    return known.threads[t].number ? known.threads[t].number : t;
}

void check_cleanup_push(struct check_cleanup *c, void (*handler)(void *argument), void *argument)
{
    *c = (struct check_cleanup){ handler, argument, NULL };
    if (!machine->self) /* a driver on real threads, where none exits */
        return;
    refresh();
    c->outer = known.threads[machine->self()].cleanups;
    known.threads[machine->self()].cleanups = c;
}

void check_cleanup_pop(struct check_cleanup *c, int execute)
{
    if (machine->self)
        known.threads[machine->self()].cleanups = c->outer;
    if (execute)
        c->handler(c->argument);
}

void thread_exit(void *result, const void *pc)
{
    unsigned t = machine->self();

    refresh();
    if (!known.threads[t].has_end)
        machine->misuse("calls pthread_exit(), and no pthread_create() has started it: return instead", pc);
    while (known.threads[t].cleanups)
        check_cleanup_pop(known.threads[t].cleanups, 1);
    known.threads[t].result = result;
    known.threads[t].has_exited = true;
    __builtin_longjmp(known.threads[t].end, 1);
}

void check_thread_exit(void *result)
{
    thread_exit(result, PC);
}

static struct {
    int (*f)(int argc, char **argv);
    int argc;
    char **argv;
} program;

static void *run_main(void *unused)
{
    (void)unused;
    return (void *)(intptr_t)program.f(program.argc, program.argv);
}

int check_thread_of_main(int (*f)(int argc, char **argv), int argc, char **argv)
{
    unsigned t = machine->self();

    refresh();
    program.f = f;
    program.argc = argc;
    program.argv = argv;
    known.threads[t].start = run_main;
    int status = (int)(intptr_t)run_thread(NULL);
    if (!known.threads[t].has_exited)
        return status;
    for (unsigned other = 0; other < MACHINE_THREADS; other++)
        if (known.threads[other].open)
            check_thread_join(known.threads[other].number, NULL);
    return 0;
}

/* 15 characters, as on Linux. */
int check_thread_setname(pthread_t thread, const char *name)
{
    touches_text(name, SIZE_MAX, PC);
    if (strlen(name) >= sizeof known.threads[0].name)
        return ERANGE;
    refresh();
    memcpy(known.threads[thread % MACHINE_THREADS].name, name, strlen(name) + 1);
    return 0;
}

int check_thread_getname(pthread_t thread, char *name, size_t size)
{
    refresh();
    if (size < sizeof known.threads[0].name)
        return ERANGE;
    size_t length = strlen(known.threads[thread % MACHINE_THREADS].name) + 1;
    touches_write(name, length, PC);
    memcpy(name, known.threads[thread % MACHINE_THREADS].name, length);
    return 0;
}

/* ---- mutexes of a type ---- */

int check_mutex_make(pthread_mutex_t *m, const pthread_mutexattr_t *attributes)
{
    int type = PTHREAD_MUTEX_NORMAL;

    if (attributes && pthread_mutexattr_gettype(attributes, &type) != 0)
        return EINVAL;
    check_mutex_init(m);
    m->__data.__kind = type;
    return robust_make(m, attributes);
}

/* ---- waits that may time out ---- */

/* A driver on real threads explains nothing. */
static void tell(const char *what, void *at, const void *pc)
{
    if (machine->note)
        machine->note(what, at, pc);
}

/* Whether it times out now; if not, something may have changed afterwards. */
static bool times_out(const struct timespec *until, const void *pc)
{
    if (machine->choice(2, pc)) {
        tell("times out", NULL, pc);
        time_is_up(until);
        return true;
    }
    MACHINE_KEEP_REGISTERS(); /* no other thread must have run since */
    machine->relax(pc);
    return false;
}

static int try_lock(void *lock, enum machine_hold hold, const void *pc)
{
    return hold == MACHINE_MUTEX ? mutex_lock(lock, true, pc) : machine->lock(lock, hold, true, pc);
}

static int lock_in_time(void *lock, enum machine_hold hold, const struct timespec *until, const void *pc)
{
    int error = try_lock(lock, hold, pc);

    if (error != EBUSY)
        return error;
    error = times_out(until, pc) ? EBUSY : try_lock(lock, hold, pc);
    return error == EBUSY ? ETIMEDOUT : error;
}

/* The time is no matter to a thread that has the mutex: it is counted, or an error, at once. */
int mutex_lock_in_time(pthread_mutex_t *m, const struct timespec *until, const void *pc)
{
    return mutex_is_own(m) ? mutex_lock(m, false, pc) : lock_in_time(m, MACHINE_MUTEX, until, pc);
}

int check_mutex_timedlock(pthread_mutex_t *m, const struct timespec *until)
{
    return mutex_lock_in_time(m, until, PC);
}

int check_mutex_clocklock(pthread_mutex_t *m, clockid_t clock, const struct timespec *until)
{
    (void)clock;
    return mutex_lock_in_time(m, until, PC);
}

int check_rwlock_clockrdlock(pthread_rwlock_t *l, clockid_t clock, const struct timespec *until)
{
    (void)clock;
    return lock_in_time(l, MACHINE_READ, until, PC);
}

int check_rwlock_clockwrlock(pthread_rwlock_t *l, clockid_t clock, const struct timespec *until)
{
    (void)clock;
    return lock_in_time(l, MACHINE_WRITE, until, PC);
}

int check_rwlock_timedrdlock(pthread_rwlock_t *l, const struct timespec *until)
{
    return lock_in_time(l, MACHINE_READ, until, PC);
}

int check_rwlock_timedwrlock(pthread_rwlock_t *l, const struct timespec *until)
{
    return lock_in_time(l, MACHINE_WRITE, until, PC);
}

/*
 * It ends by the time or for no reason, which POSIX allows; so it never takes a wake-up that another
 * thread waits for.
 */
int wait_in_time(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until, const void *pc)
{
    int result = machine->choice(2, pc) ? 0 : ETIMEDOUT;

    tell("wait, up to a time, for", c, pc);
    int error = mutex_unlock(m, pc);
    if (error)
        return error;
    MACHINE_KEEP_REGISTERS(); /* no other thread must have run since */
    if (result)
        time_is_up(until);
    machine->relax(pc);
    tell(result ? "times out" : "wake for no reason", NULL, pc);
    error = mutex_lock(m, false, pc);
    return error ? error : result;
}

int check_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until)
{
    return wait_in_time(c, m, until, PC);
}

int check_cond_clockwait(pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock, const struct timespec *until)
{
    (void)clock;
    return wait_in_time(c, m, until, PC);
}

static int sem_wait_in_time(sem_t *s, const struct timespec *until, const void *pc)
{
    int error = machine->sem_wait(s, true, pc);

    if (error == EAGAIN)
        error = times_out(until, pc) ? EAGAIN : machine->sem_wait(s, true, pc);
    if (error == 0)
        return 0;
    errno = error == EAGAIN ? ETIMEDOUT : error;
    return -1;
}

int check_sem_timedwait(sem_t *s, const struct timespec *until)
{
    return sem_wait_in_time(s, until, PC);
}

int check_sem_clockwait(sem_t *s, clockid_t clock, const struct timespec *until)
{
    (void)clock;
    return sem_wait_in_time(s, until, PC);
}

/* ---- thread-specific data ---- */

int check_key_create(pthread_key_t *key, void (*destructor)(void *value))
{
    refresh();
    if (known.keys == KEYS)
        return EAGAIN;
    known.destructors[known.keys] = destructor;
    *key = known.keys++;
    return 0;
}

int check_key_delete(pthread_key_t key)
{
    refresh();
    if (key >= known.keys)
        return EINVAL;
    known.destructors[key] = NULL;
    for (unsigned t = 0; t < MACHINE_THREADS; t++)
        known.threads[t].values[key] = NULL;
    return 0;
}

void *check_key_get(pthread_key_t key)
{
    refresh();
    return key < known.keys ? (void *)known.threads[machine->self()].values[key] : NULL;
}

int check_key_set(pthread_key_t key, const void *value)
{
    refresh();
    if (key >= known.keys)
        return EINVAL;
    known.threads[machine->self()].values[key] = value;
    return 0;
}
