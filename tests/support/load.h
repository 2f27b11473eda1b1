/*
 * load.h - loads of real threads on one strategy, each with an oracle.
 *
 * The torture tests run them for a moment, the long tests for minutes, the soak over
 * instrumented copies.  A load makes objects, threads and a history, judges it, and
 * begins anew until its time is over.  None calls cmocka's assertions from a thread:
 * what is wrong is kept as a sentence.
 */
#ifndef CONTEND_TESTS_SUPPORT_LOAD_H
#define CONTEND_TESTS_SUPPORT_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counters/claps.h"
#include "counters/counter.h"
#include "counters/distinct.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"

enum { LOAD_THREADS = 8 }; /* at most */

/* What a load is asked for. */
struct load {
    uint64_t seed;
    unsigned threads; /* 1 .. LOAD_THREADS */
    double seconds;   /* it ends within one round after that */
    const struct contend_settings *settings; /* of the objects that are made; NULL: the defaults */
};

/* What came of it; loads add to it, and the first thing that is wrong stays. */
struct finding {
    _Atomic uint64_t operations;
    _Atomic uint64_t judged; /* results that an oracle weighed */
    _Atomic uint64_t histories; /* checked exhaustively */
    _Atomic bool wrong;
    _Atomic bool told; /* text is there */
    char text[256];
};

__attribute__((format(printf, 2, 3))) void finding_wrong(struct finding *f, const char *format,
                                                         ...);

/* The clock of histories, in ns; and after a fence, so that what was stored before is visible. */
uint64_t load_begin(void);
uint64_t load_end(void);

/* ---- rounds ---- */

/*
 * Threads that wait for each other.  crowd_arrive() says true to the last that comes, which
 * does what it wants while the others wait and then calls crowd_go_on(); and false to the
 * others, after that.
 */
struct crowd {
    unsigned threads;
    _Alignas(128) _Atomic unsigned arrived;
    _Alignas(128) _Atomic unsigned round;
};

bool crowd_arrive(struct crowd *c);
void crowd_go_on(struct crowd *c);

/* Whether `seconds` have gone by since `began`, which load_begin() gave. */
bool load_over(const struct load *load, uint64_t began);

/* ---- the loads ---- */

/* L1: sections with plain data; at most one thread inside, unless all share. */
void lock_sections(const struct lock_ops *ops, const struct load *load, struct finding *f);

enum mix { MIX_UNIT, MIX_BATCH, MIX_UNDO };

const struct counter_promise *counter_promise_of(const struct counter_traits *t, enum mix mix);

/* Long histories: every read against the interval oracle, and at rest no clap lost (C4). */
void counter_history(const struct counter_ops *ops, enum mix mix, const struct load *load,
                     struct finding *f);

/*
 * Short ones between two rests, checked exhaustively: adds and reads if the promise is
 * linearizability, else the adds alone if they may be refused.
 */
void counter_rounds(const struct counter_ops *ops, enum mix mix, const struct load *load,
                    struct finding *f);

/*
 * Many operations for a few readers: no answer is out of bounds, and at rest what was granted
 * is there (B1, B5, B8).  One post is deleted on the way (B6).
 */
void claps_crowd(const struct claps_ops *ops, const struct load *load, struct finding *f);

/* Short histories between two rests, checked exhaustively as far as the traits promise. */
void claps_rounds(const struct claps_ops *ops, const struct load *load, struct finding *f);

/* All readers by every thread: counts never fall, and at rest it is as if one had come (U4). */
void distinct_crowd(const struct distinct_ops *ops, const struct load *load, struct finding *f);

/*
 * Each user is written by one thread, which knows what must be there; everybody reads,
 * counts, walks and sweeps, and holds what it sees against what the owners tell: the
 * interval oracle of maps (P2 - P11, P14).
 */
void map_owners(const struct presence_ops *ops, const struct load *load, struct finding *f);

/* Up to three users whom all threads write; each user's history is checked exhaustively. */
void map_rounds(const struct presence_ops *ops, const struct load *load, struct finding *f);

#endif
