/*
 * textbook.h - small algorithms of the literature, to try the checker and to learn from.
 *
 * Each file is one algorithm and one test of it, and is right; the mutants in mutants/ make
 * it wrong in one place each.  The tool has all of them: `contend check textbook/treiber
 * --mutant=no_tag`.
 */
#ifndef CONTEND_BENCH_CHECK_TEXTBOOK_TEXTBOOK_H
#define CONTEND_BENCH_CHECK_TEXTBOOK_TEXTBOOK_H

#include <stdatomic.h>
#include <stdlib.h>

#include "bench/check/check.h"
#include "bench/machine/models.h"

extern const struct check_test textbook;

#define rlx memory_order_relaxed
#define acq memory_order_acquire
#define rel memory_order_release
#define ar memory_order_acq_rel
#define sc memory_order_seq_cst
#define LD(v, o) atomic_load_explicit(&v, o)
#define ST(v, n, o) atomic_store_explicit(&v, n, o)
#define ADD(v, n, o) atomic_fetch_add_explicit(&v, n, o)
#define SUB(v, n, o) atomic_fetch_sub_explicit(&v, n, o)
#define XCHG(v, n, o) atomic_exchange_explicit(&v, n, o)
#define CAS(v, old, n, o, f) atomic_compare_exchange_strong_explicit(&v, old, n, o, f)
#define FENCE(o) atomic_thread_fence(o)

/* A block that may be freed too early. */
static inline int *make(int value)
{
    int *block = malloc(sizeof *block);

    *block = value;
    return block;
}

#endif
