/*
 * tails.c - how late operations are: whose tails are measured, where, and for how long.
 * The rates are made up; the open loops are real, and no figure of theirs is asserted.
 */
#include <math.h>
#include <string.h>

#include "bench/judge/pareto.h"
#include "bench/report/tails.h"
#include "locks/parts/platform.h"
#include "tests/support/support.h"

enum { COUNT = 5, BLOCKS = 4, CELLS = 3 };

static const struct {
    const char *name;
    double rate;
} all[COUNT] = { { "mutex", 1 }, { "mutex", 1 }, { "faa", 10 }, { "cas", 5 }, { "null", 200 } };

static struct contestant contestants[CELLS][COUNT];
static struct plan_cell plans[CELLS];
static struct window_result windows[CELLS][BLOCKS][COUNT];
static struct block blocks[CELLS][BLOCKS];
static struct measured_cell cells[CELLS];
static struct cell_verdict verdicts[CELLS];
static struct run_options options;
static struct plan plan = { .cells = plans, .count = CELLS };
static struct measurement m = { .plan = &plan, .options = &options, .cells = cells };
static const struct report report = { .m = &m, .cells = verdicts };

/* Cells of one thread, two threads, and more than there are processors. */
static int make(void **state)
{
    static const unsigned threads[CELLS] = { 1, 2, WINDOW_MAX_THREADS };

    (void)state;
    options = (struct run_options){ .budget_s = 1000, .quiet = true, .seed = 1 };
    if (sched_getaffinity(0, sizeof m.allowed, &m.allowed) != 0)
        return -1;
    for (unsigned c = 0; c < CELLS; c++) {
        plans[c] = (struct plan_cell){ .cell = { .workload = workload_find("claps"),
                                                 .threads = threads[c] },
                                       .contestants = contestants[c], .count = COUNT,
                                       .blocks = BLOCKS };
        cells[c] = (struct measured_cell){ .plan = &plans[c], .blocks = blocks[c],
                                           .complete = BLOCKS };
        for (unsigned k = 0; k < COUNT; k++) {
            contestants[c][k] = contestant_find(&family_counter, all[k].name);
            contestants[c][k].again = k == 1;
            for (unsigned b = 0; b < BLOCKS; b++) {
                blocks[c][b] = (struct block){ .windows = windows[c][b], .done = COUNT };
                windows[c][b][k] = (struct window_result){ .ops_per_s = 1e6 * all[k].rate,
                                                           .bytes_per_item = 16 };
            }
        }
        if (verdict_make(&verdicts[c], &cells[c], PLACEMENT_NONE, 1) != 0)
            return -1;
    }
    return 0;
}

/* As if the blocks had taken so long. */
static struct tails measured_after(double seconds)
{
    struct tails t = { 0 };

    m.started_ns = contend_clock_ns() - (uint64_t)(1e9 * seconds);
    tails_measure(&t, &report);
    return t;
}

static void every_row_of_the_answer_has_a_tail(void **state)
{
    struct tails t = measured_after(40);
    struct pareto p;
    unsigned cpus = (unsigned)CPU_COUNT(&m.allowed);

    (void)state;
    assert_int_equal(pareto_make(&p, &family_counter, verdicts, CELLS), 0);
    assert_true(p.count >= 1);
    assert_int_equal(t.count, p.count);
    for (unsigned i = 0; i < p.count; i++) {
        const struct tail *tail = tails_find(&t, p.rows[i].who);
        assert_non_null(tail);
        assert_true(tail->p999_ns > 0 && isfinite(tail->p999_ns));
        assert_int_equal(tail->cell->cell.threads, cpus < 2 ? 1 : 2);
        assert_true(tail->who >= tail->cell->contestants &&
                    tail->who < tail->cell->contestants + COUNT);
    }
    assert_null(tails_find(&t, &contestants[0][4])); /* the harness is in no answer */
    pareto_free(&p);
    tails_free(&t);
}

/* No time, no figure; the rows are there. */
static void short_runs_and_spent_budgets_have_none(void **state)
{
    struct tails brief = measured_after(0.01), spent;

    (void)state;
    options.budget_s = 1;
    options.begun_ns = contend_clock_ns() - UINT64_C(2000000000);
    spent = measured_after(40);
    assert_true(brief.count > 0 && spent.count == brief.count);
    for (unsigned i = 0; i < brief.count; i++)
        assert_true(isnan(brief.of[i].p999_ns) && isnan(spent.of[i].p999_ns));
    tails_free(&brief);
    tails_free(&spent);
}

/* What ranks nothing answers nothing. */
static void noisy_cells_have_none(void **state)
{
    (void)state;
    for (unsigned c = 0; c < CELLS; c++)
        verdicts[c].noisy = true;
    struct tails t = measured_after(40);
    assert_int_equal(t.count, 0);
    tails_free(&t);
}

static int end(void **state)
{
    (void)state;
    for (unsigned c = 0; c < CELLS; c++)
        verdict_free(&verdicts[c]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_answer_has_a_tail),
        cmocka_unit_test(short_runs_and_spent_budgets_have_none),
        cmocka_unit_test(noisy_cells_have_none),
    };

    return cmocka_run_group_tests(tests, make, end) ? 1 : 0;
}
