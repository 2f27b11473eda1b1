/*
 * memory.h - `contend memory`: what strategies hold, and what becomes of what they let go.
 *
 * Six parts, each of which takes every strategy of its cells once: growth, backlog, expiry, a
 * crowd that beats and expires at once, counts and walks, and bytes by size.  Each part has its share of the
 * budget; what it does not come to is listed with the reason.
 */
#ifndef CONTEND_BENCH_REPORT_MEMORY_H
#define CONTEND_BENCH_REPORT_MEMORY_H

#include "bench/engine/backlog.h"
#include "bench/engine/disturb.h"
#include "bench/engine/expiry_lag.h"
#include "bench/engine/scan.h"
#include "bench/report/series.h"

enum memory_part {
    MEMORY_GROWTH, MEMORY_BACKLOG, MEMORY_EXPIRY, MEMORY_CROWD, MEMORY_SCAN, MEMORY_BYTES, MEMORY_PARTS
};

/* "growth", "backlog", "expiry", "crowd", "scan", "bytes". */
const char *memory_part_name(enum memory_part part);

struct memory_options {
    struct run_options run; /* what to look at; budget, seed and file */
    uint64_t grow_to;       /* users that are inserted */
    uint64_t crowd;         /* users that beat and expire at once */
    uint64_t among;         /* users of the map that has the crowd, and of the one that is counted */
    uint64_t expiring;      /* users of the expiry part */
    uint64_t sweep_budget;  /* entries in a call of sweep */
};

/* A cell of the plan, and what is done in it. */
struct memory_cell {
    struct cell cell;
    enum memory_part part;
};

/* The figures of an item; those of its part only, NULL before it has run. */
struct memory_figures {
    enum memory_part part;
    double bytes_per_item; /* NAN: unknown */
    double took_ns;
    struct growth_result *growth;
    struct backlog_result *backlog;
    struct expiry_lag *expiry;
    struct mass_result *crowd;
    struct scan_result *scan;
};

struct memory_results {
    const struct memory_options *options;
    struct series series;
    struct memory_figures *figures; /* one for each item of the series */
};

/* Whether a part was asked for. */
bool memory_wants(const struct memory_results *r, enum memory_part part);
/* Whether there are figures of this item. */
bool memory_has(const struct memory_results *r, unsigned item);
/* A quantile of a histogram; NAN if fewer than 20 values lie beyond it. */
double memory_quantile(const struct histogram *h, double q);

void memory_print(FILE *out, const struct memory_results *r);
/* NULL without memory. */
json_t *memory_json(const struct memory_results *r);

/*
 * Runs the plan, which was made of these cells, in this order; some may be missing from it.
 * The exit status of the command.
 */
int memory_command(const struct plan *plan, const struct memory_options *o,
                   const struct memory_cell *cells, unsigned count);

#endif
