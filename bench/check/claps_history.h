/*
 * claps_history.h - is a history of bounded claps on one post what they promise?
 *
 *   LINEARIZABLE   one order of all operations explains every result; where totals are
 *                  weaker, every result but the numbers of total and remove
 *   QUIESCENT      a grant lies between what the least and the greatest number of claps
 *                  make of it that the reader may have given meanwhile: operations that
 *                  had ended count as they were granted, overlapping ones in part.  So does
 *                  a total, with those of all readers
 *   UNSPECIFIED    exhibits: held to the strongest, to show what they break
 *
 * In weak memory only LINEARIZABLE is judged, by an order that keeps to happens-before.
 */
#ifndef CONTEND_BENCH_CHECK_CLAPS_HISTORY_H
#define CONTEND_BENCH_CHECK_CLAPS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/check/history.h"
#include "counters/claps.h"

struct claps_rules {
    enum claps_consistency grants, totals;
    bool weak; /* only happens-before orders operations, not time */
};

/* An operation's argument: its reader and its n. */
static inline int64_t claps_argument(unsigned reader, unsigned n)
{
    return (int64_t)reader << 32 | n;
}

static inline unsigned claps_argument_reader(const struct linear_op *op)
{
    return (unsigned)(op->argument >> 32);
}

static inline unsigned claps_argument_n(const struct linear_op *op)
{
    return (unsigned)op->argument;
}

/*
 * Judges `history`, whose operations are 'c' clap, 'u' unclap, 'g' given, 't' total and
 * 'd' remove.
 */
bool claps_history_possible(const struct claps_rules *rules);

#endif
