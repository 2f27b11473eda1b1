/*
 * detect.c - every detector is held to its contract; quality and SWIM to what arithmetic says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/detect/detect.h"
#include "bench/serve/detect/swim.h"
#include "bench/serve/labs/detect_quality.h"
#include "locks/parts/platform.h"

enum { INTERVAL = 10000000, BEATS = 200, THREADS = 3, ROUNDS = 4000 };

static void *made(const struct detect_ops *ops, double dial)
{
    const struct detect_config config = { .interval_us = INTERVAL, .dial = dial };
    void *d = contend_alloc(CONTEND_CACHE_LINE, ops->size);

    assert_non_null(d);
    ops->init(d, &config);
    return d;
}

/* A client that was never heard is offline; one that beats like clockwork is not, and then is. */
static void it_notices_what_is_gone(const struct detect_ops *ops)
{
    void *d = made(ops, 0);

    assert_int_equal(ops->deadline(d), 0);
    for (uint64_t i = 1; i <= BEATS; i++) {
        assert_true(i == 1 || ops->deadline(d) > i * INTERVAL);
        ops->heard(d, i, i * INTERVAL);
    }
    uint64_t deadline = ops->deadline(d);
    assert_in_range(deadline, (uint64_t)BEATS * INTERVAL + INTERVAL, (uint64_t)(BEATS + 5) * INTERVAL);
    ops->heard(d, BEATS, (BEATS - 3) * (uint64_t)INTERVAL); /* an old one changes nothing */
    assert_int_equal(ops->deadline(d), deadline);
    assert_int_equal(ops->loops.ask(d, deadline - 1, 5), 0);
    assert_int_equal(ops->loops.ask(d, deadline, 5), 5);
    free(d);
}

static void a_higher_dial_is_later(const struct detect_ops *ops)
{
    uint64_t last = 0;

    for (unsigned k = 0; k < 6; k++) {
        void *d = made(ops, ops->traits->least +
                                (ops->traits->greatest - ops->traits->least) * k / 5.0);
        for (uint64_t i = 1; i <= 50; i++)
            ops->heard(d, i, i * INTERVAL + i * 7919 % 1000003);
        assert_true(ops->deadline(d) > last);
        last = ops->deadline(d);
        free(d);
    }
}

/* ---- among threads ---- */

struct watched {
    const struct detect_ops *ops;
    void *detector;
    _Atomic uint64_t clock, heard, trouble;
};

static void *beat(void *arg)
{
    struct watched *w = arg;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t number = atomic_fetch_add(&w->clock, 1) + 1, now = number * 1000;
        w->ops->heard(w->detector, number, now);
        uint64_t seen = atomic_load(&w->heard);
        while (seen < now && !atomic_compare_exchange_weak(&w->heard, &seen, now))
            ;
        /* Whatever was heard before the question counts in the answer, and the time is a sane one. */
        uint64_t floor = atomic_load(&w->heard), deadline = w->ops->deadline(w->detector);
        atomic_fetch_add(&w->trouble, deadline < floor || deadline > floor + 100 * (uint64_t)INTERVAL);
    }
    return NULL;
}

static void no_beat_is_lost_among_threads(const struct detect_ops *ops)
{
    struct watched w = { .ops = ops, .detector = made(ops, ops->traits->greatest) };
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, beat, &w), 0);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&w.trouble), 0);
    free(w.detector);
}

/* ---- what arithmetic says ---- */

static void the_boundary_is_one_microsecond(void **state)
{
    void *in = made(contend_detect_find("ttl_inclusive"), 3);
    void *out = made(contend_detect_find("ttl_exclusive"), 3);

    (void)state;
    contend_detect_find("ttl_inclusive")->heard(in, 1, 1000);
    contend_detect_find("ttl_exclusive")->heard(out, 1, 1000);
    assert_int_equal(contend_detect_find("ttl_inclusive")->deadline(in), 1000 + 3 * INTERVAL + 1);
    assert_int_equal(contend_detect_find("ttl_exclusive")->deadline(out), 1000 + 3 * INTERVAL);
    free(in);
    free(out);
}

/* Without loss there is no mistake; with it as many as lost beats in a row make, and no more time. */
static void quality_is_counted_right(void **state)
{
    const struct beats_network calm = { .name = "calm" }, lossy = { .name = "lossy", .loss = 0.1 };
    struct quality_run run = { .ops = contend_detect_find("ttl_exclusive"), .network = &calm,
                               .interval_us = INTERVAL, .dial = 2, .clients = 2000, .beats = 52,
                               .seed = 3 };
    struct quality q;

    (void)state;
    assert_int_equal(quality_measure(&run, &q), 0);
    assert_true(q.mistakes == 0 && q.clients == 2000 && quality_accuracy(&q) == 1);
    assert_true(fabs(q.detection_us / INTERVAL - 1.5) < 0.05 && q.detection_worst_us <= 2.0 * INTERVAL);
    run.network = &lossy; /* after a beat, one lost of the 50 that can be: 0.9 * 0.1 each */
    assert_int_equal(quality_measure(&run, &q), 0);
    double wanted = 2000 * 50 * 0.9 * 0.1;
    assert_true(fabs((double)q.mistakes - wanted) < 5 * sqrt(wanted));
    /* Each lasts for as many intervals as beats are lost beyond the first: 1/9 of one on average. */
    assert_true(fabs(quality_mistake_us(&q) / INTERVAL - 1.0 / 9) < 0.02);
}

