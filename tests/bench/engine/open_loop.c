/*
 * open_loop.c - arrivals as they were asked for, and an open loop on an object that takes as
 * long as the test says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "bench/engine/open_loop.h"

/* ---- arrivals ---- */

static void arrivals_are_as_many_as_asked_for(void **state)
{
    (void)state;
    for (int kind = 0; kind < ARRIVALS_COUNT; kind++)
        for (double per_s = 100; per_s < 1e6; per_s *= 10) {
            struct schedule s;
            uint64_t length_ns = 2000000000;
            assert_int_equal(schedule_draw(&s, (enum arrivals)kind, per_s, length_ns, 1, 7), 0);
            double wanted = per_s * 2, off = fabs((double)s.count - wanted);
            /* Six standard deviations of a Poisson process; a burst; one. */
            assert_true(off <= (kind == ARRIVALS_EXPONENTIAL ? 6 * sqrt(wanted)
                                : kind == ARRIVALS_BURSTS    ? SCHEDULE_BURST + 1 : 1));
            for (size_t i = 1; i < s.count; i++)
                assert_true(s.at_ns[i] >= s.at_ns[i - 1]);
            assert_true(s.at_ns[s.count - 1] < length_ns);
            schedule_free(&s);
        }
}

/* The gaps of a Poisson process are exponential: their deviation is their mean. */
static void exponential_gaps_are_exponential(void **state)
{
    struct schedule s;
    double sum = 0, squares = 0;

    (void)state;
    assert_int_equal(schedule_draw(&s, ARRIVALS_EXPONENTIAL, 1e5, 1000000000, 1, 3), 0);
    for (size_t i = 1; i < s.count; i++) {
        double gap = (double)(s.at_ns[i] - s.at_ns[i - 1]);
        sum += gap;
        squares += gap * gap;
    }
    double n = (double)s.count - 1, mean = sum / n;
    double deviation = sqrt(squares / n - mean * mean);
    assert_true(fabs(deviation / mean - 1) < 0.03);
    schedule_free(&s);
}

/* The bursts of two workers are the same ones, and the same seed draws the same schedule. */
static void bursts_meet(void **state)
{
    struct schedule a, b;

    (void)state;
    assert_int_equal(schedule_draw(&a, ARRIVALS_BURSTS, 5000, 1000000000, 2, 1), 0);
    assert_int_equal(schedule_draw(&b, ARRIVALS_BURSTS, 5000, 1000000000, 2, 2), 0);
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.at_ns, b.at_ns, a.count * sizeof *a.at_ns);
    assert_true(a.at_ns[0] == a.at_ns[SCHEDULE_BURST / 2] && a.at_ns[0] < a.at_ns[a.count - 1]);
    schedule_free(&a);
    schedule_free(&b);
}

/* ---- an object that takes as long as the test says ---- */

static struct {
    uint64_t each_ns;     /* of an operation */
    uint64_t stall_ns;    /* of one operation, when half of the time is over */
    _Atomic bool stalled;
    _Atomic uint64_t begun_ns, calls, verified;
    bool armed;           /* not in the warm-up */
} object;

static int create(struct subject *s)
{
    (void)s;
    return 0;
}

static void destroy(struct subject *s)
{
    (void)s;
}

static int attach(struct subject *s, struct subject_worker *w, uint64_t seed, unsigned number)
{
    (void)s, (void)w, (void)seed, (void)number;
    return 0;
}

static void detach(struct subject *s, struct subject_worker *w)
{
    (void)s, (void)w;
}

static void prefill(struct subject *s, struct subject_worker *w, unsigned part, unsigned parts)
{
    (void)s, (void)w, (void)part, (void)parts;
}

static void work_until(uint64_t end_ns)
{
    while (contend_clock_ns() < end_ns)
        contend_cpu_relax();
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    uint64_t begin = contend_clock_ns(), none = 0;

    (void)s, (void)w, (void)now;
    if (!object.armed)
        return;
    atomic_fetch_add(&object.calls, n);
    atomic_compare_exchange_strong(&object.begun_ns, &none, begin);
    if (object.stall_ns && begin - atomic_load(&object.begun_ns) > 100000000 &&
        !atomic_exchange(&object.stalled, true))
        work_until(begin + object.stall_ns);
    work_until(begin + n * object.each_ns);
}

