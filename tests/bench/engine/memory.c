/*
 * memory.c - growth, backlog, expiry, crowds and scans, on objects of which the answers are known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/family.h"
#include "bench/engine/backlog.h"
#include "bench/engine/disturb.h"
#include "bench/engine/expiry_lag.h"
#include "bench/engine/scan.h"

static cpu_set_t allowed;

static int find_processors(void **state)
{
    (void)state;
    return sched_getaffinity(0, sizeof allowed, &allowed);
}

/* ---- growth and crowds ---- */

static void a_growing_map_is_seen_to_grow(void **state)
{
    struct contestant mutex = contestant_find(&family_presence, "mutex");
    struct growth_result *r = calloc(1, sizeof *r);
    char why[DISTURB_WHY] = "";

    (void)state;
    assert_non_null(r);
    assert_int_equal(disturb_growth(&mutex, &allowed, 100000, r, why), 0);
    const struct growth *g = &r->growing;
    assert_true(g->count > 10 && g->points[g->count - 1].users == 100000);
    for (unsigned i = 1; i < g->count; i++) {
        assert_true(g->points[i].ms >= g->points[i - 1].ms);
        assert_true(g->points[i].users >= g->points[i - 1].users);
    }
    /* Table after table: it ends far above its beginning, and held two at a time. */
    assert_true(g->points[g->count - 1].bytes > 8 * g->points[0].bytes);
    assert_true(g->bytes_peak > g->points[g->count - 1].bytes);
    /* What was made for all of them does not grow. */
    assert_int_equal(r->sized.points[0].bytes, r->sized.points[r->sized.count - 1].bytes);
    assert_true(r->calm.count > 1000 && g->others.count > 0);
    free(r);
}

static void what_cannot_take_part_says_why(void **state)
{
    struct contestant direct = contestant_find(&family_presence, "direct");
    struct contestant faa = contestant_find(&family_counter, "faa");
    struct growth_result *r = calloc(1, sizeof *r);
    struct expiry_lag *lag = calloc(1, sizeof *lag);
    char why[DISTURB_WHY] = "";

    (void)state;
    assert_true(r && lag);
    assert_int_equal(disturb_growth(&direct, &allowed, 1000, r, why), -ENOTSUP);
    assert_non_null(strstr(why, "does not grow"));
    assert_int_equal(disturb_growth(&faa, &allowed, 1000, r, why), -ENOTSUP);
    assert_non_null(strstr(why, "no users"));
    assert_int_equal(expiry_lag_run(&faa, 1000, 1024, lag, why), -ENOTSUP);
    free(r);
    free(lag);
}

static void a_crowd_comes_and_goes(void **state)
{
    static const char *const names[] = { "mutex", "packed" }; /* one with coarse stamps */
    struct mass_wish wish = { .crowd = 5000, .budget = 64, .rounds = 3, .ends_ns = UINT64_MAX };
    struct mass_wish late = wish, few = wish;
    struct mass_result *r = calloc(1, sizeof *r);
    char why[DISTURB_WHY] = "";

    (void)state;
    assert_non_null(r);
    late.ends_ns = 0;
    few.crowd = 200;
    few.budget = 1;
    few.rounds = 2;
    for (size_t i = 0; i < 2; i++) {
        struct contestant who = contestant_find(&family_presence, names[i]);
        assert_int_equal(disturb_mass(&who, &allowed, &wish, r, why), 0);
        assert_int_equal(r->rounds, 3);
        assert_int_equal(r->removed, 3 * 5000);
        assert_true(r->beats_ms > 0 && r->sweep_ms > 0 && r->calm.count > 0);
        /* The time is up: one round, which is the least. */
        assert_int_equal(disturb_mass(&who, &allowed, &late, r, why), 0);
        assert_int_equal(r->rounds, 1);
        /* A slot in a call: what looks at slots must look at more of them than there are users. */
        assert_int_equal(disturb_mass(&who, &allowed, &few, r, why), 0);
        assert_int_equal(r->removed, 2 * 200);
        assert_int_equal(r->among, 200);
    }
    free(r);
}

/* The crowd is swept, and nobody of those who stay; each call is timed. */
static void a_crowd_expires_among_others(void **state)
{
    static const char *const names[] = { "mutex", "packed", "direct" }; /* the last one: ids side by side */
    struct mass_wish wish = { .crowd = 500, .among = 5000, .budget = 64, .rounds = 2,
                              .ends_ns = UINT64_MAX };
    struct mass_result *r = calloc(1, sizeof *r);
    char why[DISTURB_WHY] = "";

    (void)state;
    assert_non_null(r);
    for (size_t i = 0; i < 3; i++) {
        struct contestant who = contestant_find(&family_presence, names[i]);
        assert_int_equal(disturb_mass(&who, &allowed, &wish, r, why), 0);
        assert_int_equal(r->among, 5000);
        assert_int_equal(r->removed, 2 * 500);
        /* The crowd is spread over the whole map, so nearly all of its slots were looked at. */
        assert_true(r->slices.count > 2 * 4500 / 64 && r->slices.max > 0);
        assert_true(r->sweep_cpu_ms > 0 && r->sweep_cpu_ms < 1000);
    }
    free(r);
}

/* ---- counts and walks ---- */

