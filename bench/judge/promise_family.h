/*
 * promise_family.h - how each family words what its entries promise, as in
 * promise_counter.c; promise.h says what the members mean.
 */
#ifndef CONTEND_BENCH_JUDGE_PROMISE_FAMILY_H
#define CONTEND_BENCH_JUDGE_PROMISE_FAMILY_H

#include "bench/judge/needs.h"
#include "bench/judge/promise.h"
#include "bench/judge/simplicity.h"

/* The traits are the contestant's own, as contestant_traits() gives them. */
struct promise_family {
    const char *heading, *stronger;
    void (*pair)(const void *traits, unsigned *write, unsigned *read);
    const char *(*guarantee)(const void *traits, char buffer[PROMISE_WORDS]);
    uint64_t (*weakness)(const void *traits);
    const char *(*limits)(const void *traits, char buffer[PROMISE_WORDS]);
    const char *(*demand)(const void *traits);
    double (*stale_ms)(const void *traits); /* how late an answer may be; NULL: no such thing */
    unsigned own_needs;                    /* needs.h: those that only this family has */
    unsigned (*meets)(const void *traits); /* and which of them are met; NULL: none */
    unsigned (*owes)(const void *traits);  /* simplicity.h: beside what any family can; NULL: nothing */
};

/* Of two operations' progress the weaker one; of equal ones with the conditions of both. */
unsigned promise_weaker(unsigned a, unsigned b);

#define DECLARE(OBJECT) extern const struct promise_family promises_##OBJECT;
FAMILY_EACH(DECLARE)
#undef DECLARE

#endif
