/*
 * awaits.h - random programs whose threads wait for each other in loops.
 *
 * The reduced search leaves out what follows a turn in vain.  It must end in whatever a search without
 * that ends in (test_awaits.c).
 */
#ifndef CONTEND_TESTS_BENCH_CHECK_AWAITS_H
#define CONTEND_TESTS_BENCH_CHECK_AWAITS_H

#include <stdbool.h>

enum { AWAIT_PLACES = 3, AWAIT_LENGTH = 3 };

enum await_kind {
    AWAIT_STORE, AWAIT_ADD, AWAIT_LOAD, /* these do not wait */
    AWAIT_NEVER,     /* the place must not have the value */
    AWAIT_VALUE,     /* until the place has the value */
    AWAIT_NAIVELY,   /* the same, in a loop that calls nothing */
    AWAIT_AND_TELL,  /* the same, and says whether it has waited */
    AWAIT_EITHER,    /* until this place has the value, or the next one has */
    AWAIT_TO_SWAP,   /* by compare-and-swap, until the place had 0 */
    AWAIT_TO_TAKE,   /* by exchange, until the place had 0 */
    AWAIT_AND_COUNT, /* no more than twice */
    AWAIT_AND_HELP,  /* each turn stores to the next place, which is never in vain */
    AWAIT_AND_LOCK,  /* each turn has a lock, which others may find taken */
    AWAIT_KINDS
};

struct await {
    enum await_kind kind;
    unsigned place;
    int value;
};

/* The instrumented half (awaits.c).  What a step has read, or 0. */
void await_reset(void);
int await_do(const struct await *a);
int await_last(unsigned place);

#endif
