/*
 * turned.h - the pair of strategies whose order a figure turns round.
 *
 * Every strategy has a figure of each block as it should be taken, and as a broken harness takes
 * it.  Two strategies are turned round if one is better by the honest figures and the other by
 * the broken ones, both by more than the verdict's margin and with intervals that exclude a tie.
 */
#ifndef CONTEND_BENCH_JUDGE_TURNED_H
#define CONTEND_BENCH_JUDGE_TURNED_H

#include <stdbool.h>

#include "bench/base/stats.h"

enum { TURNED_BLOCKS = 32 };

/* The figures of one strategy; NAN in a block that has none. */
struct turned_figures {
    double honest[TURNED_BLOCKS], broken[TURNED_BLOCKS];
    unsigned blocks;
};

struct turned {
    bool is;                        /* whether any pair is turned round ... */
    bool maybe;                     /* else: by the medians one is, and the intervals do not tell;
                                       if not, it is the pair that moved most */
    unsigned better, worse;         /* by the honest figures */
    struct interval honest, broken; /* the better one's figure over the worse one's, so that it is
                                       above 1 where the better one is better */
};

/*
 * Among `count` strategies.  `less` says that a lower figure is better, `best_of` that the
 * broken harness takes the best of its blocks and not their median.  False: no pair has figures.
 */
bool turned_find(const struct turned_figures *f, unsigned count, bool less, bool best_of,
                 uint64_t seed, struct turned *out);

/* The figure of all blocks: the median, or the best. */
double turned_figure(const double *blocks, unsigned count, bool best_of, bool less);

#endif
