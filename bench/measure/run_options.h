/*
 * run_options.h - what a comparison was asked to do.
 */
#ifndef CONTEND_BENCH_MEASURE_RUN_OPTIONS_H
#define CONTEND_BENCH_MEASURE_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/measure/gbench.h"
#include "bench/engine/workload.h"

enum { OPTION_LIST = 16, OPTION_STRATEGIES = 64, OPTION_VARIANTS = 64 };

struct run_options {
    const struct family *object; /* the only family that was asked for; NULL = all */
    unsigned families; /* of which strategies are compared: a set of family_bit() */
    const char *strategies[OPTION_STRATEGIES];
    unsigned strategy_count; /* 0 = the default selection, unless a variant names one */
    const char *sets[OPTION_LIST]; /* "striped.stripes=1,4", as given ... */
    unsigned set_count;
    struct variant variants[OPTION_VARIANTS]; /* ... and what they mean: each value one */
    unsigned variant_count;
    const struct workload *workloads[OPTION_LIST];
    unsigned workload_count; /* 0 = the default plan */
    uint64_t users[OPTION_LIST];
    unsigned user_count;
    uint64_t posts[OPTION_LIST];
    unsigned post_count;
    unsigned threads[OPTION_LIST];
    unsigned thread_count;
    unsigned readers;        /* how many of the threads only read; 0 = all do both */
    enum key_skew skew;
    bool skew_given;         /* posts are Zipf unless it was */
    bool disjoint;
    enum key_ids ids;
    unsigned batch;          /* users of one call; 0 = as the workload says */
    bool all, exhibits;
    bool peers;              /* maps of other libraries beside ours */
    const char *peer;        /* the only one of them; NULL: all */
    bool stores;             /* datastores, and of ours those that stand beside them */
    bool virtual_time;       /* times are a log's: what goes by a clock of its own is left out */
    bool store_given;        /* the address of a running server */
    double rate;             /* with stores: the user's load, operations a second; 0: not given */

    unsigned blocks;     /* 0 = as many as the budget allows, at most 20 */
    unsigned window_ms;
    unsigned budget_s;   /* for all that the command does; see budget.h */
    bool budget_given;
    uint64_t begun_ns;   /* from where the budget counts */
    uint64_t seed;
    const char *reference; /* NULL: each family's own */
    const char *filter;  /* --benchmark_filter, or NULL */

    bool list_only;      /* --benchmark_list_tests */
    bool quiet, color;
    bool one_process;    /* all blocks in this process, not each in a launch of its own */
    unsigned slow;       /* percent: the reference a third time, slowed by so much; 0: no */
    bool publish;        /* many launches, no early end, and nothing noisy */
    bool no_floors;      /* do not calibrate: every floor is NAN */
    const char *json;    /* the file for the results, or NULL */
    const char *csv;     /* the file for the table, by strategy and cell, or NULL */
    const char *windows; /* the file with a line for each window, or NULL */
    const char *gb_out;  /* --benchmark_out, or NULL */
    bool gb_display;     /* --benchmark_format was given: google-benchmark owns standard output */
    struct gbench_options gb;
};

#endif
