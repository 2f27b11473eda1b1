/*
 * replay_string.c - "counters/faa@o2@a1+r@weak@quarantine@3:1", as `contend check
 * --replay` takes it.
 *
 * Printing what was parsed is a fixpoint.  The choices, if they are accepted, are
 * those that a slow reader finds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/state.h"
#include "bench/check/suite.h"
#include "tests/fuzz/fuzz.h"

enum { ROOM = CHECK_CHOICES + 512 };

/* Digits and then `end` or the end of the text: their value, 0 to `most`; -1 = it is none. */
static long take_number(const char **text, char end, long most)
{
    size_t digits = strspn(*text, "0123456789");
    long n = 0;

    for (size_t i = 0; i < digits && n <= most; i++)
        n = n * 10 + (*text)[i] - '0';
    *text += digits;
    if (digits == 0 || n > most || (**text && **text != end))
        return -1;
    *text += **text != '\0';
    return n;
}

/* Plays the list that was accepted, choice by choice, beside the text. */
static void check_choices(const char *text)
{
    unsigned at = 0;

    strategy_replay.begin();
    if (strcmp(text, "-") == 0)
        text = "";
    while (*text) {
        long place = take_number(&text, ':', STATE_MAX_CHOICES - 1);
        FUZZ_CHECK(place >= at && text[-1] == ':');
        long taken = take_number(&text, ',', UINT8_MAX);
        FUZZ_CHECK(taken >= 0 && (*text || text[-1] != ','));
        for (; at < place; at++)
            FUZZ_CHECK(strategy_replay.choose(CHOICE_SWITCH, 256) == 0);
        FUZZ_CHECK(strategy_replay.choose(CHOICE_SWITCH, 256) == taken);
        at++;
    }
    for (; at < STATE_MAX_CHOICES; at++)
        FUZZ_CHECK(strategy_replay.choose(CHOICE_SWITCH, 256) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct suite_failure first, second;
    static char once[ROOM], twice[ROOM];
    char *text = fuzz_string(data, size), why[CHECK_TEXT] = "";

    if (!suite_replay_parse(&first, text, why, sizeof why)) {
        FUZZ_CHECK(why[0] != '\0');
    } else {
        suite_replay_print(&first, once, sizeof once);
        FUZZ_CHECK(suite_replay_parse(&second, once, why, sizeof why));
        suite_replay_print(&second, twice, sizeof twice);
        FUZZ_CHECK(strcmp(once, twice) == 0);
        FUZZ_CHECK(strcmp(first.result.choices, second.result.choices) == 0);
        FUZZ_CHECK(first.options.choices == first.result.choices);
        if (choices_parse(first.result.choices))
            check_choices(first.result.choices);
    }
    free(text);
    return 0;
}
