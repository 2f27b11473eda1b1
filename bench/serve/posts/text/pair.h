/*
 * pair.h - a text of at most two words, read and swapped in one step of twice the width.
 *
 * Idea: what fits into 16 bytes needs no lock and no sequence, where the machine can do that.
 * Invariant: the pair is always one that a write made.
 * Linearisation points: the load; the store.
 * Progress: what the C library's 16-byte atomics are: lock-free with cmpxchg16b, otherwise blocking.
 *   On x86-64 a load may itself be a swap, so that readers take the line from each other.
 * Cost: a call of the library and a locked instruction, for a read too.
 * Breaks when: the text grows by a byte.
 * Use when: two words must change together, and reads are not many more than writes.
 * Reference: M. Herlihy, "A Methodology for Implementing Highly Concurrent Data Objects", 1993.
 */
#ifndef CONTEND_BENCH_SERVE_POSTS_TEXT_PAIR_H
#define CONTEND_BENCH_SERVE_POSTS_TEXT_PAIR_H

#include "bench/serve/posts/text/text.h"
#include "locks/parts/platform.h"

struct text_pair_words {
    _Alignas(16) uint64_t words[2];
};

struct text_pair {
    _Atomic(struct text_pair_words) pair;
    size_t size;
};

struct text_pair_handle {
    char unused;
};

static inline int text_pair_init(struct text_pair *t, size_t size)
{
    const struct text_pair_words zero = { { 0, 0 } };

    atomic_init(&t->pair, zero);
    t->size = size;
    return text_check(size, sizeof zero);
}

static inline void text_pair_fini(struct text_pair *t)
{
    (void)t;
}

static inline int text_pair_attach(struct text_pair *t, struct text_pair_handle *h)
{
    (void)t, (void)h;
    return 0;
}

static inline void text_pair_detach(struct text_pair *t, struct text_pair_handle *h)
{
    (void)t, (void)h;
}

static inline void text_pair_read(struct text_pair *t, struct text_pair_handle *h, text_visit *visit,
                                  void *ctx)
{
    /* relaxed: the pair stands for itself. */
    struct text_pair_words seen = atomic_load_explicit(&t->pair, memory_order_relaxed);

    (void)h;
    visit(ctx, seen.words, t->size / 8);
}

static inline int text_pair_write(struct text_pair *t, struct text_pair_handle *h,
                                  const uint64_t *words)
{
    struct text_pair_words next = { { 0, 0 } };

    (void)h;
    memcpy(next.words, words, t->size);
    /* relaxed: as above. */
    atomic_store_explicit(&t->pair, next, memory_order_relaxed);
    return 0;
}

static const struct text_traits text_pair_traits = {
    .id = { .name = "inline_pair", .title = "inline, two words in one step",
            .reference = "Herlihy, Highly Concurrent Data Objects, 1993" },
    .read = CONTEND_LOCK_FREE, .write = CONTEND_LOCK_FREE, .greatest = 16,
};

#endif
