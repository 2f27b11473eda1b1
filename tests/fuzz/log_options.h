/*
 * log_options.h - the first line of a log target's input: options of `contend replay`.
 */
#ifndef CONTEND_TESTS_FUZZ_LOG_OPTIONS_H
#define CONTEND_TESTS_FUZZ_LOG_OPTIONS_H

#include <stdbool.h>
#include <stdlib.h>

#include "bench/replay/replay.h"
#include "bench/tool/replay_options.h"
#include "tests/fuzz/fuzz.h"

struct log_words {
    char *text; /* which the options point into */
    char *argv[FUZZ_WORDS + 1];
    struct replay_options options;
};

/* Whether they are good; *rest is what follows the line.  Free the words in either case. */
static inline bool log_words_parse(struct log_words *w, const uint8_t *data, size_t size,
                                   const uint8_t **rest)
{
    static char command[] = "replay", file[] = "-";

    size_t length = fuzz_first_line(data, size, rest);

    w->text = fuzz_string(data, length);
    w->argv[0] = command;
    w->argv[1] = file;
    int argc = fuzz_words(w->text, w->argv, 2);
    fuzz_reset_getopt();
    return replay_options_parse(&w->options, argc, w->argv) == 0;
}

static inline void log_words_free(struct log_words *w)
{
    replay_options_free(&w->options);
    free(w->text);
}

#endif
