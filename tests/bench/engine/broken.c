/*
 * broken.c - each mistake says something else than the honest figure, of objects of which it is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/engine/broken.h"
#include "bench/engine/crew.h"
#include "tests/bench/engine/bare_subject.h"

/* What an operation does. */
static enum { NOTHING, SLEEPS, STALLS, RETIRES } behaviour;
static _Atomic int pending;

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    (void)s, (void)now;
    for (size_t i = 0; i < n; i++) {
        w->steps++;
        if (behaviour == SLEEPS)
            crew_sleep(w->at == 0 ? 500000 : 5000000);
        if (behaviour == STALLS && w->steps % 1000 == 0)
            crew_sleep(10000000);
        if (behaviour == RETIRES)
            atomic_store(&pending, 3);
    }
}

/* What was removed is freed once it has been looked at three times. */
static size_t retired(const struct subject *s)
{
    (void)s;
    return behaviour == RETIRES && atomic_fetch_sub(&pending, 1) > 0;
}

static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    (void)s, (void)workers, (void)count, (void)out;
}

static double figure_of(enum broken kind, bool honest)
{
    static const struct subject_kind subject = {
        .create = create, .destroy = destroy, .attach = attach, .detach = detach,
        .prefill = prefill, .run = run, .retired = retired, .verify = verify,
    };
    static struct workload workload = { .name = "test", .subject = &subject, .write_percent = 100 };
    struct cell cell = { .workload = &workload, .users = 1, .posts = 1, .threads = 2 };
    struct contestant contestant = { .family = NULL };
    struct window_settings settings = { .length_ns = 1, .warmup_ns = 2000000, .seed = 1 };
    struct window_result out = { .error = 0 };
    struct stage *stage;
    double figure;

    assert_int_equal(sched_getaffinity(0, sizeof settings.allowed, &settings.allowed), 0);
    assert_int_equal(stage_make(&stage, &cell, &contestant, &settings, &out), 0);
    assert_int_equal(broken_figure(stage, kind, honest, 60000000, &figure), 0);
    assert_int_equal(stage_end(stage, &out), 0);
    assert_true(figure > 0);
    return figure;
}

/* Both cost more than an operation that does nothing. */
static void what_the_loop_does_is_in_the_figure(void **state)
{
    (void)state;
    behaviour = NOTHING;
    assert_true(figure_of(BROKEN_UNPADDED, false) < 0.5 * figure_of(BROKEN_UNPADDED, true));
    assert_true(figure_of(BROKEN_GENERATOR, false) < 0.5 * figure_of(BROKEN_GENERATOR, true));
}

/* Two workers, one ten times as fast: the rate of both is 2,200 a second; over their mean time 727. */
static void equal_iterations_wait_for_the_slow(void **state)
{
    (void)state;
    behaviour = SLEEPS;
    assert_true(figure_of(BROKEN_EQUAL, false) < 0.6 * figure_of(BROKEN_EQUAL, true));
}

static void a_closed_loop_does_not_see_who_waits(void **state)
{
    (void)state;
    behaviour = STALLS;
    assert_true(figure_of(BROKEN_CLOSED_LOOP, true) > 10 * figure_of(BROKEN_CLOSED_LOOP, false));
}

static void a_wait_for_reclamation_is_charged(void **state)
{
    (void)state;
    behaviour = RETIRES;
    assert_true(figure_of(BROKEN_RECLAIM, false) < 0.5 * figure_of(BROKEN_RECLAIM, true));
}

/* What is wrong with these is not in the phase: a figure comes out all the same. */
static void the_others_have_figures(void **state)
{
    (void)state;
    behaviour = NOTHING;
    figure_of(BROKEN_DISJOINT, false);
    figure_of(BROKEN_BEST_OF, false);
    figure_of(BROKEN_NO_BARRIER, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_loop_does_is_in_the_figure),
        cmocka_unit_test(equal_iterations_wait_for_the_slow),
        cmocka_unit_test(a_closed_loop_does_not_see_who_waits),
        cmocka_unit_test(a_wait_for_reclamation_is_charged),
        cmocka_unit_test(the_others_have_figures),
    };

    return cmocka_run_group_tests_name("broken", tests, NULL, NULL);
}
