/*
 * per_cpu.h - a word for each processor, added to without a locked instruction.
 *
 * Idea: only one thread runs on a processor at a time, so that the processor's own word needs
 *   no atomic addition, only one that is not interrupted.  A restartable sequence is
 *   that: if the kernel preempts, moves or signals the thread inside it, nothing has
 *   been added.  Then the thread adds atomically to another word, beside the first.
 * Invariant: the sum of both words of all processors is the sum.  `own` is written in
 *   sequences on its processor only, `beside` by atomic additions only.
 * Linearisation points: add at the store of its sequence, or at its fetch-and-add.  read
 *   of unit claps: as striped.h: the words only grow, so some instant fits.
 * Progress: wait-free, add as far as the processor's addition is (see faa.h): a sequence is
 *   tried once.
 * Read guarantee: unit claps: linearizable.  Larger claps: intermediate.  With undos:
 *   quiescent, since a thread may clap on one processor and undo on another.
 * Cost: add: two stores and two loads on lines that stay on this processor, however many
 *   threads share it.  read: a fence, and a miss for each processor.  128 bytes a
 *   processor and counter, none for a thread beyond its handle.
 * Breaks when: sequences are not to be had (locks/parts/rseq.h says where): it falls back to
 *   the words beside, chosen by processor and added to atomically, and its traits say
 *   so in their title.  When the code is unloaded: locks/parts/rseq.h.
 * Use when: threads are many, short-lived or not ours, and claps far more frequent than reads.
 * Reference: M. Desnoyers, rseq in Linux 4.18, 2018; D. Dice and A. Garthwaite, "Mostly
 *   Lock-Free Malloc", 2002, for the idea on an unmodified kernel.
 */
#ifndef CONTEND_COUNTERS_PER_CPU_H
#define CONTEND_COUNTERS_PER_CPU_H

#include "counters/counter.h"
#include "counters/parts/attached.h"
#include "locks/parts/rseq.h"

struct counter_per_cpu {
    struct contend_rseq_word *words; /* one for each processor; constant after init */
    const struct contend_allocator *allocator;
    uint32_t count; /* of words */
    counter_attached attached;
};

struct counter_per_cpu_handle {
    struct rseq *area; /* the thread's; NULL: it has none */
};

static inline int counter_per_cpu_init(struct counter_per_cpu *c,
                                       const struct counter_config *config)
{
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, NULL);

    if (error)
        return error;
    c->count = contend_cpus_possible();
    c->allocator = mine.allocator;
    c->words = contend_allocate(mine.allocator, CONTEND_CACHE_LINE, c->count * sizeof *c->words);
    if (!c->words)
        return -ENOMEM;
    for (uint32_t i = 0; i < c->count; i++) {
        atomic_init(&c->words[i].own, 0);
        atomic_init(&c->words[i].beside, 0);
    }
    atomic_init(&c->attached, 0);
    return 0;
}

static inline int counter_per_cpu_fini(struct counter_per_cpu *c)
{
    if (counter_attached_count(&c->attached))
        return -EBUSY;
    contend_release(c->allocator, c->words, c->count * sizeof *c->words);
    return 0;
}

static inline int counter_per_cpu_attach(struct counter_per_cpu *c,
                                         struct counter_per_cpu_handle *h)
{
    h->area = contend_rseq_area();
    counter_attached_enter(&c->attached);
    return 0;
}

static inline void counter_per_cpu_detach(struct counter_per_cpu *c,
                                          struct counter_per_cpu_handle *h)
{
    h->area = NULL; /* the claps stay where they are */
    counter_attached_leave(&c->attached);
}

/* Without a sequence, or after one that was interrupted. */
CONTEND_RARE static inline void counter_per_cpu_add_beside(struct counter_per_cpu *c, int64_t n)
{
    /* Where the thread was a moment ago: if it has moved since, the add is dearer, not wrong. */
    uint32_t cpu = contend_cpu_number() % c->count;

    CONTEND_STEP("per_cpu: processor known, not yet added");
    /* relaxed: value only; a count publishes nothing else. */
    atomic_fetch_add_explicit(&c->words[cpu].beside, n, memory_order_relaxed);
}

static inline int counter_per_cpu_add(struct counter_per_cpu *c, struct counter_per_cpu_handle *h,
                                      int64_t n)
{
    if (!h->area || contend_rseq_add(h->area, c->words, c->count, n) != 0)
        counter_per_cpu_add_beside(c, n);
    return 0;
}

static inline int64_t counter_per_cpu_read(struct counter_per_cpu *c,
                                           struct counter_per_cpu_handle *h)
{
    int64_t sum = 0;

    (void)h;
    /*
     * seq_cst: as in rcu.h: of two threads that add and then read, one at least
     * sees both.  Pairs with the same fence in the other's read.
     */
    atomic_thread_fence(memory_order_seq_cst);
    for (uint32_t i = 0; i < c->count; i++) {
        /* relaxed, both: values only; each word is coherent by itself. */
        sum = counter_join(sum, atomic_load_explicit(&c->words[i].own, memory_order_relaxed));
        CONTEND_STEP("per_cpu: some words read");
        sum = counter_join(sum, atomic_load_explicit(&c->words[i].beside, memory_order_relaxed));
    }
    return sum;
}

COUNTER_NO_ADD_GET(per_cpu)
COUNTER_NO_QUIESCENCE(per_cpu)

static inline void counter_per_cpu_stats(struct counter_per_cpu *c, struct counter_stats *out)
{
    out->attached = counter_attached_count(&c->attached);
    out->bytes = sizeof *c + c->count * sizeof *c->words +
                 out->attached * sizeof(struct counter_per_cpu_handle);
}

static const struct counter_traits counter_per_cpu_traits = {
    .id = {
        .name = "per_cpu",
        .title = "a word for each processor, added to in restartable sequences",
        .reference = "Desnoyers, rseq in Linux, 2018",
        .flags = CONTEND_SIGNAL_SAFE,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_INTERMEDIATE },
    .undo = { .kind = COUNTER_QUIESCENT },
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_per_cpu),
    .bytes_per_thread = sizeof(struct counter_per_cpu_handle),
    .bytes_per_cpu = sizeof(struct contend_rseq_word),
};

static inline void counter_per_cpu_traits_of(struct counter_per_cpu *c, struct counter_traits *out)
{
    (void)c;
    *out = counter_per_cpu_traits;
    if (!contend_rseq_area())
        out->id.title = "a word for each processor, added to atomically: no restartable sequences";
}

#endif
