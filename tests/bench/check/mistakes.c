/* mistakes.c - mistakes of newcomers to the checker; a macro chooses one. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "check/check.h"

static _Atomic int *count;

static void setup(void *unused)
{
    (void)unused;
#ifdef EXITS_IN_SETUP
    exit(0);
#endif
#ifdef FAILS_WATCHED
    raise(SIGVTALRM); /* the watch finds each setup at the same place */
#endif
#ifdef ALIGNS
    void *block = NULL;
    check_that(posix_memalign(&block, 4, 4) == EINVAL && posix_memalign(&block, 48, 4) == EINVAL);
    check_that(posix_memalign(&block, 64, sizeof *count) == 0 && (uintptr_t)block % 64 == 0);
    count = block;
#else
    count = malloc(sizeof *count);
#endif
    atomic_init(count, 0);
#ifdef MAKES_MUCH
    for (int i = 0; i < 500000; i++)
        atomic_init(count, i);
#endif
#ifdef FAILS_IN_SETUP
    atomic_init(count + 1, 0);
#endif
}

#ifdef RECURSES
static int deep(int n)
{
    volatile char frame[1000];

    frame[n % 1000] = 0;
    return n ? deep(n - 1) + frame[0] : 0;
}
#endif

static void thread(void *unused)
{
    (void)unused;
#if defined(EXITS)
    exit(0);
#elif defined(RECURSES)
    deep(1000);
#elif defined(ABORTS)
    abort();
#elif defined(RUNS_ON)
    for (;;)
        ;
#elif defined(LARGE_FRAME)
    volatile char frame[300000];
    frame[0] = 1;
#elif defined(WAITS_ELSEWHERE)
    static pthread_barrier_t barrier;
    static mtx_t mutex;
    pthread_barrier_wait(&barrier);
    mtx_lock(&mutex);
#elif defined(FAILS_WATCHED) || defined(FAILS_AFTER_NOTHING)
    memset(NULL, 0, 0); /* nothing is touched */
    check_that(atomic_fetch_add(count, 1) == 0);
#elif defined(SPINS)
    while (!atomic_load(count))
        ;
#else
    atomic_fetch_add(count, 1);
#endif
}

#ifdef MANY_THREADS
static void body(void *unused, unsigned number)
{
    (void)number;
    thread(unused);
}
#endif

static void finally(void *unused)
{
    (void)unused;
    free((void *)count);
}

int main(int argc, char **argv)
{
    static const struct check_test mistake = { .name = "mistake@home", .setup = setup,
#ifdef MANY_THREADS
                                               .body = body, .thread_count = 7,
#elif !defined(NO_THREADS)
                                               .threads = { thread, thread },
#endif
                                               .finally = finally };
    static const struct check_test *const tests[] = { &mistake, NULL };

    return check_main(tests, argc, argv);
}
