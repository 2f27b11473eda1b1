/*
 * text.c - sentences in lines of so many columns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"

static char *hanging(const char *sentence, int indent, int width)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    text_hanging(out, sentence, indent, width);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void assert_hangs(const char *sentence, int indent, int width, const char *lines)
{
    char *text = hanging(sentence, indent, width);

    assert_string_equal(text, lines);
    free(text);
}

static void a_short_sentence_is_one_line(void **state)
{
    (void)state;
    assert_hangs("", 2, 10, "\n");
    assert_hangs("one two", 2, 10, "one two\n");
    assert_hangs("one twothr", 2, 10, "one twothr\n");
}

static void a_long_one_goes_on_further_in(void **state)
{
    (void)state;
    assert_hangs("one two three four", 2, 10, "one two\n  three\n  four\n");
    assert_hangs("one.  Two three", 2, 10, "one.  Two\n  three\n");
    assert_hangs("one two.  Three", 2, 10, "one two.\n  Three\n");
}

static void a_word_is_not_broken(void **state)
{
    (void)state;
    assert_hangs("/a/path/that/is/longer is", 2, 10, "/a/path/that/is/longer\n  is\n");
    assert_hangs("is /a/path/that/is/longer", 2, 10, "is\n  /a/path/that/is/longer\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_sentence_is_one_line),
        cmocka_unit_test(a_long_one_goes_on_further_in),
        cmocka_unit_test(a_word_is_not_broken),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
