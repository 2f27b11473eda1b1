/*
 * needs.h - what a product needs of a strategy, in words of the command line.
 *
 * A need is met by what a strategy declares, never by a name or by a speed.
 */
#ifndef CONTEND_BENCH_JUDGE_NEEDS_H
#define CONTEND_BENCH_JUDGE_NEEDS_H

#include <stdbool.h>

#include "bench/engine/workload.h"

/* X(bit, word, what a strategy has that does not meet it, the question whose answer "yes" asks it) */
#define NEED_EACH(X)                                                                             \
    X(SPARSE, "sparse-ids", "its ids must be small numbers", "Are ids anything but 0, 1, 2 ...?") \
    X(REUSE, "reuse", "its capacity counts every id ever seen", "Do ids come that never return?") \
    X(IDS64, "ids64", "its ids are narrower than 64 bits", "Are ids wider than 32 bits?")         \
    X(GROW, "grow", "its capacity is fixed", "Is it unknown beforehand how many there will be?")  \
    X(LAST_SEEN, "last-seen", "it has no last_seen", "Must it say when a user was last seen?")    \
    X(EXACT, "exact", "its answers are not exact", "Must answers be exact at any time?")          \
    X(LOCK_FREE, "lock-free", "a stalled thread can hold up its operations",                      \
      "Must the others go on when a thread stands still?")                                        \
    X(WAIT_FREE, "wait-free", "not each of its operations is wait-free",                          \
      "Must each operation end within a bounded number of steps?")                                \
    X(NO_LIBRARY, "no-library", "it needs a library", "Must it do without a library?")            \
    X(NO_LGPL, "no-lgpl", "it needs liburcu, which is LGPL", "Must it do without LGPL code?")     \
    X(CROWDED, "crowded", "a thread that waits keeps a processor busy",                           \
      "Are there ever more threads than processors?")                                             \
    X(NO_THREAD, "no-thread", "it owns a thread", "Must it do without a thread of its own?")      \
    X(SIGNAL_SAFE, "signal-safe", "it is not safe in a signal handler",                           \
      "Is it called in signal handlers?")                                                         \
    X(PROCESS_SHARED, "process-shared", "it does not serve several processes",                    \
      "Do several processes share it?")

#define NEED_BIT(BIT, WORD, LACKS, ASKS) NEED_AT_##BIT,
enum need_at { NEED_EACH(NEED_BIT) NEED_COUNT };
#undef NEED_BIT
#define NEED_VALUE(BIT, WORD, LACKS, ASKS) NEED_##BIT = 1 << NEED_AT_##BIT,
enum need { NEED_EACH(NEED_VALUE) NEED_NONE = 0 };
#undef NEED_VALUE

/* The need of that word, or NEED_NONE. */
enum need need_named(const char *word);
/* The word at that place in the list, NULL after the last. */
const char *need_word(unsigned at);
/* What a strategy lacks that does not meet this one need: "its capacity is fixed". */
const char *need_lacks(enum need need);
/* The question whose answer "yes" is the need: "Are ids wider than 32 bits?" */
const char *need_question(enum need need);

/* Those that make a difference within a family, as a set. */
unsigned needs_of_family(const struct family *family);

/* Those of these needs that the contestant does not meet, as a set. */
unsigned needs_unmet(unsigned needs, const struct contestant *c);

#endif
