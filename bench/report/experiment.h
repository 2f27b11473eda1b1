/*
 * experiment.h - what the experiments of the service have in common: a budget, shapes, files.
 *
 * An experiment says beforehand what it expects to see, as sentences that are true or false of
 * its figures: its shapes.  At its end each is told as shown, or as not shown here with the
 * reason, and the exit status follows from them.  An exact shape follows from arithmetic or from a
 * promise, and a busy machine does not change it; a measured one compares times of this run.
 *
 * Used by one thread: the one that runs the command.
 */
#ifndef CONTEND_BENCH_REPORT_EXPERIMENT_H
#define CONTEND_BENCH_REPORT_EXPERIMENT_H

#include <jansson.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bench/base/progress.h"
#include "bench/measure/session.h"

enum { EXPERIMENT_SHAPES = 16, EXPERIMENT_TEXT = 400, EXPERIMENT_WIDTH = 78 };

/* What every experiment's command line has. */
struct experiment_options {
    const char *json;  /* where the results go, or NULL */
    unsigned budget_s; /* it ends after this many seconds, with what it has by then; at least 1 */
    uint64_t seed;     /* everything that is drawn follows from it */
    bool quiet;        /* no progress */
};

enum experiment_kind { SHAPE_EXACT, SHAPE_MEASURED };
enum experiment_outcome { SHAPE_SHOWN, SHAPE_NOT_SHOWN, SHAPE_NOT_REACHED };

struct experiment_shape {
    const char *name; /* "ttl_inclusive" */
    enum experiment_kind kind;
    enum experiment_outcome outcome;
    char text[EXPERIMENT_TEXT]; /* a sentence with its figures */
};

struct experiment {
    const char *name; /* "detect": its schema is contend.detect */
    const struct experiment_options *options;
    struct session session;
    cpu_set_t allowed; /* taken before anything is pinned */
    struct progress progress;
    unsigned steps;   /* that are over */
    uint64_t ends_ns; /* on the machine's monotonic clock */
    bool interrupted, out_of_budget;
    struct experiment_shape shapes[EXPERIMENT_SHAPES];
    unsigned shape_count;
};

/* Records the session, begins the budget and catches Ctrl-C. */
void experiment_begin(struct experiment *e, const char *name, const struct experiment_options *o);

/* Whether the user or the budget has ended it; looked at between two steps. */
bool experiment_is_over(struct experiment *e);

/* Shows on standard error what is being done: step `done` of `all`. */
void experiment_progress(struct experiment *e, unsigned done, unsigned all, const char *what);

/*
 * Judges a shape.  The sentence says what was expected and what was seen, without "shown".  More than
 * EXPERIMENT_SHAPES of them are dropped.
 */
__attribute__((format(printf, 5, 6)))
void experiment_shape(struct experiment *e, const char *name, enum experiment_kind kind, bool holds,
                      const char *format, ...);
/* The same for one whose figures were not taken, because the run ended before or for another reason. */
__attribute__((format(printf, 3, 4)))
void experiment_not_reached(struct experiment *e, const char *name, const char *format, ...);

/* Whether each shape is shown: a run that ended early may have some that were not reached. */
bool experiment_all_shown(const struct experiment *e);

/* Whether there is anything to print: not where a shortage ended the first step, and no shape has figures. */
bool experiment_has_figures(const struct experiment *e);

/*
 * Ends it: stops the progress, prints the answer with each shape, and saves `results`, a JSON
 * object with the figures, which it takes over and to which it adds schema, session and shapes.  NULL
 * means that memory ran out.  After a shortage there is no answer: see bench/base/shortage.h.  Returns
 * the exit status: 0; 1 if a shape is not shown, `failed`, or
 * a file could not be written; 130 if the user ended it.
 */
int experiment_end(struct experiment *e, json_t *results, bool failed);

#endif
