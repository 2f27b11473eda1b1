/*
 * pareto.h - the strategies of a family that nothing beats, and what would decide between them.
 *
 * A strategy is beaten if another one is as fast, as small and as simple (judge/simplicity.h),
 * promises all that it promises, and is better in one of these.  Rates are ratios to the reference, the
 * geometric mean over the cells that rank; bytes are those of the cell with the most.  As fast is only
 * what is so in the mean and carries about as much in the cell that is hardest for it.
 *
 * One begins with the simplest that is not beaten, and leaves it for a need that it does not meet, or
 * for more load than it carries: from there on, with the simplest of those that carry more.  What only
 * some can take (promise_demand()) is never among these.
 */
#ifndef CONTEND_BENCH_JUDGE_PARETO_H
#define CONTEND_BENCH_JUDGE_PARETO_H

#include "bench/judge/needs.h"
#include "bench/judge/verdict.h"

struct pareto_row {
    const struct contestant *who;
    double times; /* the reference's rate */
    double least_per_s; /* the lowest rate, which it has in the cell that is hardest for it */
    double bytes; /* for each counter, user, reader or lock */
    unsigned debts;    /* simplicity_rank() */
    unsigned promises; /* which of the needs that most products have are met */
    bool at_floor;  /* in each cell */
    bool beaten;    /* by one of the others */
};

enum { PARETO_QUESTIONS = 4 };

struct pareto {
    struct pareto_row *rows; /* fastest first; behind those that are not beaten come the others */
    unsigned count, beaten;  /* how many of either */
    unsigned partial;        /* strategies without a rate in one of the cells: not considered */
    unsigned cells;          /* that rank, and have the reference */
    unsigned threads;        /* of the one of these that has most */
    unsigned questions;
    enum need question[PARETO_QUESTIONS]; /* needs that some of the rows meet, and not all */
};

/* From the verdicts of one family among `count` cells.  0 or -ENOMEM; *p is to be freed. */
int pareto_make(struct pareto *p, const struct family *family, const struct cell_verdict *cells,
                unsigned count);
void pareto_free(struct pareto *p);

/* Whether a is as fast as b, or faster; whether it is smaller by so much that it is worth a thought. */
bool pareto_as_fast(const struct pareto_row *a, const struct pareto_row *b);
bool pareto_smaller(const struct pareto_row *a, const struct pareto_row *b);
/* Whether one row is reason enough to leave the other one out. */
bool pareto_beats(const struct pareto_row *a, const struct pareto_row *b);

/*
 * The simplest row that is not beaten and meets these needs, the fastest of several; one that only
 * some can take if there is no other; NULL: none does.
 */
const struct pareto_row *pareto_begin(const struct pareto *p, unsigned needs);
/* For a load that is too much for this row: the simplest of those that carry a quarter more; NULL: none does. */
const struct pareto_row *pareto_next(const struct pareto *p, const struct pareto_row *row);

/* Why a row is not beaten: "the fastest"; "simpler than per_cpu, adaptive; smaller than rcu". */
enum { PARETO_WORDS = 480 };
const char *pareto_because(const struct pareto *p, unsigned row, char buffer[PARETO_WORDS]);

/*
 * Where no cell ranks: the simplest of the family, by what it asks for alone, among those that have a rate
 * in each cell that has any; NULL: none has.  Its lowest median is something that it does at least.
 */
const struct contestant *pareto_unranked_begin(const struct family *family, const struct cell_verdict *cells,
                                               unsigned count, double *least_per_s);

#endif
