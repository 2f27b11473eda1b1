/*
 * answer.c - one advice from the short answer to the last load, in the text and in the file; from made-up rates.
 */
#include <string.h>

#include "bench/judge/pick.h"
#include "bench/report/results.h"
#include "bench/report/tails.h"
#include "tests/support/support.h"

enum { COUNT = 5, BLOCKS = 4, CELLS = 2 };

struct rates {
    const struct family *family;
    const char *workloads[CELLS];
    struct {
        const char *name;
        double rate;
    } of[COUNT];
};

static const struct rates counters = {
    &family_counter, { "claps", "claps_99_1" },
    { { "mutex", 1 }, { "mutex", 1 }, { "faa", 2 }, { "per_thread", 100 }, { "null", 200 } },
};

/* The second time the same, since there are no more: it does not tell from itself. */
static const struct rates readers = {
    &family_distinct, { "clappers", "clappers" },
    { { "bitmap", 1 }, { "bitmap", 1 }, { "hyperloglog", 2 }, { "null", 200 }, { "null", 200 } },
};

static const struct rates *all = &counters;

static struct contestant contestants[COUNT];
static struct plan_cell plans[CELLS];
static struct window_result windows[BLOCKS][COUNT];
static struct block blocks[BLOCKS];
static struct measured_cell cells[CELLS];
static struct cell_verdict verdicts[CELLS];
static struct run_options options;
static struct plan plan = { .cells = plans, .count = CELLS };
static struct measurement m = { .plan = &plan, .options = &options, .cells = cells };
static struct tails none;
static struct trial_kind kind;
static const struct report report = { .m = &m, .cells = verdicts, .kind = &kind, .tails = &none };

/* One cell of one thread and one of `threads`, of which so many blocks were rejected. */
static void judge(unsigned threads, unsigned rejected)
{
    for (unsigned k = 0; k < COUNT; k++) {
        contestants[k] = contestant_find(all->family, all->of[k].name);
        contestants[k].again = k == 1;
        for (unsigned b = 0; b < BLOCKS; b++) {
            blocks[b] = (struct block){ .windows = windows[b], .done = COUNT };
            windows[b][k] = (struct window_result){ .ops_per_s = 1e6 * all->of[k].rate,
                                                    .bytes_per_item = k == 3 ? 200 : 16 };
        }
    }
    for (unsigned c = 0; c < CELLS; c++) {
        plans[c] = (struct plan_cell){ .cell = { .workload = workload_find(all->workloads[c]),
                                                 .threads = c ? threads : 1 },
                                       .contestants = contestants, .count = COUNT, .blocks = BLOCKS };
        cells[c] = (struct measured_cell){ .plan = &plans[c], .blocks = blocks, .complete = BLOCKS,
                                           .rejected = rejected };
        verdict_free(&verdicts[c]);
        assert_int_equal(verdict_make(&verdicts[c], &cells[c], PLACEMENT_NONE, 1), 0);
        pick_make(&verdicts[c], 1);
    }
}

/* What a part of the report prints, in one line with single blanks. */
static char *printed(void (*part)(FILE *, const struct report *))
{
    char *text = NULL, *to;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    part(out, &report);
    assert_int_equal(fclose(out), 0);
    to = text;
    for (const char *at = text; *at; at++)
        if (*at != ' ' && *at != '\n')
            *to++ = *at;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    *to = '\0';
    return text;
}

static void assert_says(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("no '%s' in: %s", words, text);
}

static void one_advice_runs_through_the_text(void **state)
{
    (void)state;
    judge(2, 0);
    char *answer = printed(report_answer), *loads = printed(report_loads);
    assert_says(answer, "CLAP COUNTERS: begin with faa. It is the simplest that is not beaten, asks for nothing, "
                        "and carries 20 Mu in the hardest of the cells that could be ranked. 2 of 3 are not beaten.");
    assert_says(answer, "per_thread: the fastest; asks for");
    assert_says(answer, "faa: simpler than per_thread; asks for nothing");
    assert_says(answer, "What would change it, and what would not: More load than 20 Mu? Then per_thread, up to 1,000 Mu.");
    assert_says(answer, "Must answers be exact at any time? Still faa; not per_thread.");
    assert_null(strstr(answer, "Only cells of one thread"));
    /* Words come before what is said in them. */
    static const char *const words[] = { "A strategy is one way", "It is beaten if", "Simple is what", "1 Mu is 100,000",
                                         "blocking, if", "lock-free, if", "wait-free, if", "Exact is an answer" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_says(answer, words[i]);
        assert_true(strstr(answer, words[i]) < strstr(answer, "CLAP COUNTERS"));
    }
    assert_says(loads, "counter/claps/threads:1: faa carries 20 Mu. per_thread is the fastest, 100");
    assert_says(loads, "counter/claps_99_1/threads:2: faa carries 20 Mu. per_thread is the fastest, 100");
    free(answer);
    free(loads);
}

