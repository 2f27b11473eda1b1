/*
 * turned.h - the pair of strategies whose order a figure turns round.
 *
 * Every strategy has a figure of each block as it should be taken, and as a broken harness takes
 * it.  Two strategies are turned round if one is better by the honest figures and the other by
 * the broken ones, both by more than the verdict's margin and with intervals that exclude a tie.
 *
 * Among many pairs some are turned by luck.  So a few blocks of all strategies say which pairs are
 * worth looking at, and further blocks, of these strategies only, whether one is turned.
 */
#ifndef CONTEND_BENCH_JUDGE_TURNED_H
#define CONTEND_BENCH_JUDGE_TURNED_H

#include <stdbool.h>

#include "bench/base/stats.h"

enum { TURNED_BLOCKS = 35 };

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
 * Among `count` strategies, by their blocks from `first` on.  `less` says that a lower figure is
 * better.  False: no pair has figures.
 */
bool turned_find(const struct turned_figures *f, unsigned count, unsigned first, bool less,
                 uint64_t seed, struct turned *out);

/*
 * The strategies of those pairs that are turned the most, or nearly, by the medians of their first
 * `blocks`; each in `chosen`, up to `most`, of which there is an even number.  How many.
 */
unsigned turned_candidates(const struct turned_figures *f, unsigned count, unsigned blocks, bool less,
                           unsigned *chosen, unsigned most);

/* The median of those blocks that have a figure. */
double turned_figure(const double *blocks, unsigned count);

#endif
