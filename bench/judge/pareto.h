/*
 * pareto.h - the strategies of a family that nothing beats, and what would decide between them.
 *
 * A strategy is left out if another one is as fast, as small and as simple (judge/simplicity.h),
 * promises all that it promises, and is better in one of these.  Rates are ratios to the reference, the
 * geometric mean over the cells that
 * rank; bytes are those of the cell with the most.
 */
#ifndef CONTEND_BENCH_JUDGE_PARETO_H
#define CONTEND_BENCH_JUDGE_PARETO_H

#include "bench/judge/needs.h"
#include "bench/judge/verdict.h"

struct pareto_row {
    const struct contestant *who;
    double times; /* the reference's rate */
    double bytes; /* for each counter, user, reader or lock */
    unsigned debts;    /* simplicity_rank() */
    unsigned promises; /* which of the needs that most products have are met */
    bool at_floor;  /* in each cell */
    bool beaten;    /* only while the rows are chosen */
};

enum { PARETO_QUESTIONS = 4 };

struct pareto {
    struct pareto_row *rows; /* fastest first */
    unsigned count, beaten;  /* and so many are beaten by one of them */
    unsigned partial;        /* strategies without a rate in one of the cells: not considered */
    unsigned cells;          /* that rank, and have the reference */
    unsigned questions;
    enum need question[PARETO_QUESTIONS]; /* needs that some of the rows meet, and not all */
};

/* From the verdicts of one family among `count` cells.  0 or -ENOMEM; *p is to be freed. */
int pareto_make(struct pareto *p, const struct family *family, const struct cell_verdict *cells,
                unsigned count);
void pareto_free(struct pareto *p);

#endif
