/*
 * deep.c - programs of statics, thread-locals and long loops, and some that are found only in
 * depth; see faults.h.  Compiled with the instrumentation.
 */
#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/check/bodies.h"
#include "tests/bench/check/faults.h"

static int plain;
static unsigned char bytes[8];
static _Atomic int flag, number;
static int *_Atomic shared;
static _Atomic int64_t told;

/* Statics begin anew without it. */
static void set_up(void *unused)
{
    (void)unused;
}

BODY(do_nothing, (void)0)
BODY(set_flag, publish(flag, 1))
BODY(one_saw_the_other, check_that(!(bytes[0] && bytes[1])))

/* ---- loops that give up, late or never ---- */

BODY(give_up_late, for (int i = 0; i < 400 && !relaxed(flag); i++) sched_yield())
BODY(give_up_by_memory, for (plain = 0; plain < 400 && !relaxed(flag); plain++) sched_yield())
BODY(count_for_ever, for (unsigned i = 0; !acquired(flag); i++)
         if (i == UINT32_MAX) return; else sched_yield())

/* ---- and by the time ---- */

enum { MILLISECOND = 1000000 };

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void wait_for(int64_t milliseconds)
{
    for (int64_t end = now() + milliseconds * MILLISECOND; !acquired(flag) && now() < end;)
        ;
}

BODY(wait_a_day, wait_for(86400000))
BODY(wait_until_never, while (!acquired(flag) && now() < INT64_MAX) ;)
BODY(wait_a_day_and_trust, wait_for(86400000); check_that(relaxed(flag)))
BODY(wait_half_a_second_and_trust, int64_t end = now() + 500 * MILLISECOND;
     while (!acquired(flag) && now() < end) sched_yield();
     check_that(relaxed(flag)))
BODY(only_wait, for (int64_t end = now() + 5000 * (int64_t)MILLISECOND; now() < end;) ;)
BODY(tell_the_time, atomic_store_explicit(&told, now(), memory_order_relaxed))
BODY(compare_the_time, check_that(atomic_load_explicit(&told, memory_order_relaxed) <= now()))

BODY(nap_for_flag, while (!acquired(flag)) usleep(10))
#ifdef __x86_64__
BODY(pause_for_flag, while (!acquired(flag)) __builtin_ia32_pause())
BODY(pause_and_count, while (!acquired(flag)) { plain++; __builtin_ia32_pause(); })
#endif
BODY(nap_and_count, while (!acquired(flag)) { plain++; usleep(10); })
static volatile int raised;
BODY(wait_for_volatile, while (!raised) ;)
BODY(raise_volatile, raised = 1)
static pthread_spinlock_t spin;
BODY(add_spinning, pthread_spin_lock(&spin); plain++; pthread_spin_unlock(&spin))
BODY(add_if_free, if (pthread_spin_trylock(&spin) == 0) pthread_spin_unlock(&spin); plain++)
BODY(overwrite_often, for (int i = 1; i <= 12; i++)
         atomic_store_explicit(&number, i, memory_order_relaxed);
     atomic_store_explicit(&flag, 1, memory_order_relaxed))
BODY(see_none_of_the_first, if (relaxed(flag)) check_that(relaxed(number) >= 3))

/* ---- system calls by number ---- */

static _Atomic int word;
static const struct timespec soon = { .tv_nsec = 1 };

static long futex(int what, int value, const struct timespec *limit)
{
    return syscall(SYS_futex, &word, what | FUTEX_PRIVATE_FLAG, value, limit, NULL, 0);
}

static void order_all(void)
{
    check_that(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0);
}

BODY(sleep_by_number, while (atomic_load(&word) == 0) futex(FUTEX_WAIT, 0, NULL))
BODY(sleep_for_a_while, if (atomic_load(&word) == 0 && futex(FUTEX_WAIT, 0, &soon) != 0)
         check_that(errno == EAGAIN || errno == ETIMEDOUT))
BODY(lock_by_number, futex(FUTEX_LOCK_PI, 0, NULL))
BODY(wake_by_number, atomic_store(&word, 1); futex(FUTEX_WAKE, 1, NULL))
BODY(wake_nobody, atomic_store(&word, 1))
BODY(raise_and_order, atomic_store_explicit(&flag, 1, memory_order_relaxed); order_all();
     bytes[0] = !relaxed(number))