static void swim_keeps_to_its_numbers(void **state)
{
    struct swim_config c = { .members = 1 };
    struct swim_result r, again;
    double first = 0;

    (void)state;
    assert_int_equal(swim_run(&c, &r), -EINVAL);
    c.members = SWIM_MEMBERS + 1;
    assert_int_equal(swim_run(&c, &r), -EINVAL);
    c = (struct swim_config){ .members = 8, .helpers = 2, .suspicion = 4, .calm = 50, .wait = 100,
                              .together = true, .period_us = INTERVAL };
    for (unsigned i = 0; i < 300; i++, c.seed++) {
        assert_int_equal(swim_run(&c, &r), 0);
        assert_true(r.suspected.mistakes == 0 && r.suspicions == 0 && r.messages == 2);
        assert_true(r.all >= r.first + 4 && r.first >= 1); /* a suspicion stands for its time */
        first += r.first / 300;
    }
    assert_true(fabs(first - 1 / (1 - pow(1 - 1.0 / 7, 7))) < 0.3);
    c.network.loss = 0.2;
    assert_int_equal(swim_run(&c, &r), 0);
    assert_int_equal(swim_run(&c, &again), 0);
    assert_memory_equal(&r, &again, sizeof r);
    assert_true(r.suspicions > 0);
}

/*
 * Two members, no helpers.  A period's ping fails if it or its answer is lost, and is a mistake at the period's end.  It
 * lasts until the ping of the next period has been answered: two delays, and a period more where one of these is lost.
 */
static void swims_mistakes_are_counted_right(void **state)
{
    const double loss = 0.001, fails = 1 - (1 - loss) * (1 - loss), delay = 0.05 * INTERVAL;
    const struct swim_config c = { .members = 2, .suspicion = 100, .calm = 200000, .wait = 300, .together = true,
                                   .period_us = INTERVAL, .network = { .loss = loss, .delay_us = delay } };
    struct swim_result r;

    (void)state;
    assert_int_equal(swim_run(&c, &r), 0);
    double wanted = 2 * fails * c.calm, each = 2 * delay + fails * INTERVAL;
    assert_true(fabs((double)r.suspected.mistakes - wanted) < 5 * sqrt(wanted));
    assert_true(fabs(r.suspected.wrong_us / (double)r.suspected.mistakes / each - 1) < 0.02);
    assert_true(fabs(r.lived_us / (2.0 * c.calm * INTERVAL) - 1) < 1e-9);
    assert_true(r.dead.mistakes == 0 && r.dead.wrong_us == 0); /* each was refuted in time */
    /* The crash comes before a period: suspected at its end, and dead 100 periods later. */
    assert_true(r.suspected.detection_us == INTERVAL && r.dead.detection_us == 101.0 * INTERVAL);
}

/* An answer that comes after the period is none: the sum of two exponential delays is longer. */
static void swim_is_wrong_by_jitter_and_pauses_but_not_by_drift(void **state)
{
    const double x = 6, late = (1 + x) * exp(-x);
    struct swim_config c = { .members = 2, .suspicion = 100, .calm = 50000, .wait = 300, .period_us = INTERVAL,
                             .network = { .jitter_us = INTERVAL / x } };
    struct swim_result r;

    (void)state;
    assert_int_equal(swim_run(&c, &r), 0);
    assert_true(fabs((double)r.suspicions / (2 * late * c.calm) - 1) < 0.1);
    c.network = (struct beats_network){ .delay_us = 50000, .drift_ppm = 20000 };
    assert_int_equal(swim_run(&c, &r), 0);
    assert_true(r.suspected.mistakes == 0 && r.messages > 1.97 && r.messages < 1.99); /* one of two is slower */
    /* A member that stands still for two periods is suspected about once in that time. */
    c.network = (struct beats_network){ .delay_us = 50000, .pause_chance = 0.001, .pause_us = 2.0 * INTERVAL };
    assert_int_equal(swim_run(&c, &r), 0);
    double pauses = 2 * 0.001 * c.calm;
    assert_in_range(r.suspected.mistakes, (uint64_t)(0.7 * pauses), (uint64_t)(1.3 * pauses));
    assert_true(r.suspected.wrong_us / (double)r.suspected.mistakes > 0.3 * INTERVAL);
}

/* ---- each of this build ---- */

static void (*const cases[])(const struct detect_ops *) = {
    it_notices_what_is_gone, a_higher_dial_is_later, no_beat_is_lost_among_threads,
};

static void run(void **state)
{
    void (*const *one)(const struct detect_ops *) = *state;

    for (const struct detect_ops *const *ops = contend_detect_registry; *ops; ops++) {
#ifdef __SANITIZE_THREAD__
        if ((*ops)->choices[0] && strstr((*ops)->choices, "seqlock"))
            continue; /* it relies on fences */
#endif
        print_message("# %s\n", (*ops)->traits->id.name);
        (*one)(*ops);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "it notices what is gone", run, NULL, NULL, (void *)&cases[0] },
        { "a higher dial is later", run, NULL, NULL, (void *)&cases[1] },
        { "no beat is lost among threads", run, NULL, NULL, (void *)&cases[2] },
        cmocka_unit_test(the_boundary_is_one_microsecond),
        cmocka_unit_test(quality_is_counted_right),
        cmocka_unit_test(swim_keeps_to_its_numbers),
        cmocka_unit_test(swims_mistakes_are_counted_right),
        cmocka_unit_test(swim_is_wrong_by_jitter_and_pauses_but_not_by_drift),
    };

    return cmocka_run_group_tests_name("detect", tests, NULL, NULL);
}
