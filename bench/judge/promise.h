/*
 * promise.h - what a contestant promises, in the words of every table and list.
 */
#ifndef CONTEND_BENCH_JUDGE_PROMISE_H
#define CONTEND_BENCH_JUDGE_PROMISE_H

#include "bench/engine/workload.h"

enum { PROMISE_WORDS = 128 };

/* "wait-free", or "lock-free/wait-free" where writes and reads differ. */
const char *promise_progress(const struct contestant *c, char buffer[PROMISE_WORDS]);
/* As enum contend_progress, the weakest of what changes the object in a workload, and what reads it. */
void promise_pair(const struct contestant *c, unsigned *write, unsigned *read);
/* A number that is smaller for stronger progress of the two together. */
unsigned promise_hindrance(const struct contestant *c);

/* "linearizable" of a counter's reads, "exact" or "to 1 s" of a map's, "fifo, spinning" of a lock. */
const char *promise_guarantee(const struct contestant *c, char buffer[PROMISE_WORDS]);
/* The heading of that column: "reads", "waiting". */
const char *promise_heading(const struct family *family);

/* A number that is smaller for a stronger guarantee. */
uint64_t promise_weakness(const struct contestant *c);
/* Why the stronger one is preferred, behind its name: "'s read guarantee is stronger". */
const char *promise_stronger(const struct family *family);

/*
 * How many ms later than an exact object's an answer may be right, at most; INFINITY without a bound,
 * NAN where the family knows no such thing.
 */
double promise_stale_ms(const struct contestant *c);

/* What a user must know before taking it: "; fixed capacity"; "" if nothing. */
const char *promise_limits(const struct contestant *c, char buffer[PROMISE_WORDS]);

/* The condition under which it can be used: "ids are dense"; NULL: there is none. */
const char *promise_demand(const struct contestant *c);

#endif