BODY(raise_by_compiler, atomic_store_explicit(&number, 1, memory_order_relaxed);
     atomic_signal_fence(memory_order_seq_cst); bytes[1] = !relaxed(flag))
BODY(raise_unordered, atomic_store_explicit(&flag, 1, memory_order_relaxed);
     bytes[0] = !relaxed(number))

/* ---- depth: two threads that must alternate, and programs of few classes ---- */

static void go_on(int from)
{
    int found = from;

    if (atomic_compare_exchange_strong(&number, &found, from + 1))
        check_that(from < 5);
}

BODY(go_on_from_even, go_on(0); go_on(2); go_on(4))
BODY(go_on_from_odd, go_on(1); go_on(3); go_on(5))
BODY(store_number_thrice, for (int i = 0; i < 3; i++) atomic_store(&number, i))
BODY(store_flag_thrice, for (int i = 0; i < 3; i++) atomic_store(&flag, i))
BODY(add_often, for (int i = 0; i < 8; i++) atomic_fetch_add(&number, 1))

/* More than they need, and exactly what they need. */
BODY(send_strongly, plain = 1; atomic_store(&flag, 1); atomic_fetch_add(&number, 1))
BODY(receive_strongly, if (atomic_load(&flag)) check_that(plain == 1);
     atomic_fetch_add_explicit(&number, 1, memory_order_relaxed))
BODY(raise_flag, atomic_store(&flag, 1); bytes[0] = !atomic_load(&number))
BODY(raise_number, atomic_store(&number, 1); bytes[1] = !atomic_load(&flag))

const struct check_test too_strong = { .name = "too strong", .setup = set_up,
                                       .threads = { send_strongly, receive_strongly } };
const struct check_test just_enough = { .name = "just enough", .setup = set_up,
                                        .threads = { raise_flag, raise_number },
                                        .finally = one_saw_the_other };
const struct check_test alternating = { .name = "alternating", .setup = set_up,
                                        .threads = { go_on_from_even, go_on_from_odd } };
const struct check_test independent = { .name = "independent", .setup = set_up,
                                        .threads = { store_number_thrice, store_flag_thrice } };
const struct check_test entangled = { .name = "entangled", .setup = set_up,
                                      .threads = { add_often, add_often } };

/* ---- statics ---- */

static void find_zero_and_leave_one(void *unused)
{
    static int once;
    static _Atomic int once_atomic;

    (void)unused;
    check_that(once == 0 && atomic_load(&once_atomic) == 0);
    once = 1;
    atomic_store(&once_atomic, 1);
}

/* An initialisation at the first use, that no setup knows of. */
static pthread_mutex_t once_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int once_done, once_made;

static void initialise(void)
{
    check_that(atomic_fetch_add(&once_made, 1) == 0);
    atomic_store(&once_done, 1);
}

/* A lock that is taken and let go is no change that another turn could find. */
BODY(nap_and_lock, for (bool set = false; !set; usleep(10)) { pthread_mutex_lock(&once_lock);
     set = acquired(flag); pthread_mutex_unlock(&once_lock); })
BODY(use_once, if (atomic_load(&once_done)) return; pthread_mutex_lock(&once_lock);
     if (!atomic_load(&once_done)) initialise(); pthread_mutex_unlock(&once_lock))
BODY(use_once_unlocked, if (!atomic_load(&once_done)) initialise())

static _Thread_local int local = 5, uninitialised_local;

BODY(own_local, check_that(local == 5 && uninitialised_local == 0); local = 6;
     atomic_fetch_add(&number, 1); check_that(local == 6); local = (int)check_self();
     uninitialised_local = 1; atomic_fetch_add(&number, 1); check_that(local == (int)check_self()))
BODY(pass_local_on, local = 7; publish(shared, &local); while (!acquired(flag)) sched_yield();
     check_that(local == 7))
BODY(use_passed_local, int *p = acquired(shared); if (p) check_that(*p == 7 && local == 5);
     publish(flag, 1))
BODY(write_passed_local, int *p = acquired(shared); publish(flag, 1); if (p) *p = 7)

/* ---- semaphores that admit ---- */

static sem_t permits;

static void make_permits(void *unused)
{
    (void)unused;
    sem_init(&permits, 0, 2);
}

static void end_permits(void *unused)
{
    (void)unused;
    sem_destroy(&permits);
}

BODY(come_and_go, while (sem_wait(&permits) != 0) ; sem_post(&permits))
BODY(come_and_stay, while (sem_wait(&permits) != 0) ;)

