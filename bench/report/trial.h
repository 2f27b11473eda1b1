/*
 * trial.h - one comparison from plan to files: what `run` and `replay` share.
 *
 * Says what it will do, records the session, calibrates, measures block by
 * block, judges, prints the report and writes the files that the options name.
 * The files are written anew after every block, so that a run that is killed
 * leaves what it had finished.
 */
#ifndef CONTEND_BENCH_REPORT_TRIAL_H
#define CONTEND_BENCH_REPORT_TRIAL_H

#include <jansson.h>
#include <stdio.h>

#include "bench/measure/measure.h"
#include "bench/judge/verdict.h"

/* What differs between the trials of the commands. */
struct trial_kind {
    struct window_engine engine; /* what a window is */
    /* Prints the command's own text before the tables; NULL = nothing. */
    void (*introduce)(FILE *out, void *ctx);
    /* Prints the command's own text after the picks; NULL = nothing. */
    void (*conclude)(FILE *out, const struct cell_verdict *cells, unsigned count, void *ctx);
    /*
     * Prints the doubts about the figures; returns whether there are any.  `out` may be NULL;
     * `blocks`: whether any block is complete, so that there are intervals.
     */
    bool (*caveats)(FILE *out, bool blocks, void *ctx);
    /* A new object for the results' member `member`; NULL = none. */
    json_t *(*describe)(void *ctx);
    const char *member;
    bool tails;       /* its cells can be on a stage, so late operations are looked for as well */
    bool interrupted; /* before anything was measured */
    void *ctx;
};

/*
 * Runs the plan; a plan without cells only prints and saves the command's own part.
 * The exit status: 0, 1 (a check failed, or a file), 130 (interrupted).
 */
int trial_run(const struct plan *plan, const struct run_options *o, const struct trial_kind *kind);

#endif
