/*
 * choice.h - `contend pick`: the simplest strategy that carries a load.
 *
 * Strategies are tried from the simplest on, in an open loop at the load times the headroom; of equally
 * simple ones those that promise more come first.  The first that copes is the answer and the next one the
 * runner-up.  Then the answer's own highest rate is searched, and the first of the others that copes beyond
 * it: there the answer changes.  If that one is as simple and carries twice as much, it is the answer instead.
 */
#ifndef CONTEND_BENCH_REPORT_CHOICE_H
#define CONTEND_BENCH_REPORT_CHOICE_H

#include "bench/judge/needs.h"
#include "bench/report/series.h"

struct choice_options {
    struct run_options run;
    double per_s;       /* the load, operations a second */
    double headroom;    /* it must cope with so many times the load */
    unsigned needs;     /* judge/needs.h */
    double bytes;       /* at most so many a user, counter or lock; 0: any */
    double p999_ns;     /* at most, at the load; 0: any */
    double stale_ms;    /* answers at most so late; negative: any */
    const char *from;   /* a file of `contend run` to go by, or NULL: measure */
};

enum choice_state {
    CHOICE_NOT_TRIED,   /* a simpler one was the answer already */
    CHOICE_EXCLUDED,    /* by a need */
    CHOICE_TOO_SLOW,    /* it did not cope with load times headroom */
    CHOICE_TOO_LATE,    /* its p99.9 at the load was above the bound */
    CHOICE_TOO_LARGE,   /* its memory was above the bound */
    CHOICE_TOO_STALE,   /* its answers may be later than the bound */
    CHOICE_ABSENT,      /* the file does not have it */
    CHOICE_FAILED,      /* see the item's reason */
    CHOICE_CARRIES
};

struct choice_entry {
    enum choice_state state;
    unsigned unmet;         /* EXCLUDED: the needs that it does not meet */
    unsigned rank;          /* simplicity.h */
    double p999_ns;         /* at the load; NAN: not measured */
    double bytes_per_item;  /* NAN: not measured */
    double copes_per_s;     /* the highest rate that was coped with, as far as it was tried */
};

struct choice_results {
    const struct choice_options *options;
    struct series series;
    struct choice_entry *entries;  /* one for each item */
    unsigned *order;               /* items from the simplest on, of equal ones the better promise first */
    int answer, runner_up, next;   /* items, or -1; next: carries more than the answer can */
    bool gave_way;                 /* the runner-up was the answer, until this one carried clearly more */
    double limit_per_s;            /* the answer's highest rate; 0: not searched */
    bool limit_is_bound;           /* ... which is no limit: the search ended there */
    const char *unranked;          /* why the cell of the file ranks nothing, or NULL */
    unsigned offers, disturbed;    /* open loops, and in how many a worker lacked its processor */
};

void choice_print(FILE *out, const struct choice_results *r);
json_t *choice_json(const struct choice_results *r);

/*
 * The same from a cell of a file of `contend run`, which `plan` has too: what a strategy made there
 * at full speed is what it is taken to carry.  The exit status.
 */
int choice_from(const struct plan *plan, const struct choice_options *o, const json_t *cell);

/* Runs the plan, which has one cell.  The exit status: 0 there is an answer, 1 none, 130. */
int choice_run(const struct plan *plan, const struct choice_options *o);

#endif
