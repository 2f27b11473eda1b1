/*
 * stall.h - `contend stall`: progress as it is seen, against progress as it is declared.
 */
#ifndef CONTEND_BENCH_REPORT_STALL_H
#define CONTEND_BENCH_REPORT_STALL_H

#include "bench/engine/stall.h"
#include "bench/report/series.h"

struct stall_options {
    struct run_options run; /* what to compare; budget, seed and file */
    unsigned trials;        /* 0: 1000 of each role */
};

struct stall_results {
    const struct stall_options *options;
    struct series series;
    struct stall_result *results; /* one for each item of the series */
    unsigned trials;
};

/* What is declared of the operations of a role, as enum contend_progress with its modifiers. */
unsigned stall_declared(const struct series_item *item, unsigned role);
/* Whether workers of that role were blocked although their operations must never be. */
bool stall_contradicts(const struct stall_results *r, unsigned item, unsigned role);

void stall_print(FILE *out, const struct stall_results *r);

/* Runs the plan, whose cells have STALL_THREADS threads.  The exit status of the command. */
int stall_command(const struct plan *plan, const struct stall_options *o);

#endif
