/*
 * adaptive.h - one word until threads meet at it, cells on lines of their own from then on.
 *
 * Idea: of a million posts a few are hot, and nobody knows which.  An add looks at the
 *   word and then adds to it; if the addition finds another value than the look, another
 *   thread writes this line now.  Then the counter gets two cells, and twice as many
 *   whenever two threads meet in one cell.
 * Invariant: base + the cells of all blocks = the sum.  A block, once published, stays
 *   until fini, and no clap ever moves.  Only the newest block is added to by
 *   threads that see it; a thread that has not seen it yet may still add to an older one.
 * Linearisation points: add at its fetch-and-add.  read of unit claps: as striped.h.  A
 *   block that came after the read had begun was all zero at an instant of the read.
 * Progress: wait-free, add as far as the processor's addition is (see faa.h) and apart
 *   from the allocator.  Growing is one attempt: a thread that loses it, or gets no
 *   memory, has added already and leaves.
 * Read guarantee: unit claps: linearizable.  Larger claps: intermediate.  With undos:
 *   quiescent.  With cells=1 it never grows, and every mix is linearizable.
 * Cost: cold: the locked instruction of faa.h after a load of the same line, and 16 bytes.
 *   Hot: a locked instruction on a line that few threads write.  read: a fence, and a
 *   load for each cell of each block.  A block of n cells takes n * 128 bytes, all
 *   blocks together less than twice the newest one.  It never shrinks: a post that
 *   has been hot for an instant keeps its cells.
 * Breaks when: threads come together at every post now and then: each pays with 256 bytes
 *   for one meeting.  An add may call the allocator, so a signal handler may not add.
 * Use when: there are many counters, most of them cold.
 * Reference: D. Lea, LongAdder and Striped64 in java.util.concurrent, 2011.  Java replaces
 *   its table by a larger one and leaves the old one to the garbage collector; here
 *   the old ones stay, and stay in the sum.
 */
#ifndef CONTEND_COUNTERS_ADAPTIVE_H
#define CONTEND_COUNTERS_ADAPTIVE_H

#include <stdbool.h>

#include "counters/counter.h"
#include "locks/parts/platform.h"

/*
 * All but the sum is in one word, `state`, so that a cold counter takes 16 bytes:
 *
 *   bits 0-2    the binary logarithm of the cells in the newest block; 0: no block yet
 *   bits 3-47   the address of the newest block; as long as there is none, that of the
 *               allocator
 *   bits 48-50  the option `cells`: 0, or one more than its logarithm
 *   bits 51-63  how many threads are attached
 *
 * Both addresses are multiples of 8.  An address that needs more than 48 bits (a tagged
 * pointer, a mapping that was asked for far up) does not fit: such a block is given back
 * and the counter stays as it is; such an allocator is refused.
 */
#define COUNTER_ADAPTIVE_SIZE UINT64_C(7)
#define COUNTER_ADAPTIVE_ADDRESS ((UINT64_C(1) << 48) - 8)
#define COUNTER_ADAPTIVE_BLOCK (COUNTER_ADAPTIVE_ADDRESS | COUNTER_ADAPTIVE_SIZE)
#define COUNTER_ADAPTIVE_THREAD (UINT64_C(1) << 51)
enum {
    COUNTER_ADAPTIVE_LIMIT_AT = 48,
    COUNTER_ADAPTIVE_LIMIT = 7,
    COUNTER_ADAPTIVE_MAX = 64, /* cells in the newest block */
};

struct counter_adaptive_cell {
    CONTEND_ALIGNED _Atomic int64_t value;
    /* The rest of the line is used in a block's first cell only, and constant there. */
    uint64_t older; /* address and size of the block before, as in `state`; 0: none */
    unsigned limit; /* the logarithm of COUNTER_ADAPTIVE_MAX or of what was asked for */
    const struct contend_allocator *allocator;
};

struct counter_adaptive {
    _Atomic int64_t base;   /* what was added before there was a block */
    _Atomic uint64_t state;
};

static const struct contend_option counter_adaptive_options[] = {
    { "cells", 0, 0, COUNTER_ADAPTIVE_MAX,
      "most cells of a block, rounded down to a power of two; 0 = two for each processor" },
    CONTEND_OPTIONS_END
};

#define COUNTER_INIT_adaptive { 0, 0 }

struct counter_adaptive_handle {
    uint8_t place; /* which of the cells, modulo their number */
};

static inline unsigned counter_adaptive_log2(uint64_t n)
{
    unsigned log2 = 0;

    while (n >>= 1)
        log2++;
    return log2;
}

static inline struct counter_adaptive_cell *counter_adaptive_cells(uint64_t state)
{
    return (struct counter_adaptive_cell *)(uintptr_t)(state & COUNTER_ADAPTIVE_ADDRESS);
}

/* How many cells the block in `state` has; 1 if there is none. */
static inline size_t counter_adaptive_size(uint64_t state)
{
    return (size_t)1 << (state & COUNTER_ADAPTIVE_SIZE);
}

