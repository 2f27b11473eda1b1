/*
 * covered.h - how much of a test was tried, as it is printed when nothing was found.
 *
 * A line for each kind of memory, also where it is a sample: what is not said would be taken for done.
 */
#ifndef CONTEND_BENCH_CHECK_COVERED_H
#define CONTEND_BENCH_CHECK_COVERED_H

#include "bench/check/check.h"
#include "bench/machine/linkage.h"

/* By mode. */
struct covered {
    unsigned within[2]; /* every schedule up to this bound was tried; 0 = not all */
    bool exhausted[2];  /* nothing is left to try */
};

/* Adds what a search that has found nothing has covered. */
void covered_learn(struct covered *c, const struct check_options *options, const struct check_result *result)
    CHECK_PRIVATE(covered_learn);

/* Several scenarios together. */
struct covered_sum {
    struct covered last;
    unsigned scenarios, exhausted[2], within[2];
};

void covered_add(struct covered_sum *sum, const struct covered *one) CHECK_PRIVATE(covered_add);

/* `mode`: enum check_mode: this one only; -1 = both. */
void covered_print(const struct covered *c, int mode) CHECK_PRIVATE(covered_print);
void covered_print_sum(const struct covered_sum *sum, int mode) CHECK_PRIVATE(covered_print_sum);

#endif
