/*
 * gbench.h - google-benchmark, seen from C.
 *
 * google-benchmark gives the command-line flags, the naming and the output
 * formats that users and their scripts know; it does not measure.  Each case is
 * one benchmark with one iteration and manual time, whose body calls back into C
 * for one time window.  No C++ type and no exception crosses this line.
 */
#ifndef CONTEND_BENCH_MEASURE_GBENCH_H
#define CONTEND_BENCH_MEASURE_GBENCH_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { GBENCH_MAX_COUNTERS = 16 };

/* The result of one window. */
struct gbench_sample {
    bool skipped;        /* did not run: leaves no trace in any output */
    const char *error;   /* why the result is not to be trusted, or NULL */
    double seconds;      /* wall time per operation */
    unsigned counters;
    struct {
        const char *name;
        double value;
    } counter[GBENCH_MAX_COUNTERS];
};

struct gbench_plan {
    size_t count; /* of cases, in the order in which they run */
    const char *(*name)(void *ctx, size_t index); /* the same name may come often: once per block */
    void (*body)(void *ctx, size_t index, struct gbench_sample *out);
    /* Every counter that a sample may have, ended by NULL: CSV wants all of them in each line. */
    const char *const *counters;
    void *ctx;
};

/*
 * Operations of a few nanoseconds, one thread.  Here google-benchmark does measure:
 * it asks for batches until they have taken long enough, and repeats that.
 */
enum gbench_go { GBENCH_RUN, GBENCH_IDLE, GBENCH_SKIP };

struct gbench_loops {
    size_t count, batch; /* batch: operations between two looks at the clock */
    const char *(*name)(void *ctx, size_t index); /* each one different */
    /*
     * Before each repetition, and each longer attempt at the first.  google-benchmark 1.7.1 aborts
     * when only some repetitions of a case end in an error.  So a case whose first call says SKIP
     * is skipped, all of it; one that has begun says IDLE, and is not valid.
     */
    enum gbench_go (*begin)(void *ctx, size_t index);
    void (*run)(void *ctx, size_t index, size_t n); /* n operations */
    void (*end)(void *ctx, size_t index);           /* after each begin that said RUN */
    bool (*valid)(void *ctx, size_t index);         /* whether the case may be reported */
    /* One repetition took so long an operation. */
    void (*result)(void *ctx, size_t index, double ns);
    void *ctx;
};

/*
 * google-benchmark's own threads (Mode T): each gets the same number of operations.  Kept to show
 * what that hides; every comparison of ours uses time windows.
 */
struct gbench_threads {
    size_t count, batch; /* of cases; operations between two looks at the clock */
    unsigned threads;
    double min_time_s;   /* of a case */
    const char *(*name)(void *ctx, size_t index); /* each one different */
    /* Before every attempt, by one thread; then each enters; any false leaves the case out. */
    bool (*begin)(void *ctx, size_t index);
    bool (*enter)(void *ctx, size_t index, unsigned thread);
    void (*run)(void *ctx, size_t index, unsigned thread, size_t n);
    void (*leave)(void *ctx, size_t index, unsigned thread); /* after each enter that said true */
    void (*end)(void *ctx, size_t index);                    /* after each begin that said true */
    /* What google-benchmark says at last: operations a second of all threads. */
    void (*result)(void *ctx, size_t index, double per_s);
    void *ctx;
};

struct gbench_options {
    int argc; /* argv[0] and the --benchmark_ flags that google-benchmark itself shall see */
    char **argv;
    const char *display_format; /* "console", "json", "csv" on standard output; NULL = none */
    const char *file_format;    /* the same, returned as text; NULL = none */
};

/* 0, or -EINVAL when google-benchmark does not know one of the flags (it has said so). */
int gbench_check_flags(struct gbench_options *options);

/*
 * Runs all cases in one go: google-benchmark 1.7.1 crashes when it is asked to run
 * a second time in one process.  *text gets the file output, or NULL; free() it.
 * 0 or a negative errno value.
 */
int gbench_run(const struct gbench_plan *plan, const struct gbench_options *options, char **text);

/*
 * The same for loops, with google-benchmark's own filter, repetitions and times.
 * --benchmark_list_tests lists instead.
 */
int gbench_run_loops(const struct gbench_loops *loops, const struct gbench_options *options,
                     char **text);

/* The cases of Mode T, without any output.  0 or -ENOMEM. */
int gbench_run_threads(const struct gbench_threads *plan);

/* "json", "console" or "csv". */
bool gbench_knows_format(const char *format);

#ifdef __cplusplus
}
#endif

#endif
