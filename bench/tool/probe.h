/*
 * probe.h - what the command lines of the runs beyond throughput have in common.
 *
 * Such a run takes strategies one after the other, in a few cells, and has no blocks; so it
 * takes a part of what `contend run` does.
 */
#ifndef CONTEND_BENCH_TOOL_PROBE_H
#define CONTEND_BENCH_TOOL_PROBE_H

#include <getopt.h>

#include "bench/tool/options.h"

enum probe_code { PROBE_WORKLOAD = OPTIONS_OWN, PROBE_USERS, PROBE_OWN };

#define PROBE_SHARED                                            \
    { "object", required_argument, NULL, OPT_OBJECT },          \
    { "workload", required_argument, NULL, PROBE_WORKLOAD },    \
    { "users", required_argument, NULL, PROBE_USERS },          \
    { "all", no_argument, NULL, OPT_ALL },                      \
    { "exhibits", no_argument, NULL, OPT_EXHIBITS },            \
    { "budget", required_argument, NULL, OPT_BUDGET },          \
    { "seed", required_argument, NULL, OPT_SEED },              \
    { "json", required_argument, NULL, OPT_JSON },              \
    { "set", required_argument, NULL, OPT_SET },                \
    { "quiet", no_argument, NULL, 'q' },                        \
    { "help", no_argument, NULL, 'h' }

/* One of these options.  0, or -EINVAL after a message. */
int probe_option(struct run_options *o, int option, const char *value);

/*
 * Reads the command line of `command`: defaults, the options of `list`, each of which `one` takes,
 * and strategies.  0, 1 if help was printed, or an error after a message.
 */
typedef int probe_one(void *ctx, int option, const char *value);
int probe_parse(const char *command, int argc, char **argv, const struct option *list,
                struct run_options *run, probe_one *one, void *ctx);

/* Calls `one` with every part of a comma-separated list, until the first error. */
int probe_parts(const char *text, int (*one)(void *ctx, const char *part), void *ctx);

enum { PROBE_CELLS = 64, PROBE_BUDGET_S = 60 };

struct probe_cells {
    struct cell list[PROBE_CELLS];
    unsigned count;
};

/*
 * The cells that were asked for: every workload at every size and number of threads.  Without a
 * workload the first of each family, which is its simplest.  `threads` is the number where none
 * was given; 0: as many as there are processors, at most 2.  0, or -EINVAL after a message.
 */
int probe_cells(struct probe_cells *c, const struct run_options *o, unsigned threads);

#endif
