/*
 * striped.h - several cells on lines of their own; a thread adds to one of them.
 *
 * Idea: threads that clap for one post need not write the same line.  Each gets
 *   a cell when it attaches; a read adds the cells up.
 * Invariant: the sum of the cells is the sum.  Cells are shared: two threads
 *   may get the same one, so the addition stays atomic.
 * Linearisation points: add at its fetch-and-add.  read of unit claps: cells only
 *   grow, so its result lies between the sums at its begin and its end, and the
 *   sum passes through every integer between: some instant fits.
 * Progress: wait-free, add as far as the processor's addition is (see faa.h).  read is
 *   bounded by the number of cells.
 * Read guarantee: unit claps: linearizable.  Larger claps: intermediate, since
 *   the sum jumps over values that a read may return.  With undos: a read may
 *   see the undo and not the clap (-1 when the history is 0, 1, 0): quiescent.
 * Cost: add: one locked instruction on a line that few threads write.  read: one
 *   fence, and one load per cell, most of them misses.  128 bytes a cell.
 * Breaks when: there are millions of counters (bytes), or reads are frequent.
 * Use when: few posts are hot and reads are rare.
 * Reference: D. Lea, LongAdder in java.util.concurrent, 2011; P. McKenney, "Is
 *   Parallel Programming Hard, And, If So, What Can You Do About It?", 2023,
 *   section 5.2.
 */
#ifndef CONTEND_COUNTERS_STRIPED_H
#define CONTEND_COUNTERS_STRIPED_H

#include "counters/parts/attached.h"
#include "counters/counter.h"

/* The cells are part of the object, so that a static counter needs no allocation. */
enum { COUNTER_STRIPED_MAX = 16 };

struct counter_striped_cell {
    CONTEND_ALIGNED _Atomic int64_t value;
};

struct counter_striped {
    struct counter_striped_cell cells[COUNTER_STRIPED_MAX];
    uint32_t count;        /* cells in use, 1 .. COUNTER_STRIPED_MAX; constant after init */
    _Atomic uint32_t next; /* the cell of the next thread to attach, modulo count */
    counter_attached attached;
};

static const struct contend_option counter_striped_options[] = {
    { "stripes", 0, 0, COUNTER_STRIPED_MAX, "cells in use; 0 = two for each processor" },
    CONTEND_OPTIONS_END
};

#define COUNTER_INIT_striped { .count = COUNTER_STRIPED_MAX }

struct counter_striped_handle {
    _Atomic int64_t *mine;
};

static inline int counter_striped_init(struct counter_striped *c,
                                       const struct counter_config *config)
{
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, counter_striped_options);

    if (error)
        return error;
    uint32_t count = (uint32_t)contend_option_value(&mine.settings, counter_striped_options,
                                                    "stripes");
    if (count == 0)
        count = 2 * contend_cpu_count();
    c->count = count < COUNTER_STRIPED_MAX ? count : COUNTER_STRIPED_MAX;
    for (uint32_t i = 0; i < COUNTER_STRIPED_MAX; i++)
        atomic_init(&c->cells[i].value, 0);
    atomic_init(&c->next, 0);
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_striped_fini(struct counter_striped *c)
{
    return counter_attached_count(&c->attached) ? -EBUSY : 0;
}

static inline int counter_striped_attach(struct counter_striped *c,
                                         struct counter_striped_handle *h)
{
    /* relaxed: any cell will do; taking turns only spreads the threads. */
    uint32_t turn = atomic_fetch_add_explicit(&c->next, 1, memory_order_relaxed);

    h->mine = &c->cells[turn % c->count].value;
    counter_attached_enter(&c->attached);
    return 0;
}

static inline void counter_striped_detach(struct counter_striped *c,
                                          struct counter_striped_handle *h)
{
    h->mine = NULL; /* the claps stay in the cell */
    counter_attached_leave(&c->attached);
}

static inline int counter_striped_add(struct counter_striped *c, struct counter_striped_handle *h,
                                      int64_t n)
{
    (void)c;
    /* relaxed: value only; a count publishes nothing else. */
    atomic_fetch_add_explicit(h->mine, n, memory_order_relaxed);
    return 0;
}

static inline int64_t counter_striped_read(struct counter_striped *c,
                                           struct counter_striped_handle *h)
{
    int64_t sum = 0;

    (void)h;
    /*
     * seq_cst: as in rcu.h: of two threads that add and then read, one at least
     * sees both.  Pairs with the same fence in the other's read.  x86's locked
     * addition is such a fence already, C11's relaxed one is not.
     */
    atomic_thread_fence(memory_order_seq_cst);
    for (uint32_t i = 0; i < c->count; i++) {
        /* relaxed: values only; each cell is coherent by itself. */
        sum = counter_join(sum, atomic_load_explicit(&c->cells[i].value, memory_order_relaxed));
        CONTEND_STEP("striped: some cells read");
    }
    return sum;
}

COUNTER_NO_ADD_GET(striped)
COUNTER_NO_QUIESCENCE(striped)

static inline void counter_striped_stats(struct counter_striped *c, struct counter_stats *out)
{
    out->attached = counter_attached_count(&c->attached);
    out->bytes = sizeof *c + out->attached * sizeof(struct counter_striped_handle);
}

static const struct counter_traits counter_striped_traits = {
    .id = {
        .name = "striped",
        .title = "cells on lines of their own, added up by the reader",
        .reference = "Lea, LongAdder, 2011",
        .options = counter_striped_options,
        .flags = CONTEND_SIGNAL_SAFE | CONTEND_PROCESS_SHARED,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_INTERMEDIATE },
    .undo = { .kind = COUNTER_QUIESCENT },
    .features = COUNTER_STATIC_INIT,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_striped),
    .bytes_per_thread = sizeof(struct counter_striped_handle),
};

/* With one cell there is nothing to add up: every read is the value of one word. */
static inline void counter_striped_traits_of(struct counter_striped *c, struct counter_traits *out)
{
    *out = counter_striped_traits;
    if (c->count == 1)
        out->batch.kind = out->undo.kind = COUNTER_LINEARIZABLE;
}

#endif
