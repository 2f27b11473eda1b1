/*
 * litmus_words.h - short words in which litmus programs are written.
 *
 * For the litmus programs only: the names are as short as those of the literature.
 */
#ifndef CONTEND_TESTS_BENCH_CHECK_LITMUS_WORDS_H
#define CONTEND_TESTS_BENCH_CHECK_LITMUS_WORDS_H

#include <stdatomic.h>

#include "tests/bench/check/litmus.h"

#define A litmus_register[0]
#define B litmus_register[1]
#define C litmus_register[2]
#define D litmus_register[3]
#define rlx memory_order_relaxed
#define acq memory_order_acquire
#define rel memory_order_release
#define ar memory_order_acq_rel
#define sc memory_order_seq_cst
#define con memory_order_consume
#define ST(v, n, o) atomic_store_explicit(&v, n, o)
#define LD(v, o) atomic_load_explicit(&v, o)
#define ADD(v, n, o) atomic_fetch_add_explicit(&v, n, o)
#define XCHG(v, n, o) atomic_exchange_explicit(&v, n, o)
#define F(o) atomic_thread_fence(o)

/* Thread bodies, one function each: many tests share them. */
#define BODY(name, ...) static void name(void) { __VA_ARGS__; }

#define ALL2 "00 01 10 11"
#define SAFE "00 01 11"
#define TWO(name, out, a, b) { name, out, NULL, NULL, { a, b }, NULL, 2 }

#endif
