/*
 * report.h - the text at the end of a run.
 */
#ifndef CONTEND_BENCH_REPORT_REPORT_H
#define CONTEND_BENCH_REPORT_REPORT_H

#include <stdio.h>

#include "bench/floors/calibrate.h"
#include "bench/measure/measure.h"
#include "bench/measure/session.h"
#include "bench/judge/verdict.h"
#include "bench/report/trial.h"

enum { REPORT_WIDTH = 80 }; /* columns of every line */

struct tails;

/* Everything that a report is made of. */
struct report {
    const struct measurement *m;
    const struct session *session;
    const struct calibration *floors;
    struct cell_verdict *cells; /* one per measured cell */
    const struct trial_kind *kind;
    const struct tails *tails;  /* of the short answer's strategies; none while blocks go on */
    bool color;
    bool finished; /* not a checkpoint of a run that is under way */
};

/* About how long all blocks of the plan take, with what comes before and behind them. */
double report_seconds(const struct plan *p, const struct run_options *o, double later_s);
/* Prints what will be done, before it begins; what follows the blocks takes `later_s`. */
void report_plan(FILE *out, const struct plan *p, const struct run_options *o, double later_s);
/* Prints tables, picks, and what was left undecided. */
void report_print(FILE *out, const struct report *r);
/* Prints for each object what to begin with, what nothing beats, and what would change the answer. */
void report_answer(FILE *out, const struct report *r);
/* Prints for each load what the one to begin with carries, and which is the fastest. */
void report_loads(FILE *out, const struct report *r);
/* Prints the flaws of the run and what to do about them; nothing if there are none. */
void report_advice(FILE *out, const struct report *r);

void report_heading(FILE *out, const struct report *r, const char *title);

#endif
