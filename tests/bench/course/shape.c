/*
 * shape.c - the sentences of a shape, on results whose figures are known; pages of a course.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/course/page.h"
#include "bench/course/shape.h"

static const char results[] =
    "{\"cells\": [{\"name\": \"claps/1\", \"workload\": \"claps\", \"threads\": 1, \"noisy\": false,"
    " \"strategies\": [{\"strategy\": \"faa\", \"ops_per_s\": 400.0, \"ratio\": {\"low\": 7.5}},"
    "                  {\"strategy\": \"mutex\", \"ops_per_s\": 50.0, \"wide\": true}],"
    " \"blocks\": [{\"windows\": [{\"strategy\": \"faa\", \"ops_per_s\": 1.0}]}]},"
    " {\"name\": \"claps/2\", \"workload\": \"claps\", \"threads\": 2, \"noisy\": true,"
    " \"strategies\": [{\"strategy\": \"faa\", \"ops_per_s\": 200.0},"
    "                  {\"strategy\": \"mutex\", \"ops_per_s\": null}]}],"
    " \"costs\": [{\"detector\": \"phi\", \"ns\": 3}, {\"detector\": \"ttl\", \"ns\": 2}]}";

static const struct case_of_claim {
    const char *claim;
    enum claim_verdict verdict;
    bool disturbed;
} claims[] = {
    { "ops_per_s of faa at threads=1 > ops_per_s of mutex at threads=1", CLAIM_HOLDS, false },
    { "ops_per_s of faa at threads=1 > 7.9 x ops_per_s of mutex at threads=1", CLAIM_HOLDS, false },
    { "ops_per_s of faa at threads=1 > 8.1 x ops_per_s of mutex at threads=1", CLAIM_FAILS, false },
    { "0.5 x ops_per_s of faa at threads=1 < 201", CLAIM_HOLDS, false },
    { "ops_per_s of faa at threads=1, workload=claps < 400", CLAIM_FAILS, false },
    { "ratio.low of faa > 7.4", CLAIM_HOLDS, false },
    { "wide of mutex > 0", CLAIM_HOLDS, false },
    { "ns of phi > ns of ttl", CLAIM_HOLDS, false },
    { "ops_per_s of faa at threads=2 > 100", CLAIM_HOLDS, true },
    /* The largest of several; it is disturbed if one of them is. */
    { "most ops_per_s of faa > 399", CLAIM_HOLDS, true },
    { "most ops_per_s of faa > 401", CLAIM_FAILS, true },
    /* Asked badly, not there, or not known: */
    { "ops_per_s of faa > 1", CLAIM_UNKNOWN, false },
    { "ops_per_s of cas > 1", CLAIM_UNKNOWN, false },
    { "ops_per_s of faa at threads=3 > 1", CLAIM_UNKNOWN, false },
    { "ops_per_s of mutex at threads=2 > 1", CLAIM_UNKNOWN, false },
    /* What was printed, and how it ended: */
    { "exit 1", CLAIM_HOLDS, false },
    { "exit 0", CLAIM_FAILS, false },
    { "prints \"two lines of words\"", CLAIM_HOLDS, false },
    { "prints \"three lines\"", CLAIM_FAILS, false },
    { "prints no \"three lines\"", CLAIM_HOLDS, false },
    { "prints no \"two lines\"", CLAIM_FAILS, false },
};

static void claims_are_seen(void **state)
{
    json_error_t error;
    json_t *root = json_loads(results, 0, &error);
    struct shape_result result = { .status = 1, .output = "  two lines\n   of words\n", .figures = root };
    char why[200];

    (void)state;
    assert_non_null(root);
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        struct shape s;
        struct claim_seen seen;
        if (shape_parse(&s, claims[i].claim, why, sizeof why) != 0)
            fail_msg("%s", why);
        shape_look(&s.claims[0], &result, &seen);
        if (seen.verdict != claims[i].verdict || seen.disturbed != claims[i].disturbed)
            fail_msg("%s: %d, disturbed %d", claims[i].claim, seen.verdict, seen.disturbed);
        assert_true((seen.verdict == CLAIM_UNKNOWN) == (seen.why[0] != '\0'));
    }
    json_decref(root);
}

