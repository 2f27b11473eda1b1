/*
 * pareto.c - what nothing beats, from made-up rates and the promises of real strategies.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "bench/judge/pareto.h"
#include "bench/judge/promise.h"
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
    assert_true(pareto.cells == CELLS && pareto.threads == 1);
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

/* From the simplest on, by load and by need; and each row says what it has ahead of the faster ones. */
static void one_begins_with_the_simplest(void **state)
{
    static const struct made_up all[] = {
        { "mutex", 1, 20 }, { "mutex", 1, 20 }, { "packed", 10, 12 }, { "direct", 100, 8 },
        { "striped_mutex", 0.5, 25 }, { "null", 200, 0 }, { NULL, 0, 0 },
    };
    const struct pareto_row *begin, *step, *next;
    char because[PARETO_WORDS];

    (void)state;
    fill(all);
    for (unsigned b = 0; b < BLOCKS; b++) /* the load that is hardest for it */
        windows[1][b][0].ops_per_s = windows[1][b][1].ops_per_s = 0.5e6;
    judge();
    begin = pareto_begin(&pareto, NEED_NONE);
    assert_string_equal(contestant_identity(begin->who)->name, "mutex");
    assert_true(begin->least_per_s == 0.5e6);
    for (step = begin; (next = pareto_next(&pareto, step)) != NULL; step = next) {
        assert_true(next->least_per_s >= 1.25 * step->least_per_s);
        for (unsigned i = 0; i < pareto.count; i++) /* no simpler one carries more */
            assert_true(pareto.rows[i].debts >= next->debts || promise_demand(pareto.rows[i].who) ||
                        pareto.rows[i].least_per_s < 1.25 * step->least_per_s);
    }
    assert_ptr_equal(step, &pareto.rows[1]); /* in the end the fastest that anybody can take */
    /* direct asks for less than packed, and for ids that not everybody has. */
    assert_true(pareto.rows[0].debts < pareto.rows[1].debts);
    assert_string_equal(contestant_identity(pareto_begin(&pareto, NEED_LOCK_FREE)->who)->name, "packed");
    assert_null(pareto_begin(&pareto, NEED_LOCK_FREE | NEED_SPARSE | NEED_REUSE));
    assert_string_equal(pareto_because(&pareto, 0, because), "the fastest");
    assert_non_null(strstr(pareto_because(&pareto, 1, because), "promises more than direct"));
    assert_string_equal(pareto_because(&pareto, 2, because), "simpler than all that are as fast");
    /* What is beaten stands behind, with what beats it. */
    assert_string_equal(row(pareto.count), "striped_mutex");
    assert_true(pareto_beats(begin, &pareto.rows[pareto.count]) && pareto.rows[pareto.count].beaten);
}

/* Less than a tenth of the memory is no reason to take something slower. */
static void a_few_bytes_are_no_reason(void **state)
{
    struct made_up all[] = {
        { "mutex", 1, 38 }, { "mutex", 1, 38 }, { "striped_mutex", 3, 41 }, { "null", 200, 0 }, { NULL, 0, 0 },
    };

    (void)state;
    fill(all);
    judge();
    assert_true(pareto.count == 1 && pareto.beaten == 1);
    all[2].bytes = 43;
    fill(all);
    judge();
    assert_true(pareto.count == 2 && pareto.beaten == 0);
}

/* Faster in the mean, and so much slower in the load that is hardest: that one's load is carried by the other. */
static void the_hardest_load_counts(void **state)
{
    static const struct made_up all[] = {
        { "mutex", 1, 20 }, { "mutex", 1, 20 }, { "striped_mutex", 8, 20 }, { "null", 200, 0 }, { NULL, 0, 0 },
    };

    (void)state;
    for (int harder = 0; harder < 2; harder++) {
        fill(all);
        for (unsigned b = 0; b < BLOCKS; b++)
            windows[1][b][2].ops_per_s = harder ? 0.7e6 : 0.9e6;
        judge();
        assert_true(pareto.rows[0].times > 2);
        assert_int_equal(pareto.beaten, !harder);
    }
}

/* Then only what they ask for is known, and the rates that they had at least. */
static void without_a_ranking_the_simplest_is_known(void **state)
{
    static const struct made_up all[] = {
        { "mutex", 2, 20 }, { "mutex", 2, 20 }, { "packed", 10, 12 }, { "striped_mutex", 5, 25 }, { "null", 200, 0 },
        { NULL, 0, 0 },
    };
    double least = 0;

    (void)state;
    fill(all);
    for (unsigned c = 0; c < CELLS; c++)
        cells[c].rejected = BLOCKS;
    judge();
    assert_null(pareto_begin(&pareto, NEED_NONE));
    const struct contestant *begin = pareto_unranked_begin(&family_presence, verdicts, CELLS, &least);
    assert_string_equal(contestant_identity(begin)->name, "mutex");
    assert_true(least == 2e6);
    for (unsigned b = 0; b < BLOCKS; b++)
        windows[1][b][0].error = windows[1][b][1].error = -ENOMEM;
    judge();
    begin = pareto_unranked_begin(&family_presence, verdicts, CELLS, &least);
    assert_string_equal(contestant_identity(begin)->name, "striped_mutex");
    assert_null(pareto_unranked_begin(&family_lock, verdicts, CELLS, &least));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_beaten_is_left_out),
        cmocka_unit_test(cells_are_taken_together),
        cmocka_unit_test(what_is_simplest_stays),
        cmocka_unit_test(peers_are_not_ours),
        cmocka_unit_test(one_begins_with_the_simplest),
        cmocka_unit_test(a_few_bytes_are_no_reason),
        cmocka_unit_test(the_hardest_load_counts),
        cmocka_unit_test(without_a_ranking_the_simplest_is_known),
    };
    int failed = cmocka_run_group_tests_name("pareto", tests, NULL, NULL);

    for (unsigned c = 0; c < CELLS; c++)
        verdict_free(&verdicts[c]);
    pareto_free(&pareto);
    return failed;
}