static void counts_and_walks_find_everybody(void **state)
{
    static const char *const names[] = { "mutex", "quotient", "quotient_growing", "direct" };
    struct contestant faa = contestant_find(&family_counter, "faa");
    struct scan_result r;
    char why[DISTURB_WHY] = "";

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct contestant who = contestant_find(&family_presence, names[i]);
        assert_int_equal(scan_run(&who, &allowed, 5000, 0, &r, why), 0);
        assert_true(r.users == 5000 && r.counted == 5000 && r.met == 5000);
        assert_int_equal(r.turns, 3); /* the time is up: the least */
        assert_true(r.bytes >= 5000 * 8 && r.read_bytes == r.bytes);
        assert_true(r.count.best > 0 && r.count.best <= r.count.median);
        assert_true(r.walk.best > 0 && r.read.best > 0);
    }
    assert_int_equal(scan_run(&faa, &allowed, 5000, 0, &r, why), -ENOTSUP);
    assert_non_null(strstr(why, "no users"));
}

/* ---- expiry ---- */

static void expiry_is_as_late_as_the_sweeper(void **state)
{
    struct contestant mutex = contestant_find(&family_presence, "mutex");
    struct contestant packed = contestant_find(&family_presence, "packed");
    struct expiry_lag *r = calloc(1, sizeof *r);
    char why[EXPIRY_WHY] = "";

    (void)state;
    assert_non_null(r);
    /* A whole round every second: nobody stays for longer than that and the step. */
    assert_int_equal(expiry_lag_run(&mutex, 2000, UINT64_MAX, r, why), 0);
    assert_int_equal(r->stopped, 1000);
    assert_int_equal(r->removed, 1000);
    assert_int_equal(r->invisible.count, 1000);
    assert_true(r->invisible.max < EXPIRY_STEP_MS);
    assert_true(r->gone.max > EXPIRY_STEP_MS && r->gone.max < EXPIRY_SWEEP_MS + EXPIRY_STEP_MS);
    assert_int_equal(r->points[r->count - 1].entries, 1000);
    assert_int_equal(r->points[r->count - 1].stale_bytes, 0);
    assert_true(r->sweeps == EXPIRY_END_S && r->sweep_ns > 0);
    /* A hundred entries a second of two thousand: twenty seconds a round, at least. */
    uint64_t prompt = r->gone.max;
    assert_int_equal(expiry_lag_run(&mutex, 2000, 100, r, why), 0);
    assert_true(r->gone.max > 5 * prompt);
    assert_true(r->invisible.max < EXPIRY_STEP_MS);
    /* Ten a second are too few for all. */
    assert_int_equal(expiry_lag_run(&mutex, 2000, 10, r, why), 0);
    assert_true(r->removed < 1000);
    /* Stamps of a second: later than the deadline by less than that, never earlier. */
    assert_int_equal(expiry_lag_run(&packed, 2000, UINT64_MAX, r, why), 0);
    assert_int_equal(r->invisible.count, 1000);
    assert_true(r->invisible.max >= EXPIRY_STEP_MS && r->invisible.max < 1000);
    free(r);
}

/* ---- backlog: what writers leave is freed by readers that pass ---- */

static _Atomic size_t pending;

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

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    (void)s, (void)n, (void)now;
    if (w->at == 0)
        atomic_store(&pending, 0);
    else
        atomic_fetch_add(&pending, 64);
    crew_sleep(100000);
}

static size_t retired(const struct subject *s)
{
    (void)s;
    return atomic_load(&pending);
}

static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    (void)s, (void)workers, (void)count, (void)out;
}

static void a_stopped_reader_piles_up(void **state)
{
    static const struct subject_kind kind = {
        .create = create, .destroy = destroy, .attach = attach, .detach = detach,
        .prefill = prefill, .run = run, .retired = retired, .verify = verify,
    };
    static struct workload workload = { .name = "test", .subject = &kind, .write_percent = 100 };
    struct cell cell = { .workload = &workload, .users = 1, .posts = 1, .threads = 2, .readers = 1 };
    struct contestant contestant = { .family = NULL };
    struct window_settings settings = { .length_ns = 1, .warmup_ns = 1000, .seed = 1,
                                        .allowed = allowed };
    struct window_result out = { .error = 0 };
    static struct backlog_result r;
    struct stage *stage;

    (void)state;
    assert_int_equal(stage_make(&stage, &cell, &contestant, &settings, &out), 0);
    assert_int_equal(backlog_run(stage, 300000000, &r), 0);
    assert_int_equal(stage_end(stage, &out), 0);
    for (int p = 0; p < BACKLOG_PHASES; p++)
        assert_true(r.count[p] > 0 && r.writes_per_s[p] > 0);
    /*
     * While the reader stands still nothing is freed, so what is written in a stop piles up.  Half of the
     * mean is asked for: a sixth of the writes come between two stops, and samples miss the end of one.
     */
    uint64_t before = r.samples[BACKLOG_CALM][r.count[BACKLOG_CALM] - 1].writes;
    uint64_t writes = r.samples[BACKLOG_STALLED][r.count[BACKLOG_STALLED] - 1].writes - before;
    assert_true(writes > 0 && r.peak[BACKLOG_STALLED] > 64 * writes / BACKLOG_STOPS / 2);
    assert_true(r.samples[BACKLOG_AFTER][r.count[BACKLOG_AFTER] - 1].retired <
                r.peak[BACKLOG_STALLED]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_growing_map_is_seen_to_grow),
        cmocka_unit_test(what_cannot_take_part_says_why),
        cmocka_unit_test(a_crowd_comes_and_goes),
        cmocka_unit_test(a_crowd_expires_among_others),
        cmocka_unit_test(counts_and_walks_find_everybody),
        cmocka_unit_test(expiry_is_as_late_as_the_sweeper),
        cmocka_unit_test(a_stopped_reader_piles_up),
    };

    return cmocka_run_group_tests_name("memory", tests, find_processors, NULL);
}
