/*
 * experiment.h - what the command lines of the service's experiments have in common.
 */
#ifndef CONTEND_BENCH_TOOL_EXPERIMENT_H
#define CONTEND_BENCH_TOOL_EXPERIMENT_H

#include "bench/report/experiment.h"

/* A whole number that one experiment has an option for. */
struct experiment_number {
    const char *name; /* "users" */
    uint64_t low, high;
    uint64_t *value; /* the default, until the line says otherwise */
};

/* The lines of a help text for the options below. */
#define EXPERIMENT_HELP                                                                       \
    "      --budget=SECONDS    stop after this long: 110 (default)\n"                         \
    "      --seed=N            everything that is drawn follows from it\n"                    \
    "      --json=FILE         the figures, and what was expected of them\n"                  \
    "  -q, --quiet             no progress\n"                                                 \
    "  -h, --help              this text\n"                                                   \
    "\n"                                                                                      \
    "Exit status: 0 what was measured is as expected, 1 something is not shown here,\n"       \
    "or a run or a file failed, 2 wrong usage, 130 interrupted.  What is not reached\n"       \
    "(the budget is over, or what it needs is not here) is said, and is no failure.\n"

/*
 * Reads the command line: the options above, and `numbers`, up to 8 of them, ended by a NULL name.
 * Tries the file.  Returns 0, 1 if help was printed, or a negative errno value after a message.
 */
int experiment_parse(struct experiment_options *o, const char *command, const char *help,
                     const struct experiment_number *numbers, int argc, char **argv);

/* The exit status of a command whose line was read with this result, not 0. */
int experiment_line_status(int result);

#endif
