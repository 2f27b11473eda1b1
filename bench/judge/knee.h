/*
 * knee.h - the highest rate that something copes with, found by trying.
 *
 * From a first rate on the rates double until one is too high, or are quartered until one is
 * low enough; then the gap between the two is halved, on a logarithmic scale.  A rate that
 * fails is tried a second time, since a machine that was disturbed fails too.
 */
#ifndef CONTEND_BENCH_JUDGE_KNEE_H
#define CONTEND_BENCH_JUDGE_KNEE_H

struct knee_range {
    double first;         /* where the search begins */
    double least, most;   /* bounds, included */
    unsigned halvings;    /* of the gap: after 3 of them it is a factor of 2^(1/8), 9 % */
};

struct knee {
    double copes; /* the highest rate that was coped with; 0: not even the least */
    double fails; /* the lowest that was not; 0: even the most was coped with */
};

/* Whether `rate` is coped with: 1, 0, or a negative value, which ends the search. */
typedef int knee_try(void *ctx, double rate);

/* 0, or the negative value; *out is what was found until then. */
int knee_find(struct knee *out, const struct knee_range *range, knee_try *tries, void *ctx);

#endif
