/*
 * benchmark_flags.h - google-benchmark's flags, as every command that runs it takes them.
 */
#ifndef CONTEND_BENCH_TOOL_BENCHMARK_FLAGS_H
#define CONTEND_BENCH_TOOL_BENCHMARK_FLAGS_H

#include <stdbool.h>

#include "bench/measure/gbench.h"

/* google-benchmark's flags about outputs, read by us; and the others. */
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
int benchmark_flags_take(struct benchmark_flags *f, int argc, char **argv,
                         char *const *defaults, int (*more)(void *ctx, char *arg), void *ctx);
void benchmark_flags_free(struct benchmark_flags *f);

/* The value of --benchmark_NAME=VALUE, or NULL if `arg` is another flag. */
const char *benchmark_flags_value(const char *arg, const char *name);

#endif
