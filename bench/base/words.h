/*
 * words.h - words that several folders use for one thing.
 */
#ifndef CONTEND_BENCH_BASE_WORDS_H
#define CONTEND_BENCH_BASE_WORDS_H

#include "locks/parts/traits.h"

/* "wait-free", of an enum contend_progress with or without modifiers. */
static inline const char *words_progress(unsigned progress)
{
    static const char *const words[] = { "wait-free", "lock-free", "obstruction-free", "blocking" };

    return words[progress & CONTEND_PROGRESS_CLASS];
}

#endif
