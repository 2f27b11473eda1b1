/*
 * verdict.c - what a cell tells apart: no more than the reference from itself, and nothing from
 * blocks that were disturbed.
 */
#include <math.h>
#include <string.h>

#include "bench/judge/pick.h"
#include "bench/judge/verdict.h"
#include "tests/support/support.h"

enum { REFERENCE, AGAIN, OTHER, FLOOR, COUNT, BLOCKS = 12 };

struct bench {
    struct contestant contestants[COUNT];
    struct plan_cell plan;
    struct window_result windows[BLOCKS][COUNT];
    struct block blocks[BLOCKS];
    struct measured_cell cell;
    struct cell_verdict verdict;
};

static struct bench *bench;

/* Made-up blocks: of the reference, and of the others against it; `spread` is of the second entry. */
static void fill(double other, double floor, double spread)
{
    static const char *const names[] = { "mutex", "mutex", "faa", "null" };

    verdict_free(&bench->verdict);
    memset(bench, 0, sizeof *bench);
    bench->plan = (struct plan_cell){ .cell = { .workload = workload_find("claps"), .threads = 1 },
                                      .contestants = bench->contestants, .count = COUNT,
                                      .blocks = BLOCKS };
    bench->cell = (struct measured_cell){ .plan = &bench->plan, .blocks = bench->blocks,
                                          .complete = BLOCKS };
    for (unsigned k = 0; k < COUNT; k++)
        bench->contestants[k] = contestant_find(&family_counter, names[k]);
    bench->contestants[AGAIN].again = true;
    for (unsigned b = 0; b < BLOCKS; b++) {
        double drift = 1e7 * (1 + 0.1 * b);
        double rates[] = { drift, drift * pow(spread, b % 2 ? 1 : -1), drift * other, drift * floor };
        bench->blocks[b] = (struct block){ .windows = bench->windows[b], .done = COUNT };
        for (unsigned k = 0; k < COUNT; k++)
            bench->windows[b][k] = (struct window_result){ .ops_per_s = rates[k], .min_share = 0.5 };
    }
}

static void judge(void)
{
    verdict_free(&bench->verdict);
    assert_int_equal(verdict_make(&bench->verdict, &bench->cell, PLACEMENT_NONE, 1), 0);
    pick_make(&bench->verdict, 1);
}

/* The standing of a contestant. */
static const struct standing *stands(unsigned contestant)
{
    for (unsigned i = 0; i < bench->verdict.count; i++)
        if (bench->verdict.standings[i].contestant == contestant)
            return &bench->verdict.standings[i];
    fail();
    return NULL;
}

static void a_difference_beyond_3_percent_is_told(void **state)
{
    (void)state;
    fill(1.05, 10, 1.001);
    judge();
    assert_true(bench->verdict.margin == VERDICT_MARGIN && verdict_ranks(&bench->verdict));
    assert_int_equal(stands(OTHER)->verdict, VERDICT_FASTER);
    assert_true(stands(REFERENCE)->ratio.low == 1 && stands(REFERENCE)->ratio.high == 1);
    assert_true(stands(OTHER)->ratio.low < 1.05 && stands(OTHER)->ratio.high > 1.05);
    assert_int_equal(bench->verdict.standings[bench->verdict.pick].contestant, OTHER);
}

static void a_peer_is_ranked_and_not_picked(void **state)
{
    (void)state;
    fill(2, 10, 1.001);
    bench->contestants[OTHER].peer = true;
    judge();
    assert_int_equal(stands(OTHER)->verdict, VERDICT_FASTER);
    assert_int_equal(bench->verdict.standings[bench->verdict.pick].contestant, REFERENCE);
}

/* Where the reference is 8 % off itself or more, 5 % are a tie, and so are they for the pick. */
static void nothing_finer_than_the_resolution_is_told(void **state)
{
    (void)state;
    fill(1.05, 10, 1.08);
    judge();
    assert_true(bench->verdict.margin > 1.08 && bench->verdict.margin < 1.11 && verdict_ranks(&bench->verdict));
    assert_int_equal(stands(OTHER)->verdict, VERDICT_TIE);
    assert_non_null(strstr(bench->verdict.reason, "as fast"));
    fill(1.2, 10, 1.08);
    judge();
    assert_int_equal(stands(OTHER)->verdict, VERDICT_FASTER);
    fill(1 / 1.2, 10, 1.08);
    judge();
    assert_int_equal(stands(OTHER)->verdict, VERDICT_SLOWER);
}

/* Neither told apart nor known to be as fast: stronger promises are no reason to take it. */
static void what_may_be_half_as_fast_is_no_tie(void **state)
{
    static const double others[] = { 0.3, 0.9, 0.95, 2 };

    (void)state;
    fill(1, 10, 1.001);
    for (unsigned b = 0; b < BLOCKS; b++)
        bench->windows[b][OTHER].ops_per_s *= others[b % 4];
    judge();
    assert_int_equal(stands(OTHER)->verdict, VERDICT_TIE);
    assert_int_equal(bench->verdict.standings[bench->verdict.pick].contestant, REFERENCE);
    assert_non_null(strstr(bench->verdict.reason, "may be as fast"));
    /* As often, but never slower by more than a tenth. */
    fill(0.95, 10, 1.001);
    judge();
    assert_int_equal(bench->verdict.standings[bench->verdict.pick].contestant, REFERENCE);
    fill(0.99, 10, 1.001);
    judge();
    assert_int_equal(bench->verdict.standings[bench->verdict.pick].contestant, OTHER);
}