static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    (void)s, (void)workers, (void)count, (void)out;
    object.verified++;
}

static const struct subject_kind kind = {
    .create = create, .destroy = destroy, .attach = attach, .detach = detach, .prefill = prefill,
    .run = run, .verify = verify,
};

static struct open_loop_result result;

/* One open loop on it; the object is verified afterwards. */
static void open_loop_in(struct workload workload, double per_s, uint64_t each_ns, uint64_t stall_ns)
{
    struct cell cell = { .workload = &workload, .users = 1, .posts = 1, .threads = 1 };
    struct contestant who = { .family = NULL };
    struct window_settings settings = { .length_ns = 1, .warmup_ns = 1000, .seed = 1 };
    struct open_loop_plan plan = { .arrivals = ARRIVALS_UNIFORM, .per_s = per_s,
                                   .length_ns = 300000000, .seed = 1 };
    struct window_result out = { .error = 0 };
    struct stage *stage;

    memset(&object, 0, sizeof object);
    object.each_ns = each_ns;
    object.stall_ns = stall_ns;
    assert_int_equal(sched_getaffinity(0, sizeof settings.allowed, &settings.allowed), 0);
    assert_int_equal(stage_make(&stage, &cell, &who, &settings, &out), 0);
    object.armed = true;
    assert_int_equal(open_loop_run(stage, &plan, &result), 0);
    object.armed = false;
    assert_int_equal(stage_end(stage, &out), 0);
    assert_int_equal(object.verified, 1);
}

static void open_loop(double per_s, uint64_t each_ns, uint64_t stall_ns)
{
    open_loop_in((struct workload){ .name = "test", .subject = &kind, .write_percent = 100 }, per_s,
                 each_ns, stall_ns);
}

/* A call of ten is due at once: a tenth as many calls, and as many operations. */
static void a_batch_is_one_call(void **state)
{
    (void)state;
    open_loop_in((struct workload){ .name = "test", .subject = &kind, .write_percent = 100,
                                    .batch = 10 }, 1000, 0, 0);
    assert_in_range(result.due, 290, 310);
    assert_int_equal(result.served, object.calls);
    assert_int_equal(result.response.count, result.due / 10);
}

static void every_operation_is_played_and_counted(void **state)
{
    (void)state;
    open_loop(1000, 0, 0);
    assert_in_range(result.due, 299, 301);
    assert_int_equal(result.served, object.calls);
    assert_int_equal(result.response.count, result.due);
    assert_int_equal(result.service.count, result.served);
}

/* 2,000 a second of a millisecond each: half of them are left over, and are counted as waiting. */
static void too_high_a_rate_is_not_coped_with(void **state)
{
    (void)state;
    open_loop(2000, 1000000, 0);
    assert_false(result.copes);
    assert_true(result.served <= 301 && result.due >= 590);
    assert_int_equal(result.response.count, result.due);
    assert_true(result.response.max >= 100000000);
}

/*
 * The lesson.  One stall of 60 ms holds up all that is due meanwhile, a fifth of all.  From
 * their own beginnings they are fast: one slow operation of 3,000 is beyond every percentile.
 */
static void a_stall_is_seen_by_all_that_were_due(void **state)
{
    (void)state;
    open_loop(10000, 0, 60000000);
    assert_true(object.stalled);
    assert_true(histogram_quantile(&result.response, 0.90) >= 20e6);
    uint64_t slow = 0;
    for (unsigned i = histogram_index(20000000); i < HISTOGRAM_BUCKETS; i++)
        slow += result.service.bucket[i];
    assert_true(slow >= 1 && slow < 100); /* the machine may add a few, never a tenth */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals_are_as_many_as_asked_for),
        cmocka_unit_test(exponential_gaps_are_exponential),
        cmocka_unit_test(bursts_meet),
        cmocka_unit_test(every_operation_is_played_and_counted),
        cmocka_unit_test(a_batch_is_one_call),
        cmocka_unit_test(too_high_a_rate_is_not_coped_with),
        cmocka_unit_test(a_stall_is_seen_by_all_that_were_due),
    };

    return cmocka_run_group_tests_name("open loop", tests, NULL, NULL);
}
