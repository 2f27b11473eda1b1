/*
 * near.h - the near misses of all visitors, added up by line of the source.
 */
#ifndef CONTEND_TESTS_SOAK_NEAR_H
#define CONTEND_TESTS_SOAK_NEAR_H

#include <stdint.h>
#include <stdio.h>

struct near {
    uint64_t steps, delays, crossed; /* crossed: another thread stepped on the line meanwhile */
    uint64_t swaps, failed;          /* compare-exchanges, and those that found another value */
    uint64_t changed;                /* steps that found another value than the last look */
    uint64_t locks, waited;          /* locks and semaphores taken, and those that were not free */
    uint64_t graces, read;           /* grace periods, and those that began with a reader inside */
    uint64_t frees, beside;          /* blocks freed, and those that another had just touched */
    unsigned swap_lines, failing_lines;
};

/* While no instrumented code runs. */
struct near near_collect(void);

/*
 * One line of them, then a warning for each kind that was there and never came near: a
 * compare-exchange that never failed, locks that were always free, and so on.  Returns
 * how many warnings.
 */
unsigned near_print(FILE *out, const char *prefix, const char *name);

#endif
