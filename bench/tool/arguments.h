/*
 * arguments.h - what the commands' options have in common: reading them, numbers,
 * google-benchmark's flags, and messages that name the culprit and the way out.
 */
#ifndef CONTEND_BENCH_TOOL_ARGUMENTS_H
#define CONTEND_BENCH_TOOL_ARGUMENTS_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/judge/gbench.h"

/* Whose command line it is, for messages: "run".  Say it first. */
void arguments_of(const char *command);

/* Prints "contend COMMAND: " and the sentence on standard error.  -EINVAL. */
__attribute__((format(printf, 1, 2)))
int arguments_error(const char *format, ...);

/*
 * getopt_long, but for its complaints: '?' comes back after a message of ours, which
 * says which option may have been meant.  `letters` are the short ones.
 */
int arguments_next(int argc, char **argv, const char *letters, const struct option *options);

/* A whole number in [low, high], with k, K and M understood.  0, or -EINVAL: it has been said. */
int arguments_number(const char *option, const char *text, uint64_t low, uint64_t high,
                     uint64_t *out);
/* The same of something that has a unit, which may stand behind the number: "10s" or "10". */
int arguments_quantity(const char *option, const char *text, const char *unit, uint64_t low,
                       uint64_t high, uint64_t *out);

/* The flags of google-benchmark that say what goes where; the rest of them. */
struct benchmark_flags {
    struct gbench_options gb;
    bool display;    /* --benchmark_format was given: google-benchmark owns standard output */
    bool list_only;  /* --benchmark_list_tests */
    const char *out; /* --benchmark_out, or NULL */
};

/*
 * Moves google-benchmark's flags out of argv and reads those that we route.  `more`
 * may take a flag first: 1 = taken, 0 = not, or an error.  The others go to f->gb,
 * behind `defaults`, a NULL-ended list or NULL, so that a later one counts.  Returns
 * how many arguments are left, argv[0] included, or a negative errno value.
 */
int arguments_take_benchmark(struct benchmark_flags *f, int argc, char **argv,
                             char *const *defaults, int (*more)(void *ctx, char *arg), void *ctx);
void arguments_free_benchmark(struct benchmark_flags *f);

/* The value of --benchmark_NAME=VALUE, or NULL if `arg` is another flag. */
const char *arguments_benchmark_value(const char *arg, const char *name);

#endif
