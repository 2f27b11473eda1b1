/*
 * promise_family.h - how each family words what its entries promise: see
 * promise_counter.c and its kin, and promise.h for what the members mean.
 */
#ifndef CONTEND_BENCH_JUDGE_PROMISE_FAMILY_H
#define CONTEND_BENCH_JUDGE_PROMISE_FAMILY_H

#include "bench/judge/promise.h"

struct promise_family {
    const char *heading, *stronger;
    void (*pair)(const void *ops, unsigned *write, unsigned *read);
    const char *(*guarantee)(const void *ops, char buffer[PROMISE_WORDS]);
    uint64_t (*weakness)(const void *ops);
    const char *(*limits)(const void *ops, char buffer[PROMISE_WORDS]);
    const char *(*demand)(const void *ops);
};

#define DECLARE(OBJECT) extern const struct promise_family promises_##OBJECT;
FAMILY_EACH(DECLARE)
#undef DECLARE

#endif
