/*
 * locked.h - a text inline, under a lock: readers copy it inside, and use it outside.
 *
 * Idea: what everybody writes first.
 * Invariant: the words are read and written by a holder alone.
 * Linearisation points: inside the section.
 * Progress: blocking.
 * Cost: a lock's pair, and a copy of every byte.
 * Breaks when: readers are many.
 * Use when: there are few.
 * Reference: E. Dijkstra, "Solution of a Problem in Concurrent Programming Control", 1965.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_BENCH_SERVE_POSTS_TEXT_LOCKED_H
#define CONTEND_BENCH_SERVE_POSTS_TEXT_LOCKED_H

#include "bench/serve/posts/text/text.h"
#include "locks/parts/platform.h"

struct text_locked {
    struct chosen_lock lock;
    size_t size;
    uint64_t words[TEXT_LARGEST / 8];
};

struct text_locked_handle {
    struct chosen_lock_handle lock;
};

static inline int text_locked_init(struct text_locked *t, size_t size)
{
    int error = text_check(size, TEXT_LARGEST);

    memset(t, 0, sizeof *t);
    t->size = size;
    return error ? error : chosen_lock_init(&t->lock, NULL);
}

static inline void text_locked_fini(struct text_locked *t)
{
    chosen_lock_fini(&t->lock);
}

static inline int text_locked_attach(struct text_locked *t, struct text_locked_handle *h)
{
    return chosen_lock_attach(&t->lock, &h->lock);
}

static inline void text_locked_detach(struct text_locked *t, struct text_locked_handle *h)
{
    chosen_lock_detach(&t->lock, &h->lock);
}

static inline void text_locked_read(struct text_locked *t, struct text_locked_handle *h,
                                    text_visit *visit, void *ctx)
{
    uint64_t copy[TEXT_LARGEST / 8];

    chosen_lock_insist_shared(&t->lock, &h->lock);
    memcpy(copy, t->words, t->size);
    chosen_lock_release_shared(&t->lock, &h->lock);
    visit(ctx, copy, t->size / 8);
}

static inline int text_locked_write(struct text_locked *t, struct text_locked_handle *h,
                                    const uint64_t *words)
{
    while (!lock_is_held(chosen_lock_acquire(&t->lock, &h->lock)))
        contend_cpu_relax();
    memcpy(t->words, words, t->size);
    chosen_lock_release(&t->lock, &h->lock);
    return 0;
}

static const struct text_traits text_locked_traits = {
    .id = { .name = "inline_" CHOSEN_LOCK_NAME, .title = "inline, copied under a lock",
            .reference = CONTEND_THE_LOCKS, .lock = CHOSEN_LOCK_NAME },
    .read = CONTEND_BLOCKING, .write = CONTEND_BLOCKING, .greatest = TEXT_LARGEST,
};

#endif