static inline bool counter_adaptive_grown(uint64_t state)
{
    return (state & COUNTER_ADAPTIVE_SIZE) != 0;
}

static inline bool counter_adaptive_fits(const void *address)
{
    return ((uintptr_t)address & ~COUNTER_ADAPTIVE_ADDRESS) == 0;
}

static inline int counter_adaptive_init(struct counter_adaptive *c,
                                        const struct counter_config *config)
{
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, counter_adaptive_options);

    if (error)
        return error;
    if (!counter_adaptive_fits(mine.allocator))
        return -EINVAL;
    uint64_t cells = (uint64_t)contend_option_value(&mine.settings, counter_adaptive_options,
                                                    "cells");
    uint64_t limit = cells ? 1 + counter_adaptive_log2(cells) : 0;
    atomic_init(&c->base, 0);
    atomic_init(&c->state,
                (uint64_t)(uintptr_t)mine.allocator | limit << COUNTER_ADAPTIVE_LIMIT_AT);
    return 0;
}

static inline uint64_t counter_adaptive_attached(uint64_t state)
{
    return state / COUNTER_ADAPTIVE_THREAD;
}

/* Gives back the blocks, from the newest one on. */
static inline void counter_adaptive_release(uint64_t state)
{
    while (counter_adaptive_grown(state)) {
        struct counter_adaptive_cell *cells = counter_adaptive_cells(state);
        uint64_t older = cells->older;

        contend_release(cells->allocator, cells, counter_adaptive_size(state) * sizeof *cells);
        state = older;
    }
}

static inline int counter_adaptive_fini(struct counter_adaptive *c)
{
    /* acquire: pairs with the release in counter_adaptive_detach and with that in _grow. */
    uint64_t state = atomic_load_explicit(&c->state, memory_order_acquire);

    if (counter_adaptive_attached(state))
        return -EBUSY;
    counter_adaptive_release(state);
    return 0;
}

static inline int counter_adaptive_attach(struct counter_adaptive *c,
                                          struct counter_adaptive_handle *h)
{
    /* relaxed: a tally; the threads' numbers only spread them over the cells. */
    uint64_t state = atomic_load_explicit(&c->state, memory_order_relaxed);

    do {
        if (counter_adaptive_attached(state) == UINT64_MAX / COUNTER_ADAPTIVE_THREAD)
            return -EAGAIN;
        /* relaxed, both: as above. */
    } while (!atomic_compare_exchange_weak_explicit(&c->state, &state,
                                                    state + COUNTER_ADAPTIVE_THREAD,
                                                    memory_order_relaxed, memory_order_relaxed));
    h->place = (uint8_t)counter_adaptive_attached(state);
    return 0;
}

static inline void counter_adaptive_detach(struct counter_adaptive *c,
                                           struct counter_adaptive_handle *h)
{
    (void)h; /* the claps stay where they are */
    /* release: the thread's last operation comes before; pairs with the acquire in fini. */
    atomic_fetch_sub_explicit(&c->state, COUNTER_ADAPTIVE_THREAD, memory_order_release);
}

/* The logarithm of the most cells in a block of this counter. */
static inline unsigned counter_adaptive_limit(uint64_t state)
{
    unsigned limit = state >> COUNTER_ADAPTIVE_LIMIT_AT & COUNTER_ADAPTIVE_LIMIT;

    if (counter_adaptive_grown(state))
        return counter_adaptive_cells(state)->limit;
    if (limit)
        return limit - 1;
    uint64_t cells = 2 * (uint64_t)contend_cpu_count();
    return counter_adaptive_log2(cells < COUNTER_ADAPTIVE_MAX ? cells : COUNTER_ADAPTIVE_MAX);
}

/* Puts a block of twice as many cells before the one in `state`, if that is still the newest. */
static inline void counter_adaptive_grow(struct counter_adaptive *c, uint64_t state, unsigned limit)
{
    bool first = !counter_adaptive_grown(state);
    const struct contend_allocator *allocator =
        first ? (const struct contend_allocator *)(const void *)counter_adaptive_cells(state)
              : counter_adaptive_cells(state)->allocator;
    size_t count = 2 * counter_adaptive_size(state);
    struct counter_adaptive_cell *cells = contend_allocate(allocator, CONTEND_CACHE_LINE,
                                                           count * sizeof *cells);

    if (!cells)
        return;
    for (size_t i = 0; i < count; i++)
        atomic_init(&cells[i].value, 0);
    cells->older = first ? 0 : state & COUNTER_ADAPTIVE_BLOCK;
    cells->limit = limit;
    cells->allocator = allocator;
    uint64_t next = (state & ~COUNTER_ADAPTIVE_BLOCK) | (uint64_t)(uintptr_t)cells |
                    ((state & COUNTER_ADAPTIVE_SIZE) + 1);
    CONTEND_STEP("adaptive: block made, not published");
    /*
     * release: the block's contents come first; pairs with the acquire in add and read.
     * relaxed on failure: another thread has grown it, or attached; it need not be us.
     */
    if (!counter_adaptive_fits(cells) ||
        !atomic_compare_exchange_strong_explicit(&c->state, &state, next, memory_order_release,
                                                 memory_order_relaxed))
        contend_release(allocator, cells, count * sizeof *cells);
}

