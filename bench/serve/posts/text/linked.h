/*
 * linked.h - a text by reference: a write makes another block, and readers keep theirs.
 *
 * Idea: read, copy, update.
 * Invariant: a block never changes while it is linked; a writer retires the one that its swap took
 *   out.
 * Linearisation points: the load of the link; the swap.
 * Pairings: the releasing swap with the acquiring load in protect: a reader finds the block's words.
 * Progress: reads are what the scheme's are; a write is so apart from the allocator.
 * Cost: nothing is copied for a reader; an allocation and a retired block for a write.
 * Breaks when: writes come faster than blocks are freed.
 * Use when: texts are long, or reads are many.
 * Reference: P. McKenney and J. Slingwine, "Read-Copy Update", 1998.
 */
#include "presence_map/reclaim/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_BENCH_SERVE_POSTS_TEXT_LINKED_H
#define CONTEND_BENCH_SERVE_POSTS_TEXT_LINKED_H

#include "bench/serve/posts/text/text.h"
#include "locks/parts/platform.h"
#include "presence_map/reclaim/reclaim.h"

struct text_linked_block {
    struct chosen_reclaim_block block;
    uint64_t words[];
};

struct text_linked {
    struct chosen_reclaim domain;
    _Atomic uintptr_t link;
    size_t size;
};

struct text_linked_handle {
    struct chosen_reclaim_handle reclaim;
};

static inline int text_linked_init(struct text_linked *t, size_t size)
{
    const struct reclaim_config config = { .align = _Alignof(struct text_linked_block),
                                           .size = sizeof(struct text_linked_block) + size };
    int error = text_check(size, TEXT_LARGEST);

    if (error)
        return error;
    t->size = size;
    atomic_init(&t->link, 0);
    return chosen_reclaim_init(&t->domain, &config);
}

static inline void text_linked_fini(struct text_linked *t)
{
    /* relaxed: no other thread is left. */
    contend_release(NULL, (void *)atomic_load_explicit(&t->link, memory_order_relaxed),
                    sizeof(struct text_linked_block) + t->size);
    chosen_reclaim_fini(&t->domain);
}

static inline int text_linked_attach(struct text_linked *t, struct text_linked_handle *h)
{
    return chosen_reclaim_attach(&t->domain, &h->reclaim);
}

static inline void text_linked_detach(struct text_linked *t, struct text_linked_handle *h)
{
    chosen_reclaim_detach(&t->domain, &h->reclaim);
}

static inline void text_linked_read(struct text_linked *t, struct text_linked_handle *h,
                                    text_visit *visit, void *ctx)
{
    static const uint64_t zeros[TEXT_LARGEST / 8];

    chosen_reclaim_enter(&t->domain, &h->reclaim);
    const struct text_linked_block *b =
        (const void *)chosen_reclaim_protect(&t->domain, &h->reclaim, 0, &t->link);
    visit(ctx, b ? b->words : zeros, t->size / 8);
    chosen_reclaim_leave(&t->domain, &h->reclaim);
}

static inline int text_linked_write(struct text_linked *t, struct text_linked_handle *h,
                                    const uint64_t *words)
{
    struct text_linked_block *b = chosen_reclaim_allocate(&t->domain, &h->reclaim);

    if (!b)
        return -ENOMEM;
    memcpy(b->words, words, t->size);
    chosen_reclaim_enter(&t->domain, &h->reclaim);
    /* release: the words; pairs with the acquire in protect.
     * acquire: of the block that is retired; pairs with the release that linked it. */
    uintptr_t old = atomic_exchange_explicit(&t->link, (uintptr_t)b, memory_order_acq_rel);
    if (old)
        chosen_reclaim_retire(&t->domain, &h->reclaim, (void *)old);
    chosen_reclaim_leave(&t->domain, &h->reclaim);
    return 0;
}

static const struct text_traits text_linked_traits = {
    .id = { .name = "linked_" CHOSEN_RECLAIM_NAME, .title = "by reference: " CHOSEN_RECLAIM_TITLE,
            .reference = CHOSEN_RECLAIM_PAPER, .flags = chosen_reclaim_flags },
    .read = chosen_reclaim_reads, .write = CONTEND_LOCK_FREE | CONTEND_MODULO_MALLOC,
    .greatest = TEXT_LARGEST, .by_reference = 1,
};

#endif
