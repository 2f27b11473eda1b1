/*
 * pareto.c - what nothing beats, from made-up rates and the promises of real strategies.
 */
#include <math.h>
#include <string.h>

#include "bench/judge/pareto.h"
#include "tests/support/support.h"

enum { MOST = 8, BLOCKS = 4, CELLS = 2 };

struct made_up {
    const char *name;
    double rate, bytes;
};

static struct contestant contestants[MOST];
static struct plan_cell plans[CELLS];
static struct window_result windows[CELLS][BLOCKS][MOST];
static struct block blocks[CELLS][BLOCKS];
static struct measured_cell cells[CELLS];
static struct cell_verdict verdicts[CELLS];
static struct pareto pareto;

/* The reference first, and its second entry behind it. */
static void fill(const struct made_up *all)
{
    unsigned count = 0;

    for (; all[count].name; count++) {
        contestants[count] = contestant_find(&family_presence, all[count].name);
        assert_true(contestant_exists(&contestants[count]));
        contestants[count].again = count == 1;
    }
    for (unsigned c = 0; c < CELLS; c++) {
        plans[c] = (struct plan_cell){ .cell = { .workload = workload_find("heartbeats"),
                                                 .users = 1000, .threads = 1 },
                                       .contestants = contestants, .count = count,
                                       .blocks = BLOCKS };
        cells[c] = (struct measured_cell){ .plan = &plans[c], .blocks = blocks[c],
                                           .complete = BLOCKS };
        for (unsigned b = 0; b < BLOCKS; b++) {
            blocks[c][b] = (struct block){ .windows = windows[c][b], .done = count };
            for (unsigned k = 0; k < count; k++)
                windows[c][b][k] = (struct window_result){ .ops_per_s = 1e6 * all[k].rate,
                                                           .bytes_per_item = all[k].bytes };
        }
    }
}

static void judge(void)
{
    for (unsigned c = 0; c < CELLS; c++) {
        verdict_free(&verdicts[c]);
        assert_int_equal(verdict_make(&verdicts[c], &cells[c], PLACEMENT_NONE, 1), 0);
    }
    pareto_free(&pareto);
    assert_int_equal(pareto_make(&pareto, &family_presence, verdicts, CELLS), 0);
}

static const char *row(unsigned i)
{
    return contestant_identity(pareto.rows[i].who)->name;
}

static void what_is_beaten_is_left_out(void **state)
{
    static const struct made_up all[] = {
        { "mutex", 1, 20 }, { "mutex", 1, 20 }, { "packed", 10, 12 }, { "direct", 100, 8 },
        { "striped_mutex", 0.5, 25 }, { "null", 200, 0 }, { "lost_heartbeat", 150, 1 }, { NULL, 0, 0 },
    };

    (void)state;
    fill(all);
    judge();
    assert_int_equal(pareto.cells, CELLS);
    assert_int_equal(pareto.count, 3);
    assert_string_equal(row(0), "direct");
    assert_string_equal(row(1), "packed"); /* direct is better in all, but not for any ids */
    assert_string_equal(row(2), "mutex");
    assert_int_equal(pareto.beaten, 1);
    assert_true(fabs(pareto.rows[1].times - 10) < 1e-6 && pareto.rows[1].bytes == 12);
    assert_true(pareto.questions >= 2 && pareto.question[0] == NEED_SPARSE &&
                pareto.question[1] == NEED_REUSE);
    assert_true(needs_unmet(NEED_SPARSE, pareto.rows[0].who) && !needs_unmet(NEED_SPARSE, pareto.rows[1].who));
    for (unsigned i = 0; i < pareto.questions; i++) { /* each leaves some, and not all */
        unsigned unmet = 0;
        for (unsigned k = 0; k < pareto.count; k++)
            unmet += needs_unmet(pareto.question[i], pareto.rows[k].who) != NEED_NONE;
        assert_true(unmet > 0 && unmet < pareto.count);
    }
}

/* The mean over cells is geometric, and the memory is the greatest. */
static void cells_are_taken_together(void **state)
{
    static const struct made_up all[] = {
        { "mutex", 1, 20 }, { "mutex", 1, 20 }, { "striped_mutex", 2, 30 }, { "null", 200, 0 },
        { NULL, 0, 0 },
    };

    (void)state;
    fill(all);
    for (unsigned b = 0; b < BLOCKS; b++) {
        windows[1][b][2].ops_per_s = 8e6;
        windows[1][b][2].bytes_per_item = 40;
    }
    judge();
    assert_int_equal(pareto.count, 2);
    assert_true(fabs(pareto.rows[0].times - 4) < 1e-6 && pareto.rows[0].bytes == 40);
    /* Skipped in one of the cells: not considered. */
    for (unsigned b = 0; b < BLOCKS; b++)
        windows[1][b][2] = (struct window_result){ .error = -ENOTSUP, .skipped = true };
    judge();
    assert_true(pareto.count == 1 && pareto.partial == 1);
    assert_string_equal(row(0), "mutex");
    /* A cell that ranks nothing does not count. */
    cells[1].rejected = BLOCKS;
    judge();
    assert_true(pareto.cells == 1 && pareto.count == 2 && pareto.partial == 0);
    cells[0].rejected = BLOCKS;
    judge();
    assert_true(pareto.cells == 0 && pareto.count == 0);
}

static void peers_are_not_ours(void **state)
{
    static const struct made_up all[] = {
        { "mutex", 1, 20 }, { "mutex", 1, 20 }, { "packed", 10, 12 }, { "null", 200, 0 }, { NULL, 0, 0 },
    };

    (void)state;
    fill(all);
    judge();
    assert_int_equal(pareto.count, 2);
    contestants[2].peer = true;
    judge();
    assert_true(pareto.count == 1 && pareto.beaten == 0 && pareto.partial == 0);
    contestants[2].peer = false;
}

/* Faster, smaller, and with every promise of the mutex, but it asks for a library. */
static void what_is_simplest_stays(void **state)
{
    static const struct made_up all[] = {
        { "mutex", 1, 20 }, { "mutex", 1, 20 }, { "urcu_lfht", 5, 10 }, { "null", 200, 0 },
        { NULL, 0, 0 },
    };
    struct contestant found = contestant_find(&family_presence, "urcu_lfht");

    (void)state;
    if (!contestant_exists(&found))
        skip();
    fill(all);
    judge();
    assert_int_equal(pareto.count, 2);
    assert_true(pareto.rows[0].debts > pareto.rows[1].debts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_beaten_is_left_out),
        cmocka_unit_test(cells_are_taken_together),
        cmocka_unit_test(what_is_simplest_stays),
        cmocka_unit_test(peers_are_not_ours),
    };
    int failed = cmocka_run_group_tests_name("pareto", tests, NULL, NULL);

    for (unsigned c = 0; c < CELLS; c++)
        verdict_free(&verdicts[c]);
    pareto_free(&pareto);
    return failed;
}
