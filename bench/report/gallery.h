/*
 * gallery.h - `contend gallery`: what broken harnesses say of the same strategies.
 *
 * Of each harness the strategies of one cell, in blocks, once as they should be measured and once
 * as the harness measures them, on a stage of its own each time.  The first blocks have all
 * strategies; the others, by which pairs are judged, those that seem to change places.
 */
#ifndef CONTEND_BENCH_REPORT_GALLERY_H
#define CONTEND_BENCH_REPORT_GALLERY_H

#include "bench/engine/broken.h"
#include "bench/judge/turned.h"
#include "bench/report/series.h"

struct gallery_harness {
    const char *name;     /* "unpadded" */
    const char *title;
    const char *wrong;    /* what is wrong with it, and what to do instead */
    const char *workload;
    uint64_t items;       /* users or posts; 1 where there are none */
    bool roles;           /* one worker only reads, the others only write */
};

extern const struct gallery_harness gallery[BROKEN_KINDS];

struct gallery_options {
    struct run_options run; /* what to compare; budget, seed and file */
    unsigned length_ms;     /* of a figure; 0: as the budget allows */
    unsigned blocks;        /* by which pairs are judged; 0: as the budget allows */
};

/* The figures of a strategy, over the blocks. */
struct gallery_row {
    const struct contestant *who;
    double honest, broken;
    unsigned honest_rank, broken_rank; /* 1 is best; 0: it has no figure, or is a floor */
};

enum {
    GALLERY_ROWS = OPTION_STRATEGIES + OPTION_VARIANTS,
    GALLERY_SEARCH = 3 /* the most of the first blocks */
};

struct gallery_results {
    const struct gallery_options *options;
    struct series series; /* two items for each strategy of a harness: honest, and broken */
    struct turned_figures *figures; /* one for each item; a pair's are in the honest one's */
    enum broken *kinds;             /* of each item */
    bool *broken;                   /* whether the item is taken as the harness takes it */
    bool *rests;                    /* whether it is left out after the first blocks */
    unsigned search;                /* how many blocks of all there were */
    uint64_t length_ns;
};

/* The rows of a harness, and the pair that it turns round.  How many rows; 0: none was asked for. */
unsigned gallery_rows(const struct gallery_results *r, enum broken kind,
                      struct gallery_row rows[GALLERY_ROWS], struct turned *turned, bool *any);

/*
 * Why the harness turns no pair round here, in a sentence; empty if it does.  `t` is NULL where no
 * two strategies have figures.
 */
enum { GALLERY_WHY = 240 };
const char *gallery_why_not(const struct gallery_results *r, enum broken kind, const struct turned *t,
                            char why[GALLERY_WHY]);

void gallery_print(FILE *out, const struct gallery_results *r);
/* NULL without memory. */
json_t *gallery_json(const struct gallery_results *r);

/*
 * Runs the plan: two cells for each of these harnesses, in their order.  The exit status of the
 * command.
 */
int gallery_command(const struct plan *plan, const struct gallery_options *o,
                    const enum broken *kinds, unsigned count);

#endif
