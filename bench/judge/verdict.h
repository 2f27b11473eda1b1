/*
 * verdict.h - from blocks of windows to words: faster, slower, tie.
 *
 * Two contestants are compared within each block, by the logarithm of the ratio
 * of their rates; drift and placement are then common to both.  The estimate is
 * the median over the blocks, its interval a bootstrap over the blocks, widened by
 * what no session can see of itself (VERDICT_BETWEEN).
 */
#ifndef CONTEND_BENCH_JUDGE_VERDICT_H
#define CONTEND_BENCH_JUDGE_VERDICT_H

#include "bench/base/stats.h"
#include "bench/measure/measure.h"

/* A smaller difference than this is no reason to choose: +-3 %. */
#define VERDICT_MARGIN 1.03
/* A cell whose reference differs from itself by up to more than this ranks nothing: +-25 %. */
#define VERDICT_COARSEST 1.25

/*
 * By how much a ratio differs from one session to the next and by nothing within one: a standard
 * deviation of 0.2 %, found in 40 sessions on one machine (docs/measuring.md says how; `sessions.py
 * coverage` finds it for another).
 */
#define VERDICT_BETWEEN 0.002

enum verdict {
    VERDICT_REFERENCE,
    VERDICT_FASTER,  /* the interval excludes the cell's margin, 3 % or more */
    VERDICT_SLOWER,  /* the same downwards */
    VERDICT_TIE,
    VERDICT_UNKNOWN, /* too few blocks for an interval, or no reference */
    VERDICT_NOISY,   /* the cell gives no ranking */
    VERDICT_FLOOR,
    VERDICT_SKIPPED, /* left out of this cell, for a reason that is no failure */
    VERDICT_FAILED,  /* it could not be made, or calls failed: no thread, no memory; no rate */
    VERDICT_WRONG    /* its answers were wrong: no rate */
};

const char *verdict_word(enum verdict v);

/* Faster, slower, tie, or unknown where the ratio has no interval. */
enum verdict verdict_for(const struct interval *ratio);
/* The same for a margin other than VERDICT_MARGIN. */
enum verdict verdict_within(const struct interval *ratio, double margin);

struct standing {
    unsigned contestant;
    enum verdict verdict;
    const char *why;       /* VERDICT_WRONG, _FAILED, _SKIPPED: the reason; else NULL */
    unsigned blocks;       /* the number that its figures come from */
    /* Medians: */
    double ops_per_s, jain, min_share, longest_gap_ns, cpu_ns_per_op, bytes_per_item;
    double readers_per_s, writers_per_s; /* where workers have roles, else NAN */
    double hand_overs, longest_wait_ns;  /* where threads wait for the object, else NAN */
    struct interval ratio; /* to the reference; NAN without one */
    struct interval floor; /* to the floor, `null` */
    bool at_floor;         /* not told apart from the floor: the harness was measured */
};

struct cell_verdict {
    const struct measured_cell *cell;
    enum placement placement;    /* the one that the figures are from */
    unsigned at_near, at_far;    /* windows, of the blocks that count */
    struct standing *standings;  /* sorted: fastest first, then floor and wrong ones */
    unsigned count;
    unsigned blocks;             /* that count */
    bool noisy;                  /* more than 30 % rejected */
    bool of_rejected;            /* all of them: the medians are of rejected blocks */
    struct interval again;       /* the reference against itself */
    bool again_differs;          /* `again` is not a tie: the cell gives no ranking */
    bool coarse;                 /* `again` is wider than VERDICT_COARSEST: neither */
    double margin;               /* what is told apart here: VERDICT_MARGIN, or `again` if wider */
    int pick;                    /* index into standings, or -1 */
    char reason[1024];           /* why that one, in one sentence */
};

/* Fills *v except the pick, for one placement (NONE: the most frequent).  0 or -ENOMEM. */
int verdict_make(struct cell_verdict *v, const struct measured_cell *c, enum placement placement,
                 uint64_t seed);
void verdict_free(struct cell_verdict *v);

/* Whether the cell ranks its strategies; if not, their figures are only shown. */
static inline bool verdict_ranks(const struct cell_verdict *v)
{
    return !v->noisy && !v->again_differs && !v->coarse;
}

/*
 * The ratio of that logarithm, which so many sessions have a part in: its interval contains as well
 * by what each of them differs from others.
 */
struct interval verdict_of_logs(const struct interval *logs, unsigned sessions);

/* a's rate over b's, within blocks, for windows at the cell's placement. */
struct interval verdict_ratio(const struct cell_verdict *v, unsigned a, unsigned b, uint64_t seed);

/* Whether every contestant's interval is so narrow that more blocks would change no verdict. */
bool verdict_is_settled(const struct measured_cell *c, uint64_t seed);

#endif