static void the_file_says_the_same(void **state)
{
    (void)state;
    judge(2, 0);
    json_t *answers = report_answer_json(&report), *a = json_array_get(answers, 0);
    const char *first, *then, *beaten, *by, *because;
    double up_to;
    assert_int_equal(json_array_size(answers), 1);
    assert_int_equal(json_unpack(a, "{s:[{s:s,s:f},{s:s}], s:[{s:s,s:[s]}], s:[{s:s}]}", "ladder", "strategy", &first,
                                 "up_to_per_s", &up_to, "strategy", &then, "others", "strategy", &beaten,
                                 "beaten_by", &by, "candidates", "because", &because), 0);
    assert_string_equal(first, "faa");
    assert_true(up_to == 2e6);
    assert_string_equal(then, "per_thread");
    assert_string_equal(beaten, "mutex");
    assert_string_equal(by, "faa");
    assert_string_equal(because, "the fastest");
    json_decref(answers);
}

/* What only some can take is no beginning, and named where it is simpler, and where a need leaves nothing else. */
static void what_only_some_can_take_is_said(void **state)
{
    (void)state;
    if (!contestant_find(readers.family, "hyperloglog").ops || !contestant_find(readers.family, "bitmap").ops)
        skip();
    all = &readers;
    judge(2, 0);
    char *answer = printed(report_answer);
    all = &counters;
    assert_says(answer, "DISTINCT CLAPPERS: begin with hyperloglog. It is the simplest that anybody can take and that is not "
                        "beaten, asks for patience with inexact answers, and carries 20 Mu");
    assert_says(answer, "bitmap: simpler than hyperloglog; asks for ids narrower than 64 bits");
    assert_says(answer, "If readers are numbered: bitmap, up to 10 Mu.");
    assert_says(answer, "Are ids anything but 0, 1, 2 ...? Still hyperloglog; not bitmap.");
    assert_null(strstr(answer, "never more threads than processors"));
    assert_says(answer, "Must answers be exact at any time? Then bitmap, if readers are numbered; not hyperloglog.");
    free(answer);
}

/* Of one thread alone nothing is known about contention; of none at all, only what they ask for. */
static void what_is_not_known_is_said(void **state)
{
    (void)state;
    judge(1, 0);
    char *answer = printed(report_answer);
    assert_says(answer, "Only cells of one thread could be ranked");
    free(answer);
    judge(2, BLOCKS);
    answer = printed(report_answer);
    char *loads = printed(report_loads);
    assert_says(answer, "CLAP COUNTERS: no answer, since none of 2 cells could be ranked.");
    assert_says(answer, "Until then begin with mutex");
    assert_says(answer, "its lowest median is 10 Mu even so");
    assert_says(loads, "threads:2: mutex carries 10 Mu; no pick: more than 30 % of the blocks were disturbed");
    free(answer);
    free(loads);
}

/* Most of a short run is start-up, which would be multiplied by all the windows that it did not have. */
static void a_budget_that_ended_early_says_what_the_plan_takes(void **state)
{
    (void)state;
    judge(2, 0);
    cells[0].complete = cells[1].complete = 1;
    plan.seconds = 95;
    options = (struct run_options){ .budget_s = 1, .no_floors = true };
    m.out_of_budget = true;
    m.ended_ns = 14000000000;
    char *advice = printed(report_advice);
    assert_says(advice, "The budget of 1 s ended 2 cells before the planned blocks");
    assert_says(advice, "About --budget=110 is wanted for all of them");
    free(advice);
    /* A machine that is slower than the plan thought has needed its budget for half of the blocks. */
    cells[0].complete = cells[1].complete = 2;
    options.budget_s = 120;
    m.ended_ns = 120000000000;
    advice = printed(report_advice);
    assert_says(advice, "About --budget=270 is wanted for all of them");
    free(advice);
    m.out_of_budget = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_advice_runs_through_the_text),
        cmocka_unit_test(the_file_says_the_same),
        cmocka_unit_test(what_only_some_can_take_is_said),
        cmocka_unit_test(what_is_not_known_is_said),
        cmocka_unit_test(a_budget_that_ended_early_says_what_the_plan_takes),
    };
    int failed = cmocka_run_group_tests_name("answer", tests, NULL, NULL);

    for (unsigned c = 0; c < CELLS; c++)
        verdict_free(&verdicts[c]);
    return failed;
}
