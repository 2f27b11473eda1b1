/* thread_models.c - see thread_models.h. */
#include "bench/machine/thread_models.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "bench/machine/machine.h"
#include "bench/machine/models.h"

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
    t = machine->self(); /* after a jump */
    destroy_values(t);
    return known.threads[t].result;
}

static int start(pthread_t *thread, void *(*f)(void *), int (*c11)(void *), void *argument,
                 const void *pc)
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
    return 0;
}

int check_thread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*f)(void *),
                        void *argument)
{
    int error = start(thread, f, NULL, argument, PC), state = PTHREAD_CREATE_JOINABLE;

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

int check_thread_join(pthread_t thread, void **result)
{
    close_thread(thread);
    int error = machine->thread_join(thread, PC);

    if (!error && result) {
        machine->plain(result, sizeof *result, true, false, PC);
        *result = result_of(thread);
    }
    return error;
}

int check_thread_detach(pthread_t thread)
{
    close_thread(thread);
    return machine->thread_detach(thread, PC);
}

pthread_t check_thread_self(void)
{
    unsigned t = machine->self();

    refresh();
    return known.threads[t].number ? known.threads[t].number : t;
}

void check_thread_exit(void *result)
{
    unsigned t = machine->self();

    refresh();
    if (!known.threads[t].has_end)
        machine->misuse("calls pthread_exit(), and no pthread_create() has started it: return instead", PC);
    known.threads[t].result = result;
    known.threads[t].has_exited = true;
    __builtin_longjmp(known.threads[t].end, 1);
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

void check_exit(int status)
{
    machine->quit(status, PC);
}

int check_thrd_create(pthread_t *thread, int (*f)(void *), void *argument)
{
    return check_c11(start(thread, NULL, f, argument, PC));
}

int check_thrd_join(pthread_t thread, int *result)
{
    close_thread(thread);
    int error = machine->thread_join(thread, PC);

    if (!error && result)
        *result = (int)(intptr_t)result_of(thread);
    return check_c11(error);
}

int check_c11(int error)
{
    switch (error) {
    case 0: return thrd_success;
    case EBUSY: return thrd_busy;
    case ETIMEDOUT: return thrd_timedout;
    case ENOMEM: return thrd_nomem;
    default: return thrd_error;
    }
}

/* ---- mutexes of a type ---- */

int check_mutex_make(pthread_mutex_t *m, const pthread_mutexattr_t *attributes)
{
    int type = PTHREAD_MUTEX_NORMAL;

    if (attributes && pthread_mutexattr_gettype(attributes, &type) != 0)
        return EINVAL;
    check_mutex_init(m);
    m->__data.__kind = type;
    return 0;
}

int check_mtx_init(void *mutex, int type)
{
    check_mutex_init(mutex);
    ((pthread_mutex_t *)mutex)->__data.__kind =
        type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL;
    return thrd_success;
}

/* ---- waits that may time out ---- */

/* Whether it times out now; if not, something may have changed afterwards. */
static bool times_out(const void *pc)
{
    if (machine->choice(2, pc))
        return true;
    MACHINE_KEEP_REGISTERS(); /* no other thread must have run since */
    machine->relax(pc);
    return false;
}

static int lock_in_time(void *lock, enum machine_hold hold, const void *pc)
{
    int error = machine->lock(lock, hold, true, pc);

    if (error != EBUSY)
        return error;
    error = times_out(pc) ? EBUSY : machine->lock(lock, hold, true, pc);
    return error == EBUSY ? ETIMEDOUT : error;
}

int check_mutex_timedlock(pthread_mutex_t *m, const struct timespec *until)
{
    (void)until;
    return lock_in_time(m, MACHINE_MUTEX, PC);
}

int check_rwlock_timedrdlock(pthread_rwlock_t *l, const struct timespec *until)
{
    (void)until;
    return lock_in_time(l, MACHINE_READ, PC);
}

int check_rwlock_timedwrlock(pthread_rwlock_t *l, const struct timespec *until)
{
    (void)until;
    return lock_in_time(l, MACHINE_WRITE, PC);
}

/*
 * It ends by the time or for no reason, which POSIX allows; so it never takes a wake-up that another
 * thread waits for.
 */
int check_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until)
{
    int result = machine->choice(2, PC) ? 0 : ETIMEDOUT;

    (void)c, (void)until;
    machine->unlock(m, PC);
    MACHINE_KEEP_REGISTERS(); /* no other thread must have run since */
    machine->relax(PC);
    int error = machine->lock(m, MACHINE_MUTEX, false, PC);
    return error ? error : result;
}

int check_sem_timedwait(sem_t *s, const struct timespec *until)
{
    int error = machine->sem_wait(s, true, PC);

    (void)until;
    if (error == EAGAIN)
        error = times_out(PC) ? EAGAIN : machine->sem_wait(s, true, PC);
    if (error == 0)
        return 0;
    errno = error == EAGAIN ? ETIMEDOUT : error;
    return -1;
}

/* ---- once ---- */

int check_once(pthread_once_t *once, void (*routine)(void))
{
    enum { DONE = 2 };

    machine->lock(once, MACHINE_MUTEX, false, PC);
    if (machine_peek(once, sizeof *once) != DONE) {
        routine();
        machine_poke(once, sizeof *once, DONE);
    }
    machine->unlock(once, PC);
    return 0;
}

/* ---- barriers: a lock, and a condition beside it ---- */

struct barrier {
    unsigned need, here, round;
    char padding[4];
    char passed; /* its address is waited on */
};
_Static_assert(sizeof(struct barrier) <= sizeof(pthread_barrier_t), "it fits");

int check_barrier_init(pthread_barrier_t *b, unsigned count)
{
    if (count == 0)
        return EINVAL;
    machine->plain(b, sizeof *b, true, false, PC);
    memset(b, 0, sizeof *b);
    ((struct barrier *)b)->need = count;
    return 0;
}

int check_barrier_destroy(pthread_barrier_t *b)
{
    int error = machine->lock_destroy(b, PC);

    machine->plain(b, sizeof *b, true, false, PC);
    return error;
}

int check_barrier_wait(pthread_barrier_t *barrier)
{
    struct barrier *b = (struct barrier *)barrier;
    int result = 0;

    machine->lock(b, MACHINE_MUTEX, false, PC);
    unsigned round = b->round;
    if (++b->here == b->need) {
        b->here = 0;
        b->round++;
        machine->cond_wake(&b->passed, true, PC);
        result = PTHREAD_BARRIER_SERIAL_THREAD;
    }
    while (b->round == round)
        machine->cond_wait(&b->passed, b, PC);
    machine->unlock(b, PC);
    return result;
}

/* ---- thread-specific data ---- */

int check_key_create(pthread_key_t *key, void (*destructor)(void *value))
{
    refresh();
    if (known.keys == KEYS)
        return EAGAIN;
    /* A name that is not called is not redirected. */
    known.destructors[known.keys] = destructor == free ? check_free : destructor;
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
