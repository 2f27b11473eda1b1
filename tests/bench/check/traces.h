/*
 * traces.h - small programs of the literature, and the steps that their threads make.
 */
#ifndef CONTEND_TESTS_BENCH_CHECK_TRACES_H
#define CONTEND_TESTS_BENCH_CHECK_TRACES_H

#include <stdbool.h>

enum { TRACE_PLACES = 8 };

/* The instrumented half (traces.c): one thread of a program, of that many threads. */
typedef void trace_body(unsigned thread, unsigned threads);
trace_body trace_writers, trace_adders, trace_readers, trace_times, trace_last_zero, trace_ticket, trace_naive_ticket,
    trace_spin, trace_mcs, trace_seqlock, trace_peterson, trace_alternate, trace_push, trace_push_pop;

void trace_reset(void);

/* A step on a place, just after it was made.  Not instrumented. */
void trace_note(unsigned thread, unsigned place, bool wrote);

/* The last steps of that thread count for nothing. */
void trace_forget(unsigned thread, unsigned count);

#endif
