/*
 * crowd.c - shares, tails and costs of objects of which they are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <time.h>

#include "bench/engine/crowd.h"
#include "tests/bench/engine/bare_subject.h"

enum { WORKERS = 3 };

/* How long an operation of each worker sleeps; 0: it does nothing. */
static uint64_t sleep_ns[WORKERS];
/* And how long every hundredth of the first one does. */
static uint64_t slow_ns;
static _Atomic uint64_t calls;

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    (void)s, (void)now;
    for (size_t i = 0; i < n; i++) {
        uint64_t ns = ++w->steps % 100 == 0 && w->at == 0 && slow_ns ? slow_ns : sleep_ns[w->at];
        if (ns)
            crew_sleep(ns);
        atomic_fetch_add(&calls, 1);
    }
}

static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    (void)s, (void)workers, (void)count, (void)out;
}

static const struct subject_kind kind = {
    .create = create, .destroy = destroy, .attach = attach, .detach = detach, .prefill = prefill,
    .run = run, .verify = verify,
};

static struct crowd_result result;

static void measure(unsigned threads, unsigned hogs, uint64_t length_ns)
{
    static struct workload workload = { .name = "test", .subject = &kind, .write_percent = 100 };
    struct cell cell = { .workload = &workload, .users = 1, .posts = 1, .threads = threads,
                         .hogs = hogs };
    struct contestant contestant = { .family = NULL };
    struct window_settings settings = { .length_ns = 1, .warmup_ns = 1000, .seed = 1 };
    struct window_result out = { .error = 0 };
    struct stage *stage;

    assert_int_equal(sched_getaffinity(0, sizeof settings.allowed, &settings.allowed), 0);
    assert_int_equal(stage_make(&stage, &cell, &contestant, &settings, &out), 0);
    assert_int_equal(crowd_run(stage, length_ns, &result), 0);
    assert_int_equal(stage_end(stage, &out), 0);
}

/* One worker does a tenth of what each other one does: 2.1^2 / (3 * 2.01) = 0.73. */
static void a_slow_thread_shows_as_unfairness(void **state)
{
    (void)state;
    slow_ns = 0;
    sleep_ns[0] = sleep_ns[1] = 1000000;
    sleep_ns[2] = 10000000;
    measure(3, 0, 200000000);
    assert_true(result.figures.jain > 0.6 && result.figures.jain < 0.9);
    assert_true(result.figures.min_share < 0.5);
    assert_true(result.figures.longest_gap_ns >= 10000000);
    sleep_ns[2] = 1000000;
    measure(3, 0, 200000000);
    assert_true(result.figures.jain > 0.9);
}

/* One operation in a hundred takes twenty times as long: the p99 is short, p99.9 is not. */
static void rare_operations_are_the_tail(void **state)
{
    (void)state;
    sleep_ns[0] = 0;
    slow_ns = 20000000;
    measure(1, 0, 200000000);
    slow_ns = 0;
    assert_true(result.took.count > 100);
    assert_true(histogram_quantile(&result.took, 0.5) < 20000000);
    assert_true(histogram_quantile(&result.took, 0.999) >= 20000000);
}

static double process_cpu_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The hogs' time is not the object's: three of them would cost a sleeping worker 100 times as much. */
static void hogs_take_time_and_cost_nothing(void **state)
{
    double begin = process_cpu_ns(), alone;

    (void)state;
    sleep_ns[0] = 1000000;
    measure(1, 0, 100000000);
    alone = process_cpu_ns() - begin;
    assert_true(result.figures.cpu_ns_per_op > 0 && result.figures.cpu_ns_per_op < 1000000);
    begin = process_cpu_ns();
    measure(1, 3, 100000000);
    assert_true(process_cpu_ns() - begin > 2 * alone); /* they are there */
    assert_true(result.figures.ops > 0);
    assert_true(result.figures.cpu_ns_per_op < 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_thread_shows_as_unfairness),
        cmocka_unit_test(rare_operations_are_the_tail),
        cmocka_unit_test(hogs_take_time_and_cost_nothing),
    };

    return cmocka_run_group_tests_name("crowd", tests, NULL, NULL);
}
