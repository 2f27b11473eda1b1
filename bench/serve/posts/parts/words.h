/*
 * words.h - a text that lies in its record and is written in place, under a sequence.
 *
 * Invariant: the sequence is odd exactly while one writer is between posts_words_write's first and
 *   last step; the swap that makes it odd chooses that writer.  The words and the size are those of
 *   the last write that ended, whenever the sequence is even.
 * Linearisation points: a write at the store that makes the sequence even; a read at its first
 *   look at the sequence, if the second one finds the same.
 * Pairings: the releasing store of the even sequence with the reader's first acquiring load, so
 *   that a reader of that sequence finds its text; the writer's release fence with the reader's
 *   acquire fence, so that a reader of one word of a later write finds the sequence changed.
 * Progress: blocking.  A writer that is preempted in between holds up readers and writers.
 * Reference: H. Boehm, "Can Seqlocks Get Along With Programming Language Memory Models?", 2012.
 */
#ifndef CONTEND_BENCH_SERVE_POSTS_PARTS_WORDS_H
#define CONTEND_BENCH_SERVE_POSTS_PARTS_WORDS_H

#include <string.h>

#include "locks/parts/platform.h"

struct posts_words {
    _Atomic uint32_t sequence;
    _Atomic uint32_t size; /* bytes */
    _Atomic uint64_t *words;
};

static inline void posts_words_init(struct posts_words *w, _Atomic uint64_t *words, size_t capacity)
{
    atomic_init(&w->sequence, 0);
    atomic_init(&w->size, 0);
    w->words = words;
    for (size_t i = 0; i < capacity / 8; i++)
        atomic_init(&words[i], 0);
}

/* Replaces the text by `size` bytes, at most the capacity. */
static inline void posts_words_write(struct posts_words *w, const char *text, uint32_t size)
{
    uint32_t even;

    for (;;) {
        /* relaxed: the swap below decides. */
        even = atomic_load_explicit(&w->sequence, memory_order_relaxed);
        /*
         * acquire: the last writer's stores come before ours; pairs with the release at the end of
         * its write.  relaxed on failure: it begins again.
         */
        if (even % 2 == 0 &&
            atomic_compare_exchange_weak_explicit(&w->sequence, &even, even + 1,
                                                  memory_order_acquire, memory_order_relaxed))
            break;
        contend_cpu_relax();
    }
    /* release: the odd sequence comes before the words; pairs with the acquire fence in the read. */
    atomic_thread_fence(memory_order_release);
    for (uint32_t at = 0; at < size; at += 8) {
        uint64_t word = 0;
        memcpy(&word, text + at, size - at < 8 ? size - at : 8);
        /* relaxed: the fence above and the store below order them. */
        atomic_store_explicit(&w->words[at / 8], word, memory_order_relaxed);
    }
    /* relaxed: as above. */
    atomic_store_explicit(&w->size, size, memory_order_relaxed);
    /* release: pairs with the acquire in posts_words_read, and with that of the next writer. */
    atomic_store_explicit(&w->sequence, even + 2, memory_order_release);
}

/* Copies the text, a whole number of words, and returns its size in bytes. */
static inline uint32_t posts_words_read(struct posts_words *w, char *text)
{
    for (;;) {
        /* acquire: pairs with the release at the end of a write. */
        uint32_t before = atomic_load_explicit(&w->sequence, memory_order_acquire);
        if (before % 2 == 0) {
            /* relaxed, here and for the words: the fence below orders them. */
            uint32_t size = atomic_load_explicit(&w->size, memory_order_relaxed);
            for (uint32_t at = 0; at < size; at += 8) {
                uint64_t word = atomic_load_explicit(&w->words[at / 8], memory_order_relaxed);
                memcpy(text + at, &word, 8);
            }
            /* acquire: the second look comes last; pairs with the release fence of a write. */
            atomic_thread_fence(memory_order_acquire);
            /* relaxed: the fence orders it. */
            if (atomic_load_explicit(&w->sequence, memory_order_relaxed) == before)
                return size;
        }
        contend_cpu_relax();
    }
}

#endif
