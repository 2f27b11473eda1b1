/*
 * options.h - the command line of `contend run`, and what `replay` shares of it.
 */
#ifndef CONTEND_BENCH_TOOL_OPTIONS_H
#define CONTEND_BENCH_TOOL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/measure/run_options.h"

/* The options that `run` and `replay` share, as getopt_long wants them; then a command's own. */
enum option_code { OPT_OBJECT = 256, OPT_THREADS, OPT_ALL, OPT_EXHIBITS, OPT_REFERENCE, OPT_BUDGET,
                   OPT_BLOCKS, OPT_WINDOW, OPT_SEED, OPT_JSON, OPT_CSV, OPT_WINDOWS, OPT_COLOR,
                   OPT_NO_FLOORS, OPT_SET, OPTIONS_OWN };
#define OPTIONS_SHARED                                          \
    { "object", required_argument, NULL, OPT_OBJECT },          \
    { "threads", required_argument, NULL, OPT_THREADS },        \
    { "all", no_argument, NULL, OPT_ALL },                      \
    { "exhibits", no_argument, NULL, OPT_EXHIBITS },            \
    { "reference", required_argument, NULL, OPT_REFERENCE },    \
    { "budget", required_argument, NULL, OPT_BUDGET },          \
    { "blocks", required_argument, NULL, OPT_BLOCKS },          \
    { "window", required_argument, NULL, OPT_WINDOW },          \
    { "seed", required_argument, NULL, OPT_SEED },              \
    { "json", required_argument, NULL, OPT_JSON },              \
    { "csv", required_argument, NULL, OPT_CSV },                \
    { "windows", required_argument, NULL, OPT_WINDOWS },        \
    { "color", required_argument, NULL, OPT_COLOR },            \
    { "set", required_argument, NULL, OPT_SET },                \
    { "no-floors", no_argument, NULL, OPT_NO_FLOORS },          \
    { "quiet", no_argument, NULL, 'q' },                        \
    { "help", no_argument, NULL, 'h' }

void options_defaults(struct run_options *o);
/* One of the shared options, or a usage error.  0 or -EINVAL. */
int options_shared(struct run_options *o, int option, const char *value);
/* A strategy by name. */
int options_add_strategy(struct run_options *o, const char *option, const char *name);
/* A part of --workload, of --users and of --posts. */
int options_add_workload(struct run_options *o, const char *option, const char *part);
int options_batch(struct run_options *o, const char *value);
int options_add_users(struct run_options *o, const char *option, const char *part);
int options_add_posts(struct run_options *o, const char *option, const char *part);
int options_skew(struct run_options *o, const char *text);
/*
 * After all options: a family that was asked for must have each strategy, and the reference;
 * and what --set means is found out.  0, -EINVAL, or -ENOMEM.
 */
int options_check_names(struct run_options *o);
/* Whether the output files can be written: see output_try().  `curve` is one more, or NULL. */
int options_try_outputs(const struct run_options *o, const char *curve, const char *const *inputs,
                        size_t input_count);
/* Calls `each` for every part of a comma-separated list; stops at the first error. */
int options_list(struct run_options *o, const char *option, const char *text,
                 int (*each)(struct run_options *, const char *option, const char *part));

/*
 * Reads the command line after "run".  0 = go on; 1 = done (help was printed);
 * -EINVAL = wrong usage: a message has said what is wrong and what to do.
 */
int options_parse(struct run_options *o, int argc, char **argv);

#endif