static void shapes_are_read(void **state)
{
    struct shape s;
    char why[200];

    (void)state;
    assert_int_equal(shape_parse(&s, "needs: 2 processors\nquick: --budget=2 -q\n"
                                 "answer b if ns of cas > 2 x ns of add\nanswer c\nexit 0\n", why,
                                 sizeof why), 0);
    assert_int_equal(s.processors, 2);
    assert_string_equal(s.quick, "--budget=2 -q");
    assert_int_equal(s.count, 3);
    assert_true(s.measures);
    assert_int_equal(s.claims[0].answer, 'b');
    assert_string_equal(s.claims[0].text, "ns of cas > 2 x ns of add");
    assert_int_equal(s.claims[1].answer, 'c');
    assert_int_equal(s.claims[1].kind, CLAIM_NOTHING);
    assert_int_equal(s.claims[2].answer, 0);
    assert_int_equal(shape_parse(&s, "exit 0", why, sizeof why), 0);
    assert_false(s.measures);
}

static void what_is_no_sentence_is_named(void **state)
{
    static const char *const bad[] = { "", "faa is fast", "exit", "exit now", "prints lost",
        "prints \"\"", "answer", "answer B", "answer b maybe", "1 > 2", "ns of cas > 2 ns of add",
        "ns of cas at threads > 2", "needs: processors", "needs: 2 cups", "needs: strategy ", "ns cas > ns add" };
    struct shape s;
    char why[200];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        why[0] = '\0';
        if (shape_parse(&s, bad[i], why, sizeof why) != -EINVAL || !strstr(why, bad[i]))
            fail_msg("'%s': '%s'", bad[i], why);
    }
}

/* ---- pages ---- */

static int read_text(struct page *p, const char *text, char *why, size_t size)
{
    FILE *in = fmemopen((void *)text, strlen(text), "r");
    int error = page_read(p, in, why, size);

    fclose(in);
    return error;
}

static void reads_as(const char *text, const char *wanted)
{
    char *plain = page_plain(text);

    assert_string_equal(plain, wanted);
    free(plain);
}

static void pages_are_cut_into_blocks(void **state)
{
    static const char text[] =
        "# 7. A title\n\nWords of\na [paragraph](x.md).\n\n## Predict\n\n- a: one\n  more\n- b: two\n\n"
        "    contend list --names\n\n```expect\nexit 0\n\nanswer b\n```\n\n| a | b |\n|---|---|\n\n"
        "<details><summary>Quiz: why?</summary>\n\nBecause.\n\n</details>\n\nEnd.\n";
    static const enum block_kind kinds[] = { BLOCK_TEXT, BLOCK_HEADING, BLOCK_ITEM, BLOCK_ITEM,
        BLOCK_COMMAND, BLOCK_EXPECT, BLOCK_VERBATIM, BLOCK_QUIZ, BLOCK_TEXT, BLOCK_TEXT };
    struct page p;
    char why[200];

    (void)state;
    assert_int_equal(read_text(&p, text, why, sizeof why), 0);
    assert_string_equal(p.title, "A title");
    assert_int_equal(p.count, sizeof kinds / sizeof *kinds);
    for (unsigned i = 0; i < p.count; i++)
        assert_int_equal(p.blocks[i].kind, kinds[i]);
    assert_int_equal(p.choice_count, 2);
    assert_string_equal(p.choices[0], "one more");
    assert_string_equal(p.blocks[4].text, "contend list --names");
    assert_true(p.blocks[8].answer && !p.blocks[9].answer && !p.blocks[7].answer);
    reads_as(p.blocks[0].text, "Words of a paragraph.");
    page_free(&p);
    reads_as("**1. Is it?** No, *not*: `*p * 2`, 3 * 4; see [the page](a.md#b).",
             "1. Is it? No, not: `*p * 2`, 3 * 4; see the page.");
    reads_as("[How](../checker.md#the-model), and why.", "How (docs/checker.md), and why.");
}

static void pages_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = { "words\n", "# 1. x\n\n```expect\nexit 0\n```\n",
        "# 1. x\n\n```text\nno end\n", "# 1. x\n\n<details><summary>Quiz: y?</summary>\nz\n" };
    struct page p;
    char why[200];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(read_text(&p, bad[i], why, sizeof why), -EINVAL);
        assert_non_null(strstr(why, "line "));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_are_seen),
        cmocka_unit_test(shapes_are_read),
        cmocka_unit_test(what_is_no_sentence_is_named),
        cmocka_unit_test(pages_are_cut_into_blocks),
        cmocka_unit_test(pages_that_are_none_are_refused),
    };

    return cmocka_run_group_tests_name("course_shape", tests, NULL, NULL);
}
