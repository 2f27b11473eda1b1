/*
 * plan.h - which cells are measured, with which contestants, and in what order.
 */
#ifndef CONTEND_BENCH_MEASURE_PLAN_H
#define CONTEND_BENCH_MEASURE_PLAN_H

#include <stdio.h>

#include "bench/measure/run_options.h"
#include "bench/engine/workload.h"

enum { PLAN_LEAST_BLOCKS = 5 }; /* of a cell; fewer rank nothing */

struct plan_cell {
    struct cell cell;
    struct contestant *contestants; /* the reference first, its second entry next, then the rest */
    unsigned count;
    unsigned blocks; /* at most */
    bool brief;      /* of the default comparison: the others get what the budget leaves */
};

struct plan {
    struct plan_cell *cells;
    unsigned count;
    unsigned blocks;  /* the most of any cell */
    unsigned windows; /* in all, if nothing ends early */
    double seconds;   /* how long they will take, estimated */
};

/* 0, -ENOMEM, or -EINVAL after a message (a bad filter, or nothing is left to measure). */
int plan_make(struct plan *p, const struct run_options *o);
/* A plan of exactly these cells; the options choose the contestants, the blocks and the time. */
int plan_of_cells(struct plan *p, const struct run_options *o, const struct cell *cells,
                  unsigned count);
/* Estimates the time again, after the options changed. */
void plan_guess(struct plan *p, const struct run_options *o);
/*
 * Reduces the blocks of the cells that decide until the default comparison ends before its budget
 * does: a cell that is cut short is reported as such, but here the user has asked for no number.
 * A fifth of the budget is left for what a busy machine adds to the guess.
 */
void plan_fit(struct plan *p, const struct run_options *o);
void plan_free(struct plan *p);

/* The reference in a family's cells: the one that the options name, or the family's own. */
const char *plan_reference(const struct run_options *o, const struct family *family);

/* "presence/online_90_10/users:100000/threads:2/packed", into a buffer. */
enum { PLAN_NAME = 192 };
const char *plan_name(const struct plan_cell *c, unsigned contestant, char buffer[PLAN_NAME]);
/* The same without the contestant. */
const char *plan_cell_name(const struct cell *c, char buffer[PLAN_NAME]);

/* Why a strategy is not in a cell. */
enum plan_missing { PLAN_PRESENT, PLAN_STUDY, PLAN_BROKEN, PLAN_UNNAMED, PLAN_FILTERED, PLAN_MISSING };
enum plan_missing plan_missing(const struct plan_cell *c, const struct run_options *o,
                               const void *ops);
/* "to be studied (--all)" */
const char *plan_missing_word(enum plan_missing why);

/* Lists each case once, as --benchmark_list_tests wants it. */
void plan_list(const struct plan *p, FILE *out);

#endif
