/* pingpong.c - two pinned threads hand one line back and forth. */
#include "bench/floors/pingpong.h"

#include <math.h>
#include <pthread.h>

#include "bench/base/stats.h"
#include "locks/parts/platform.h"

enum {
    ROUNDS = 12,           /* the result is their median */
    TURNS = 100,           /* round trips in a round */
    GIVE_UP_NS = 20000000 /* a descheduled partner must not hang us */
};

/* Tells the partner to end. */
static const uint32_t over = UINT32_MAX;

struct table {
    CONTEND_ALIGNED _Atomic uint32_t ball; /* even: ours; odd: the partner's */
    CONTEND_ALIGNED const cpu_set_t *allowed;
    unsigned partner;
};

static void *return_service(void *arg)
{
    struct table *t = arg;

    contend_pin_thread(t->allowed, t->partner);
    for (;;) {
        /* acquire: pairs with the release stores in serve. */
        uint32_t ball = atomic_load_explicit(&t->ball, memory_order_acquire);
        if (ball == over)
            return NULL;
        if (ball % 2 == 1)
            /*
             * A swap, not a store: it must not cover up `over`.  release: pairs with the acquire
             * in serve.
             */
            atomic_compare_exchange_strong_explicit(&t->ball, &ball, ball + 1,
                                                    memory_order_release, memory_order_relaxed);
        else
            contend_cpu_relax();
    }
}

/* One round; ns one way, or NAN when the partner did not answer in time. */
static double serve(struct table *t, uint64_t give_up)
{
    uint64_t start = contend_clock_ns();

    for (int turn = 0; turn < TURNS; turn++) {
        /* relaxed: the ball is ours. */
        uint32_t ball = atomic_load_explicit(&t->ball, memory_order_relaxed);
        unsigned waited = 0;

        /* release: pairs with the acquire in return_service. */
        atomic_store_explicit(&t->ball, ball + 1, memory_order_release);
        /* acquire: pairs with the release in return_service. */
        while (atomic_load_explicit(&t->ball, memory_order_acquire) != ball + 2) {
            contend_cpu_relax();
            if (++waited % 4096 == 0 && contend_clock_ns() > give_up)
                return NAN;
        }
    }
    return (double)(contend_clock_ns() - start) / (2.0 * TURNS);
}

double pingpong_ns(const cpu_set_t *allowed, unsigned first, unsigned second)
{
    struct table t = { .allowed = allowed, .partner = second };
    double rounds[ROUNDS];
    size_t played = 0;
    cpu_set_t before;
    pthread_t thread;
    unsigned cpus = (unsigned)CPU_COUNT(allowed);

    if (cpus < 2 || first % cpus == second % cpus)
        return NAN;
    if (sched_getaffinity(0, sizeof before, &before) != 0)
        return NAN;
    atomic_init(&t.ball, 0);
    if (pthread_create(&thread, NULL, return_service, &t) != 0)
        return NAN;
    contend_pin_thread(allowed, first);
    uint64_t give_up = contend_clock_ns() + GIVE_UP_NS;
    serve(&t, give_up); /* the first round wakes the partner up */
    for (int i = 0; i < ROUNDS; i++) {
        double ns = serve(&t, give_up);
        if (isnan(ns))
            break;
        rounds[played++] = ns;
    }
    /* release: pairs with the acquire in return_service. */
    atomic_store_explicit(&t.ball, over, memory_order_release);
    pthread_join(thread, NULL);
    sched_setaffinity(0, sizeof before, &before);
    return stats_median(rounds, played);
}
