/*
 * cxx_threads.c - std::thread, std::condition_variable and the waits of std::future, whose code lies in
 * libstdc++; virtual tables.
 *
 * The headers of C++ call POSIX by names that redirect.h replaces, but starting a thread, joining
 * it and waiting for a condition or a future are compiled into the library.  These are the same symbols of the
 * Itanium ABI, which the linker takes before the library's: the calls become the models'.
 *
 * What is relied on, of libstdc++ 6 and later: a std::thread is its pthread_t, 0 for none;
 * a std::unique_ptr is a pointer and is passed by its address; a std::thread::_State has a table of
 * two destructors, of which the second one deletes, and _M_run(); a std::mutex and a
 * std::condition_variable begin with what POSIX calls so; a std::unique_lock begins with a pointer to its
 * mutex.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/machine/clock_models.h"
#include "bench/machine/machine.h"
#include "bench/machine/models.h"

#define PC __builtin_return_address(0)
#define NAMED(name) __asm__(name)

struct state {
    const struct {
        void (*destroy)(struct state *), (*destroy_and_delete)(struct state *), (*run)(struct state *);
    } *table;
};

void thread_start(pthread_t *thread, struct state **state, void (*depend)(void))
    NAMED("_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE");
void thread_join(pthread_t *thread) NAMED("_ZNSt6thread4joinEv");
void thread_detach(pthread_t *thread) NAMED("_ZNSt6thread6detachEv");
void sleep_for(long seconds, long nanoseconds)
    NAMED("_ZNSt11this_thread11__sleep_forENSt6chrono8durationIlSt5ratioILl1ELl1EEEENS1_IlS2_ILl1ELl1000000000EEEE");
bool future_wait(void *base, unsigned *word, unsigned expected, bool limited, long seconds, long nanoseconds)
    NAMED("_ZNSt28__atomic_futex_unsigned_base19_M_futex_wait_untilEPjjbNSt6chrono8durationIl"
          "St5ratioILl1ELl1EEEENS2_IlS3_ILl1ELl1000000000EEEE");
long steady_now(void) NAMED("_ZNSt6chrono3_V212steady_clock3nowEv");
long system_now(void) NAMED("_ZNSt6chrono3_V212system_clock3nowEv");
bool future_wait_steady(void *base, unsigned *word, unsigned expected, bool limited, long seconds,
                        long nanoseconds)
    NAMED("_ZNSt28__atomic_futex_unsigned_base26_M_futex_wait_until_steadyEPjjbNSt6chrono8durationIl"
          "St5ratioILl1ELl1EEEENS2_IlS3_ILl1ELl1000000000EEEE");
void future_notify_all(unsigned *word)
    NAMED("_ZNSt28__atomic_futex_unsigned_base19_M_futex_notify_allEPj");
void condition_make(pthread_cond_t *c) NAMED("_ZNSt18condition_variableC1Ev");
void condition_destroy(pthread_cond_t *c) NAMED("_ZNSt18condition_variableD1Ev");
void condition_wait(pthread_cond_t *c, pthread_mutex_t **lock)
    NAMED("_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE");
void condition_notify_one(pthread_cond_t *c) NAMED("_ZNSt18condition_variable10notify_oneEv");
void condition_notify_all(pthread_cond_t *c) NAMED("_ZNSt18condition_variable10notify_allEv");

/* std::__throw_system_error(int); absent in a program of C alone, which has no std::thread. */
void throw_system_error(int error) NAMED("_ZSt20__throw_system_errori") __attribute__((weak, noreturn));

static void expect(int error)
{
    if (error == 0)
        return;
    if (throw_system_error)
        throw_system_error(error);
    fprintf(stderr, "check: a thread's error %d, and no libstdc++ to throw\n", error);
    abort();
}

static void *run(void *argument)
{
    struct state *s = argument;

    s->table->run(s);
    s->table->destroy_and_delete(s);
    return NULL;
}

void thread_start(pthread_t *thread, struct state **state, void (*depend)(void))
{
    pthread_t started;

    (void)depend;
    expect(machine->thread_create(&started, run, *state, PC));
    *state = NULL; /* the new thread deletes it */
    machine->plain(thread, sizeof *thread, true, false, PC);
    *thread = started;
}

/* The thread that the object stands for, which it then does no longer. */
static pthread_t take(pthread_t *thread, const void *pc)
{
    pthread_t taken = *thread;

    machine->plain(thread, sizeof *thread, true, false, pc);
    *thread = 0;
    return taken;
}

void thread_join(pthread_t *thread)
{
    expect(*thread ? machine->thread_join(*thread, PC) : 22 /* EINVAL, as the library has it */);
    take(thread, PC);
}

void thread_detach(pthread_t *thread)
{
    expect(*thread ? machine->thread_detach(*thread, PC) : 22);
    take(thread, PC);
}

/*
 * An object of a class with virtual functions gets its table; what it has already is not written anew,
 * as destructors do it, which only ends what no other thread may use.
 */
void __tsan_vptr_update(void **at, void *table);
void __tsan_vptr_update(void **at, void *table)
{
    if (*at != table)
        machine->plain(at, sizeof *at, true, false, PC);
}

void __tsan_vptr_read(void **at);
void __tsan_vptr_read(void **at)
{
    machine->plain(at, sizeof *at, false, false, PC);
}

/* A loop that sleeps waits. */
void sleep_for(long seconds, long nanoseconds)
{
    MACHINE_KEEP_REGISTERS();
    time_is_over(&(struct timespec){ .tv_sec = seconds, .tv_nsec = nanoseconds });
    machine->relax(PC);
}

/* The clocks of <chrono>, in nanoseconds. */
long steady_now(void)
{
    MACHINE_KEEP_REGISTERS();
    return (long)time_on(CLOCK_MONOTONIC, PC);
}

long system_now(void)
{
    MACHINE_KEEP_REGISTERS();
    return (long)time_on(CLOCK_REALTIME, PC);
}

/* Whether it has not timed out. */
static bool futex_waits(unsigned *word, unsigned expected, bool limited, const struct timespec *until, const void *pc)
{
    if (machine->futex_wait(word, expected, limited, pc) != ETIMEDOUT)
        return true;
    time_is_up(until);
    return false;
}

bool future_wait(void *base, unsigned *word, unsigned expected, bool limited, long seconds, long nanoseconds)
{
    (void)base;
    return futex_waits(word, expected, limited, &(struct timespec){ .tv_sec = seconds, .tv_nsec = nanoseconds }, PC);
}

bool future_wait_steady(void *base, unsigned *word, unsigned expected, bool limited, long seconds,
                        long nanoseconds)
{
    (void)base;
    return futex_waits(word, expected, limited, &(struct timespec){ .tv_sec = seconds, .tv_nsec = nanoseconds }, PC);
}

void future_notify_all(unsigned *word)
{
    machine->futex_wake(word, INT_MAX, PC);
}

/* Static objects are made before main() and destroyed behind it, where nothing is explored. */
static bool in_an_execution(void)
{
    return machine != &machine_native;
}

void condition_make(pthread_cond_t *c)
{
    *c = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    if (in_an_execution())
        check_cond_init(c, NULL);
}

void condition_destroy(pthread_cond_t *c)
{
    if (in_an_execution())
        check_cond_destroy(c);
}

void condition_wait(pthread_cond_t *c, pthread_mutex_t **lock)
{
    machine->cond_wait(c, *lock, PC);
}

void condition_notify_one(pthread_cond_t *c)
{
    machine->cond_wake(c, false, PC);
}

void condition_notify_all(pthread_cond_t *c)
{
    machine->cond_wake(c, true, PC);
}