/* Another thread wrote between our look at the cell and our addition. */
CONTEND_RARE static inline void counter_adaptive_met(struct counter_adaptive *c,
                                        struct counter_adaptive_handle *h, uint64_t state)
{
    unsigned limit = counter_adaptive_limit(state);

    if ((state & COUNTER_ADAPTIVE_SIZE) < limit)
        counter_adaptive_grow(c, state, limit);
    else
        h->place++; /* we were the later one: we go, the other one stays */
}

static inline int counter_adaptive_add(struct counter_adaptive *c,
                                       struct counter_adaptive_handle *h, int64_t n)
{
    /* acquire: the cells' zeros; pairs with the release in counter_adaptive_grow. */
    uint64_t state = atomic_load_explicit(&c->state, memory_order_acquire);
    _Atomic int64_t *at = &c->base;

    if (counter_adaptive_grown(state))
        at = &counter_adaptive_cells(state)[h->place & (counter_adaptive_size(state) - 1)].value;
    /* relaxed: a hint; a wrong one costs a block too early or too late. */
    int64_t seen = atomic_load_explicit(at, memory_order_relaxed);
    CONTEND_STEP("adaptive: looked, not yet added");
    /* relaxed: value only; a count publishes nothing else. */
    if (atomic_fetch_add_explicit(at, n, memory_order_relaxed) != seen)
        counter_adaptive_met(c, h, state);
    return 0;
}

static inline int64_t counter_adaptive_read(struct counter_adaptive *c,
                                            struct counter_adaptive_handle *h)
{
    (void)h;
    /*
     * seq_cst: as in rcu.h: of two threads that add and then read, one at least
     * sees both.  Pairs with the same fence in the other's read, and orders the
     * load of `state` too: the other's clap may be in a block that is new to us.
     */
    atomic_thread_fence(memory_order_seq_cst);
    /* acquire: pairs with the release in counter_adaptive_grow. */
    uint64_t block = atomic_load_explicit(&c->state, memory_order_acquire);
    /* relaxed: values only; each word is coherent by itself. */
    int64_t sum = atomic_load_explicit(&c->base, memory_order_relaxed);

    for (; counter_adaptive_grown(block); block = counter_adaptive_cells(block)->older)
        for (size_t i = 0; i < counter_adaptive_size(block); i++) {
            CONTEND_STEP("adaptive: some cells read");
            /* relaxed: as above. */
            sum = counter_join(sum, atomic_load_explicit(&counter_adaptive_cells(block)[i].value,
                                                         memory_order_relaxed));
        }
    return sum;
}

COUNTER_NO_ADD_GET(adaptive)
COUNTER_NO_QUIESCENCE(adaptive)

static inline void counter_adaptive_stats(struct counter_adaptive *c, struct counter_stats *out)
{
    /* acquire: pairs with the release in counter_adaptive_grow. */
    uint64_t block = atomic_load_explicit(&c->state, memory_order_acquire);

    out->attached = counter_adaptive_attached(block);
    out->bytes = sizeof *c + out->attached * sizeof(struct counter_adaptive_handle);
    for (; counter_adaptive_grown(block); block = counter_adaptive_cells(block)->older)
        out->bytes += counter_adaptive_size(block) * sizeof(struct counter_adaptive_cell);
}

static const struct counter_traits counter_adaptive_traits = {
    .id = {
        .name = "adaptive",
        .title = "one word; cells where threads meet",
        .reference = "Lea, LongAdder and Striped64, 2011",
        .options = counter_adaptive_options,
    },
    .add = CONTEND_WAIT_FREE | CONTEND_MODULO_MALLOC,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_INTERMEDIATE },
    .undo = { .kind = COUNTER_QUIESCENT },
    .features = COUNTER_STATIC_INIT | COUNTER_GROWS,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_adaptive),
    .bytes_per_thread = sizeof(struct counter_adaptive_handle),
};

/* With at most one cell there is nothing to add up: every read is the value of one word. */
static inline void counter_adaptive_traits_of(struct counter_adaptive *c,
                                              struct counter_traits *out)
{
    /* relaxed: the option's bits are constant after init. */
    uint64_t state = atomic_load_explicit(&c->state, memory_order_relaxed);

    *out = counter_adaptive_traits;
    if ((state >> COUNTER_ADAPTIVE_LIMIT_AT & COUNTER_ADAPTIVE_LIMIT) == 1) {
        out->batch.kind = out->undo.kind = COUNTER_LINEARIZABLE;
        out->features &= ~(unsigned)COUNTER_GROWS;
    }
}

#endif
