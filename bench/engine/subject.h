/*
 * subject.h - what a window drives: one object of a strategy, and what each thread keeps for it.
 *
 * A window knows phases, clocks and deadlines, and nothing of counters, maps and locks.
 * A kind of subject knows its objects, and nothing of threads: the crew calls it.
 */
#ifndef CONTEND_BENCH_ENGINE_SUBJECT_H
#define CONTEND_BENCH_ENGINE_SUBJECT_H

#include "bench/engine/tape.h"
#include "bench/engine/window.h"
#include "counters/claps.h"
#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"

/* What one thread keeps for the object.  Padded: its owner writes it while others are measured. */
struct subject_worker {
    CONTEND_ALIGNED void *handle; /* or an array of them, one for each post */
    union {
        struct clap_tape *claps;
        const struct key_tape *keys;
    } tape;
    size_t at;      /* the next step of the tape */
    bool only_claps;
    uint64_t claps; /* added so far */
    uint64_t steps; /* of the tape that have been played */
    uint64_t failed;
    uint64_t sink;  /* what reads returned, so that they cannot be optimised away */
    union {
        struct presence_outcome outcome;
        struct claps_outcome moved;
    };
    uint64_t swept;
    uint64_t swept_at;    /* the time of its last sweep */
    /* Where ids never return: */
    uint64_t *ids;        /* of the operations to come */
    uint64_t base;        /* what the turn adds to the tape's numbers */
    uint64_t joined, gone; /* of its own users, in turn; known once it has detached */
};

struct subject {
    /* If not 0, the object may refuse a time that lies so far behind another, or forget what was then. */
    uint64_t reach_ms;
    const struct cell *cell;
    const struct contestant *who;
    void *object;
    const struct subject_kind *kind;
    char why[160]; /* create() may put a reason here for excuse() */
};

struct subject_kind {
    /* Makes a fresh object.  0 or a negative errno value. */
    int (*create)(struct subject *s);
    void (*destroy)(struct subject *s);
    /* Draws the tape and attaches, so that run() may be called.  0 or a negative errno value. */
    int (*attach)(struct subject *s, struct subject_worker *w, uint64_t seed, unsigned number);
    /*
     * After an error of the two above: whether the strategy is left out of this cell for a
     * reason that is no failure, which goes into `why`.  NULL = never.
     */
    bool (*excuse)(const struct subject *s, char *why, size_t size);
    void (*detach)(struct subject *s, struct subject_worker *w);
    /* Fills part `part` of `parts` before the warm-up. */
    void (*prefill)(struct subject *s, struct subject_worker *w, unsigned part, unsigned parts);
    /* Does n operations of the tape at the virtual time `now`. */
    void (*run)(struct subject *s, struct subject_worker *w, size_t n, uint64_t now);
    /* Does one step of a sweeper. */
    void (*sweep)(struct subject *s, struct subject_worker *w, uint64_t now);
    /*
     * Does one operation that others wait for, and says whether the one before was another worker's
     * and how long it waited, in ns.  NULL: there is no such thing.
     */
    uint64_t (*sample)(struct subject *s, struct subject_worker *w, bool *handed_over);
    /* Bytes that have been removed and are not freed yet; any thread may ask.  NULL: none. */
    size_t (*retired)(const struct subject *s);
    /*
     * After all workers have detached: fills the memory that is held, and error and why if
     * anything was lost.
     */
    void (*verify)(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out);
};

extern const struct subject_kind subject_lock, subject_counter, subject_posts, subject_claps,
    subject_distinct, subject_presence;

/* The presence maps' virtual clock starts here, ms. */
#define SUBJECT_EPOCH_MS UINT64_C(1000000000)

#endif
