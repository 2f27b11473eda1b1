/*
 * counter_history.h - is a history of adds and reads what a counter promises?
 *
 *   LINEARIZABLE   one order of all operations explains every result
 *   INTERMEDIATE   one order explains every read as at most, and one as at least, what
 *                  the sum was (Rinberg and Keidar's definition)
 *   QUIESCENT      a read that no add overlaps is exact; any other lies between the
 *                  sums that some of the overlapping adds make
 *   EVENTUAL       a read may differ from such a sum by what each thread holds back: at
 *                  most `error`, and no more than the thread has added since its last
 *                  quiescent(); nothing after it has detached
 *   APPROXIMATE    a read lies within the relative error of them; judged if the
 *                  confidence is 1, since one execution says nothing of probabilities
 *   UNSPECIFIED    exhibits: held to the strongest, to show what they break
 *
 * Where reads are judged one by one, one order of the adds alone must still explain which of
 * them were refused (C2).  With `refuses_early` it must explain those that were not, and an add
 * may be refused if it would overflow from one of those sums.  No read leaves [min, max].
 */
#ifndef CONTEND_BENCH_CHECK_COUNTER_HISTORY_H
#define CONTEND_BENCH_CHECK_COUNTER_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "counters/counter.h"
#include "bench/check/history.h"

struct counter_rules {
    const struct counter_promise *promise; /* for this mix of adds */
    int64_t min, max;                      /* the sums that it can hold */
    bool refuses_early;                    /* overlapping adds may keep one another out */
    bool weak;                             /* only happens-before orders operations, not time */
};

/*
 * Judges `history`, whose operations are 'a' add and 'g' add_get of the argument, 'r'
 * read, 'q' quiescent and 'd' detach.  In weak memory only LINEARIZABLE is judged: a
 * relaxed counter has no order in real time, but must respect the order of each thread and
 * happens-before.
 */
bool counter_history_possible(const struct counter_rules *rules);

/* Whether a read of `result` may be all that is left of `sum` at the end. */
bool counter_sum_possible(const struct counter_promise *promise, int64_t sum, int64_t result);

#endif
