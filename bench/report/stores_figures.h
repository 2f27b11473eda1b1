/*
 * stores_figures.h - the figures of `contend run --stores`, as the tables and JSON read them.
 */
#ifndef CONTEND_BENCH_REPORT_STORES_FIGURES_H
#define CONTEND_BENCH_REPORT_STORES_FIGURES_H

#include "bench/judge/knee.h"
#include "bench/report/series.h"
#include "bench/report/stores.h"
#include "bench/stores/stores.h"

/* What one entry came to in one cell; NAN where nothing was measured. */
struct stores_figures {
    const struct store *store;  /* NULL: an in-process strategy */
    double per_s;               /* operations a second, as fast as its threads can */
    double round_trips, bytes;  /* of an operation; bytes sent, received or written to a file */
    double units;               /* of an operation: what the store bills by; 0: it does not say */
    double sent;                /* of an operation: bytes over a connection; 0: there is none */
    double client_cpu_ns, server_cpu_ns; /* of an operation */
    double held_per_item;       /* bytes that the store says it holds, for each user or counter */
    struct knee knee;           /* operations a second */
    unsigned rates;             /* that the search has tried */
    bool coarse;                /* its time was up before the search was: the knee may lie higher */
    double p50, p99, p999;      /* ns, from due to done, at half of what it copes with */
    char trouble[240];          /* what the store complained about, or "" */
};

struct stores_results {
    const struct stores_options *options;
    struct series series;
    struct stores_figures *figures; /* one for each item of the series */
};

/* Whether the item has figures that may be compared: it lost nothing, and is no floor. */
bool stores_may_be_taken(const struct stores_results *r, unsigned item);
/* Whether it copes with the rate, as far as was measured. */
bool stores_carries(const struct stores_results *r, unsigned item, double per_s);

void stores_print(FILE *out, const struct stores_results *r);
/* Of a cell's items: each entry whose pools were measured in several sizes. */
void stores_print_pools(FILE *out, const struct stores_results *r, const unsigned *of_cell, unsigned count);
/* Below a cell of single writes: a column for each system, with the entry that copes with most. */
void stores_print_decision(FILE *out, const struct stores_results *r, const struct plan_cell *cell);
/* NULL without memory. */
json_t *stores_json(const struct stores_results *r);

#endif
