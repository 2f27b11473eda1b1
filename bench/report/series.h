/*
 * series.h - one strategy after another: what the runs beyond throughput have in common.
 *
 * `contend run` compares in blocks, so that what disturbs the machine disturbs all alike.  A
 * run that looks at something else than a rate takes each strategy of each cell once, on a
 * stage of its own, until the plan, the budget or the user's patience ends.
 */
#ifndef CONTEND_BENCH_REPORT_SERIES_H
#define CONTEND_BENCH_REPORT_SERIES_H

#include <jansson.h>
#include <stdio.h>

#include "bench/base/progress.h"
#include "bench/engine/stage.h"
#include "bench/measure/plan.h"
#include "bench/measure/session.h"

/* A strategy in a cell. */
struct series_item {
    const struct plan_cell *cell;
    const struct contestant *who;
    bool begun, done; /* done: it came to its end */
    bool skipped;     /* left out for a reason that is no failure, see `why` */
    int error;        /* 0, or `why` says what: there are no figures */
    char why[160];
};

struct series {
    const struct plan *plan;
    const struct run_options *options;
    struct session session;
    cpu_set_t allowed;
    struct series_item *items; /* in the order of the plan, the reference once */
    unsigned count;
    uint64_t ends_ns;          /* of the budget */
    bool interrupted, out_of_budget;
    struct progress progress;
};

/* Lists the items and records the session.  0 or -ENOMEM. */
int series_begin(struct series *s, const struct plan *plan, const struct run_options *o);

/*
 * Makes a stage for each item and calls `one` with it.  `one` returns 0, or a negative errno
 * value, which becomes the item's; -EINTR if series_is_over() ended it before it was done.
 */
typedef int series_one(void *ctx, unsigned item, struct stage *stage);
void series_run(struct series *s, series_one *one, void *ctx);

/*
 * The same a step at a time: series_start() begins the budget and catches Ctrl-C, series_run_one()
 * takes one item, which may be taken again, and returns the bytes that its object held for
 * each user, counter or lock (NAN after an error).
 */
void series_start(struct series *s);
double series_run_one(struct series *s, unsigned item, series_one *one, void *ctx);
/* The same without a stage, for what makes its objects itself: `one` gets NULL for it. */
void series_run_bare(struct series *s, unsigned item, series_one *one, void *ctx);
/* Leaves an item out, for the reason in item->why. */
void series_leave_out(struct series *s, unsigned item);
void series_stop(struct series *s);

/* Whether the user or the budget has ended it; looked at between two steps of an item. */
bool series_is_over(struct series *s);

/* Begins a line with the contestant's name; one that is too long for the column has its own line. */
void series_print_name(FILE *out, const struct contestant *who, int width);
/* Prints why there are no figures of an item; false if there are. */
bool series_print_reason(FILE *out, const struct series_item *item);
/* Prints what ended it early, if anything did. */
void series_print_end(FILE *out, const struct series *s);

/* What every file begins with; the caller adds its own.  NULL without memory. */
json_t *series_json(const struct series *s, const char *schema);
/* An item's cell, object, strategy, whether it is complete, and why it has no figures. */
json_t *series_item_json(const struct series_item *item);

/*
 * Saves the results where --json says, which takes over `results`, and frees the items.  The
 * exit status: 0, 1 (`wrong`, an item failed that was not meant to, or a file), 130 (interrupted).
 */
int series_end(struct series *s, json_t *results, bool wrong);

#endif