#define ADMITS(title, says, ...)                                                              \
    { { .name = title, .semaphores_balance = true, .setup = make_permits,                     \
        .threads = { __VA_ARGS__ }, .finally = end_permits }, says, CHECK_SC, CHECK_QUARANTINE }

const struct fault deep_faults[] = {
    ADMITS("all come and go", CHECK_PASSED, come_and_go, come_and_go),
    ADMITS("one comes and stays", CHECK_MISUSE, come_and_go, come_and_stay),
    SC("a futex by number", CHECK_PASSED, sleep_by_number, wake_by_number),
    SC("a futex by number that nobody wakes", CHECK_DEADLOCK, sleep_by_number, wake_nobody),
    SC("a futex operation that has no model", CHECK_TOO_LONG, lock_by_number, do_nothing),
    SC("a futex by number with a limit", CHECK_PASSED, sleep_for_a_while, do_nothing),
    CASE("membarrier by number", CHECK_PASSED, CHECK_WEAK, CHECK_QUARANTINE, set_up,
         one_saw_the_other, raise_and_order, raise_by_compiler),
    CASE("no membarrier", CHECK_ASSERTION, CHECK_WEAK, CHECK_QUARANTINE, set_up, one_saw_the_other,
         raise_unordered, raise_by_compiler),
    SC("gives up after many turns", CHECK_PASSED, give_up_late, do_nothing),
    SC("gives up after many turns that memory counts", CHECK_PASSED, give_up_by_memory, do_nothing),
    SC("counts its turns for ever", CHECK_LIVELOCK, count_for_ever, do_nothing),
    SC("waits until a time", CHECK_PASSED, wait_a_day, do_nothing),
    SC("waits until a time that never comes", CHECK_LIVELOCK, wait_until_never, wait_until_never),
    SC("a long wait ends where no thread goes on", CHECK_PASSED, wait_a_day_and_trust, set_flag),
    SC("a short wait may end beside others", CHECK_ASSERTION, wait_half_a_second_and_trust, set_flag),
    SC("waits for the time alone", CHECK_PASSED, only_wait, only_wait),
    SC("hands on the time", CHECK_PASSED, tell_the_time, tell_the_time, compare_the_time),
    SC("sleeps in a loop", CHECK_PASSED, nap_for_flag, set_flag),
    SC("sleeps in a loop for ever", CHECK_LIVELOCK, nap_for_flag, do_nothing),
    SC("sleeps in a loop that counts", CHECK_PASSED, nap_and_count, set_flag),
    SC("adds under a spin lock", CHECK_PASSED, add_spinning, add_spinning, add_spinning),
    SC("adds beside a spin lock", CHECK_RACE, add_spinning, add_if_free),
    SC("waits for what is volatile", CHECK_RACE, wait_for_volatile, raise_volatile),
    SC("looks under a lock and sleeps", CHECK_PASSED, nap_and_lock, set_flag),
    SC("looks under a lock for ever", CHECK_LIVELOCK, nap_and_lock, do_nothing),
#ifdef __x86_64__
    SC("pauses in a loop", CHECK_PASSED, pause_for_flag, set_flag),
    SC("pauses in a loop that counts", CHECK_PASSED, pause_and_count, set_flag),
#endif
    CASE("statics begin anew", CHECK_PASSED, CHECK_WEAK, CHECK_QUARANTINE, find_zero_and_leave_one,
         NULL, do_nothing, do_nothing),
    { { .name = "statics are kept", .keeps_statics = true, .setup = find_zero_and_leave_one,
        .threads = { do_nothing, do_nothing } }, CHECK_ASSERTION, CHECK_WEAK, CHECK_QUARANTINE },
    SC("a first use that looks twice", CHECK_PASSED, use_once, use_once),
    SC("a first use that looks once", CHECK_ASSERTION, use_once_unlocked, use_once_unlocked),
    SC("each has its own thread-locals", CHECK_PASSED, own_local, own_local),
    SC("a thread-local that is passed on", CHECK_PASSED, pass_local_on, use_passed_local),
    SC("a thread-local that two threads write", CHECK_RACE, pass_local_on, write_passed_local),
    WEAK("a value that was overwritten ten times", CHECK_ASSERTION, overwrite_often,
         see_none_of_the_first),
    { { .name = NULL }, CHECK_PASSED, CHECK_SC, CHECK_QUARANTINE },
};
