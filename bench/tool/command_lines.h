/*
 * command_lines.h - what the command lines of the smaller commands ask for.
 *
 * Reading one does nothing else: `run` and `replay` have options.h and replay.h for
 * theirs.  Every reader takes argv from the command's name on and returns
 *   0        go on;
 *   1        done: help was printed;
 *   -EINVAL  wrong usage: a message has said what is wrong and what to do;
 *   -ENOMEM.
 * What was read points into argv.  One at a time: getopt has static state.
 */
#ifndef CONTEND_BENCH_TOOL_COMMAND_LINES_H
#define CONTEND_BENCH_TOOL_COMMAND_LINES_H

#include <errno.h>
#include <stdbool.h>

#include "bench/tool/benchmark_flags.h"

struct compare_options {
    bool by_rate, fail_if_slower;
    const char *json; /* or NULL */
    const char *a, *b;
};
int compare_parse(struct compare_options *o, int argc, char **argv);

enum { COSTS_STRATEGIES = 64 };

struct costs_options {
    struct benchmark_flags flags; /* to be freed whatever the parser returned */
    const char *json;             /* or NULL */
    bool quiet;
    char *strategies[COSTS_STRATEGIES]; /* each exists in some family */
    unsigned strategy_count;            /* 0 = all */
};
int costs_parse(struct costs_options *o, int argc, char **argv);

struct lift_options {
    const char *name, *to;
    const char *from; /* or NULL */
    bool force, single;
};
int lift_parse(struct lift_options *o, int argc, char **argv);

enum list_form { LIST_TABLES, LIST_WIDE, LIST_JSON, LIST_NAMES, LIST_OBJECTS, LIST_WORKLOADS };

struct list_options {
    enum list_form form;
    char **names; /* each is a strategy's; the first is NULL for all */
};
int list_parse(struct list_options *o, int argc, char **argv);

/* The exit status of a command whose command line was read with this result, not 0. */
static inline int command_line_status(int result)
{
    return result == 1 ? 0 : result == -ENOMEM ? 1 : 2;
}

#endif
