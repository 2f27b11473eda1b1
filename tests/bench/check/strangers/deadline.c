/*
 * deadline.c - homework whose threads wait until a time, each by another clock, and one that turns a million times.
 *
 * Nobody answers, unless -DANSWERS.
 * -DTRUSTS: takes a wait that has ended by its time for an answer.
 * -DFOR_EVER: waits until a time that never comes.  -DCOUNTS: counts its turns, and never gives up.
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#ifndef LIMIT_NS
#define LIMIT_NS 5000000000 /* longer than any turn without a reason takes */
#endif

static atomic_bool answered, logged;
static _Atomic int64_t asked_at;
static int answer;

static int64_t by_clock(clockid_t clock)
{
    struct timespec t;

    assert(clock_gettime(clock, &t) == 0);
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t by_base(void)
{
    struct timespec t;

    assert(timespec_get(&t, TIME_UTC) == TIME_UTC);
    return t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t by_day(void)
{
    struct timeval t;

    assert(gettimeofday(&t, NULL) == 0);
    return t.tv_sec * 1000000000 + t.tv_usec * 1000;
}

#ifdef FOR_EVER
#define UNTIL(now) for (int64_t end = INT64_MAX; !answered && (now) < end;)
#else
#define UNTIL(now) for (int64_t end = (now) + LIMIT_NS; !answered && (now) < end;)
#endif

static void *ask(void *unused)
{
    int64_t before = by_clock(CLOCK_MONOTONIC);

    UNTIL(by_clock(CLOCK_MONOTONIC)) ;
    assert(answered || by_clock(CLOCK_MONOTONIC) - before >= LIMIT_NS);
    UNTIL(by_clock(CLOCK_REALTIME)) sched_yield();
    UNTIL(by_clock(CLOCK_PROCESS_CPUTIME_ID)) ;
    UNTIL(by_day()) usleep(1000);
    UNTIL(by_base()) ;
    UNTIL((int64_t)time(NULL) * 1000000000) ;
    UNTIL((int64_t)clock() * 1000) ;
    /* The time that another thread has told, by no order at all, is not after this one's. */
    atomic_store_explicit(&asked_at, by_clock(CLOCK_MONOTONIC), memory_order_relaxed);
#ifdef COUNTS
    for (uint64_t turns = 0; !answered; turns++)
        ;
#endif
#ifdef TRUSTS
    answer++;
#else
    if (answered)
        answer++;
#endif
    return unused;
}

static void *reply(void *unused)
{
    int64_t asked = atomic_load_explicit(&asked_at, memory_order_relaxed);

    assert(asked <= by_clock(CLOCK_MONOTONIC));
    /* A sleep takes its time. */
    int64_t before = by_clock(CLOCK_BOOTTIME);
    nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
    assert(by_clock(CLOCK_BOOTTIME) - before >= 20000000);
    struct timespec until = { .tv_sec = before / 1000000000 + 2 };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    assert(by_clock(CLOCK_MONOTONIC) >= until.tv_sec * 1000000000);
    answer = 1;
#ifdef ANSWERS
    answered = true;
#endif
    logged = true;
    return unused;
}

/* Twice in the same execution: a limit of time that has come, and the time is what it said. */
static void wait_in_vain(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 3;
    pthread_mutex_lock(&mutex);
    while (time(NULL) < until.tv_sec)
        pthread_cond_timedwait(&came, &mutex, &until);
    pthread_mutex_unlock(&mutex);
}

static void *give_up(void *unused)
{
    for (int turns = 0; turns < 1000000 && !answered; turns++)
        ;
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t asks, replies;

    (void)argv;
    if (argc > 1) { /* a million turns, of which an execution takes half a second */
        pthread_create(&asks, NULL, give_up, NULL);
        pthread_join(asks, NULL);
        return 0;
    }
    pthread_create(&asks, NULL, ask, NULL);
    pthread_create(&replies, NULL, reply, NULL);
    pthread_join(asks, NULL);
    pthread_join(replies, NULL);
    wait_in_vain();
    return 0;
}