/* A counter for numbered readers is no pick, and is not hidden behind one that is called the fastest. */
static void what_asks_for_something_stands_beside_the_pick(void **state)
{
    static const char *const names[] = { "bitmap", "bitmap", "hyperloglog", "null" };

    (void)state;
    if (!contestant_find(&family_distinct, names[OTHER]).ops)
        skip();
    for (int close = 0; close < 2; close++) {
        fill(close ? 0.99 : 0.5, 10, close ? 1.05 : 1.001);
        bench->plan.cell.workload = workload_find("clappers");
        for (unsigned k = 0; k < COUNT; k++)
            bench->contestants[k] = contestant_find(&family_distinct, names[k]);
        bench->contestants[AGAIN].again = true;
        judge();
        assert_int_equal(bench->verdict.standings[bench->verdict.pick].contestant, OTHER);
        assert_non_null(strstr(bench->verdict.reason, "the fastest unless readers are numbered"));
        assert_non_null(strstr(bench->verdict.reason, close ? "bitmap, which is not told apart from it"
                                                            : "bitmap, 2.00"));
    }
}

/* As fast as per_thread is rcu, which promises more, and asks for a library besides. */
static void of_those_that_are_as_fast_the_simplest_is_picked(void **state)
{
    static const char *const names[] = { "rcu", "rcu", "per_thread", "null" };
    struct contestant found = contestant_find(&family_counter, "rcu");

    (void)state;
    if (!contestant_exists(&found))
        skip();
    fill(0.99, 10, 1.001);
    for (unsigned k = 0; k < COUNT; k++)
        bench->contestants[k] = contestant_find(&family_counter, names[k]);
    bench->contestants[AGAIN].again = true;
    judge();
    assert_int_equal(bench->verdict.standings[bench->verdict.pick].contestant, OTHER);
    assert_non_null(strstr(bench->verdict.reason, "rcu is as fast, and per_thread is simpler"));
}

static void too_coarse_a_cell_ranks_nothing(void **state)
{
    (void)state;
    fill(9, 10, 1.3);
    judge();
    assert_true(bench->verdict.coarse && !verdict_ranks(&bench->verdict));
    assert_int_equal(stands(OTHER)->verdict, VERDICT_NOISY);
    assert_int_equal(bench->verdict.pick, -1);
    assert_non_null(strstr(bench->verdict.reason, "25 %"));
    assert_true(stands(OTHER)->ops_per_s > 1e7);
}

static void disturbed_blocks_show_medians_and_rank_nothing(void **state)
{
    (void)state;
    fill(9, 10, 1.001);
    for (unsigned b = 0; b < BLOCKS; b++)
        bench->blocks[b].rejected = "of the test";
    bench->cell.rejected = BLOCKS;
    judge();
    assert_int_equal(bench->verdict.blocks, 0);
    assert_int_equal(stands(OTHER)->verdict, VERDICT_NOISY);
    assert_int_equal(bench->verdict.pick, -1);
    assert_true(fabs(stands(OTHER)->ratio.middle - 9) < 1e-6 && stands(OTHER)->min_share == 0.5);
    /* One that was not disturbed is enough for figures of its own, and too little to rank. */
    bench->blocks[0].rejected = NULL;
    bench->cell.rejected--;
    judge();
    assert_true(bench->verdict.blocks == 1 && stands(OTHER)->blocks == 1 && bench->verdict.noisy);
}

static void what_is_level_with_the_harness_is_marked(void **state)
{
    (void)state;
    fill(10, 10.2, 1.001);
    judge();
    assert_true(stands(OTHER)->at_floor && !stands(REFERENCE)->at_floor && !stands(FLOOR)->at_floor);
    fill(9, 10.2, 1.001);
    judge();
    assert_false(stands(OTHER)->at_floor);
}

static int free_verdict(void **state)
{
    (void)state;
    verdict_free(&bench->verdict);
    memset(bench, 0, sizeof *bench);
    return 0;
}

int main(void)
{
    static struct bench the_bench;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_difference_beyond_3_percent_is_told, free_verdict),
        cmocka_unit_test_teardown(a_peer_is_ranked_and_not_picked, free_verdict),
        cmocka_unit_test_teardown(nothing_finer_than_the_resolution_is_told, free_verdict),
        cmocka_unit_test_teardown(what_may_be_half_as_fast_is_no_tie, free_verdict),
        cmocka_unit_test_teardown(what_asks_for_something_stands_beside_the_pick, free_verdict),
        cmocka_unit_test_teardown(of_those_that_are_as_fast_the_simplest_is_picked, free_verdict),
        cmocka_unit_test_teardown(too_coarse_a_cell_ranks_nothing, free_verdict),
        cmocka_unit_test_teardown(disturbed_blocks_show_medians_and_rank_nothing, free_verdict),
        cmocka_unit_test_teardown(what_is_level_with_the_harness_is_marked, free_verdict),
    };

    bench = &the_bench;
    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
