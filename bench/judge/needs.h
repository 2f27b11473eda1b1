/*
 * needs.h - what a product needs of a strategy, in words of the command line.
 *
 * A need is met by what a strategy declares, never by a name or by a speed.
 */
#ifndef CONTEND_BENCH_JUDGE_NEEDS_H
#define CONTEND_BENCH_JUDGE_NEEDS_H

#include <stdbool.h>

#include "bench/engine/workload.h"

/* X(bit, word, what a strategy has that does not meet it) */
#define NEED_EACH(X)                                                        \
    X(IDS64, "ids64", "its ids are narrower than 64 bits")                  \
    X(SPARSE, "sparse-ids", "its ids must be small numbers")                \
    X(GROW, "grow", "its capacity is fixed")                                \
    X(REUSE, "reuse", "its capacity counts every id ever seen")             \
    X(LAST_SEEN, "last-seen", "it has no last_seen")                        \
    X(EXACT, "exact", "its answers are not exact")                          \
    X(LOCK_FREE, "lock-free", "a stalled thread can hold up its operations") \
    X(WAIT_FREE, "wait-free", "not each of its operations is wait-free")    \
    X(NO_LIBRARY, "no-library", "it needs a library")                       \
    X(NO_LGPL, "no-lgpl", "it needs liburcu, which is LGPL")                \
    X(NO_THREAD, "no-thread", "it owns a thread")                           \
    X(SIGNAL_SAFE, "signal-safe", "it is not safe in a signal handler")     \
    X(PROCESS_SHARED, "process-shared", "it does not serve several processes")

#define NEED_BIT(BIT, WORD, LACKS) NEED_AT_##BIT,
enum need_at { NEED_EACH(NEED_BIT) NEED_COUNT };
#undef NEED_BIT
#define NEED_VALUE(BIT, WORD, LACKS) NEED_##BIT = 1 << NEED_AT_##BIT,
enum need { NEED_EACH(NEED_VALUE) NEED_NONE = 0 };
#undef NEED_VALUE

/* The need of that word, or NEED_NONE. */
enum need need_named(const char *word);
/* The word at that place in the list, NULL after the last. */
const char *need_word(unsigned at);
/* What a strategy lacks that does not meet this one need: "its capacity is fixed". */
const char *need_lacks(enum need need);

/* Those that make a difference within a family, as a set. */
unsigned needs_of_family(const struct family *family);

/* The first of these needs that the contestant does not meet, or NEED_NONE. */
enum need needs_unmet(unsigned needs, const struct contestant *c);

#endif
