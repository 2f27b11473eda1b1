/*
 * stall.c - trials on objects of which it is known which operations wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "bench/engine/stall.h"

/* Which workers take the lock, for as long as an operation takes. */
enum who_locks { NOBODY, WRITERS, EVERYBODY };

static struct {
    enum who_locks who;
    pthread_mutex_t lock;
    _Atomic size_t retired; /* what writers leave behind; readers that stand still keep it */
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
    (void)s, (void)seed;
    w->at = number;
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

static void work(uint64_t ns)
{
    for (uint64_t end = contend_clock_ns() + ns; contend_clock_ns() < end;)
        contend_cpu_relax();
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    bool writes = w->at >= STALL_EACH;
    bool locks = object.who == EVERYBODY || (object.who == WRITERS && writes);

    (void)s, (void)n, (void)now;
    if (locks)
        pthread_mutex_lock(&object.lock);
    work(5000);
    if (locks)
        pthread_mutex_unlock(&object.lock);
    if (writes)
        atomic_fetch_add(&object.retired, 8);
}

static size_t retired(const struct subject *s)
{
    (void)s;
    return atomic_load(&object.retired);
}

static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    (void)s, (void)workers, (void)count, (void)out;
}

static const struct subject_kind kind = {
    .create = create, .destroy = destroy, .attach = attach, .detach = detach, .prefill = prefill,
    .run = run, .retired = retired, .verify = verify,
};

static struct stall_result result;

static void try_with(enum who_locks who, uint64_t ends_ns)
{
    static struct workload workload = { .name = "test", .subject = &kind, .write_percent = 100 };
    struct cell cell = { .workload = &workload, .users = 1, .posts = 1, .threads = STALL_THREADS,
                         .readers = STALL_EACH };
    struct contestant contestant = { .family = NULL };
    struct window_settings settings = { .length_ns = 1, .warmup_ns = 1000, .seed = 1 };
    struct stall_plan plan = { .trials = 40, .enough = 3, .patience_ns = 200000000,
                               .stop_ns = 20000000, .ends_ns = ends_ns, .seed = 1 };
    struct window_result out = { .error = 0 };
    struct stage *stage;

    object.who = who;
    pthread_mutex_init(&object.lock, NULL);
    assert_int_equal(sched_getaffinity(0, sizeof settings.allowed, &settings.allowed), 0);
    assert_int_equal(stage_make(&stage, &cell, &contestant, &settings, &out), 0);
    assert_int_equal(stall_run(stage, &plan, &result), 0);
    assert_int_equal(stage_end(stage, &out), 0);
    pthread_mutex_destroy(&object.lock);
}

static void who_needs_nobody_goes_on(void **state)
{
    (void)state;
    try_with(NOBODY, UINT64_MAX);
    for (unsigned s = 0; s < STALL_ROLES; s++)
        for (unsigned w = 0; w < STALL_ROLES; w++) {
            assert_int_equal(result.pair[s][w].trials + result.pair[s][w].starved, 40);
            assert_true(result.pair[s][w].trials > 0);
            assert_int_equal(result.pair[s][w].blocked, 0);
        }
    assert_false(result.cut_short);
    /* The other writer went on retiring. */
    assert_true(result.stop[STAGE_WORKERS].calm_per_s > 0);
    assert_true(result.stop[STAGE_READERS].retired_after > result.stop[STAGE_READERS].retired_before);
}

static void who_waits_for_a_lock_is_seen(void **state)
{
    (void)state;
    try_with(WRITERS, UINT64_MAX);
    assert_true(result.pair[STAGE_WORKERS][STAGE_WORKERS].blocked >= 1);
    assert_int_equal(result.pair[STAGE_WORKERS][STAGE_READERS].blocked, 0);
    assert_int_equal(result.pair[STAGE_READERS][STAGE_WORKERS].blocked, 0);
    assert_int_equal(result.pair[STAGE_READERS][STAGE_READERS].blocked, 0);
    try_with(EVERYBODY, UINT64_MAX);
    for (unsigned s = 0; s < STALL_ROLES; s++)
        for (unsigned w = 0; w < STALL_ROLES; w++) {
            assert_true(result.pair[s][w].blocked >= 1);
            /* Once it is known, it is not tried again. */
            assert_true(result.pair[s][w].blocked <= 3);
        }
}

static void the_budget_ends_it(void **state)
{
    (void)state;
    try_with(EVERYBODY, contend_clock_ns());
    assert_true(result.cut_short);
    assert_int_equal(result.pair[STAGE_READERS][STAGE_READERS].trials, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_needs_nobody_goes_on),
        cmocka_unit_test(who_waits_for_a_lock_is_seen),
        cmocka_unit_test(the_budget_ends_it),
    };

    return cmocka_run_group_tests_name("stall", tests, NULL, NULL);
}
