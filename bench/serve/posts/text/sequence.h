/*
 * sequence.h - a text inline, under a sequence: readers copy it, and look again.
 *
 * Idea: ../parts/words.h, with a text of any size.
 * Invariant: as there.
 * Linearisation points: as there.
 * Progress: blocking, by a preempted writer.
 * Cost: a reader copies every byte before it may believe it, and does so again beside a writer.
 * Breaks when: texts are long and written often: a reader never gets through.
 * Use when: texts are short.
 * Reference: H. Boehm, "Can Seqlocks Get Along With Programming Language Memory Models?", 2012.
 */
#ifndef CONTEND_BENCH_SERVE_POSTS_TEXT_SEQUENCE_H
#define CONTEND_BENCH_SERVE_POSTS_TEXT_SEQUENCE_H

#include "bench/serve/posts/parts/words.h"
#include "bench/serve/posts/text/text.h"

struct text_sequence {
    struct posts_words head;
    uint32_t size;
    _Atomic uint64_t words[TEXT_LARGEST / 8];
};

struct text_sequence_handle {
    char unused;
};

static inline int text_sequence_init(struct text_sequence *t, size_t size)
{
    uint64_t zeros[TEXT_LARGEST / 8] = { 0 };
    int error = text_check(size, TEXT_LARGEST);

    if (error)
        return error;
    posts_words_init(&t->head, t->words, TEXT_LARGEST);
    t->size = (uint32_t)size;
    posts_words_write(&t->head, (const char *)zeros, t->size);
    return 0;
}

static inline void text_sequence_fini(struct text_sequence *t)
{
    (void)t;
}

static inline int text_sequence_attach(struct text_sequence *t, struct text_sequence_handle *h)
{
    (void)t, (void)h;
    return 0;
}

static inline void text_sequence_detach(struct text_sequence *t, struct text_sequence_handle *h)
{
    (void)t, (void)h;
}

static inline void text_sequence_read(struct text_sequence *t, struct text_sequence_handle *h,
                                      text_visit *visit, void *ctx)
{
    uint64_t copy[TEXT_LARGEST / 8];

    (void)h;
    visit(ctx, copy, posts_words_read(&t->head, (char *)copy) / 8);
}

static inline int text_sequence_write(struct text_sequence *t, struct text_sequence_handle *h,
                                      const uint64_t *words)
{
    (void)h;
    posts_words_write(&t->head, (const char *)words, t->size);
    return 0;
}

static const struct text_traits text_sequence_traits = {
    .id = { .name = "inline_seqlock", .title = "inline, copied under a sequence",
            .reference = "Boehm, Can Seqlocks Get Along, 2012" },
    .read = CONTEND_BLOCKING, .write = CONTEND_BLOCKING, .greatest = TEXT_LARGEST,
};

#endif
