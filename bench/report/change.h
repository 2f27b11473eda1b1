/*
 * change.h - what became of a strategy between two results files: the rule of `contend compare` and of the page.
 *
 * Machines drift between two sessions, so what is judged is each strategy's ratio to the reference
 * within its own blocks; the plain rates stand beside it.
 */
#ifndef CONTEND_BENCH_REPORT_CHANGE_H
#define CONTEND_BENCH_REPORT_CHANGE_H

#include "bench/judge/verdict.h"
#include "bench/report/results_read.h"

/* One strategy of one cell. */
struct change {
    struct interval ratio, rate; /* B over A; the ratio is NAN without a reference, and for the reference */
    double a_ops, b_ops;         /* medians */
    enum verdict verdict;
};

/* Whether some cell of both files has not one reference that is known: then only rates can be judged. */
bool change_needs_rates(const struct results_file *a, const struct results_file *b);
/* Why these replays must not be compared: "log has other requests"; NULL if they may be. */
const char *change_refused(const struct results_file *a, const struct results_file *b);
/* Why two cells of one name must not be compared, or NULL. */
const char *change_obstacle(const json_t *a, const json_t *b);

/* reference: of both cells; NULL where they have not one, which needs by_rate. */
struct change change_of(const json_t *a, const json_t *b, const char *strategy, const char *reference, bool by_rate);
json_t *change_json(const char *strategy, const struct change *c);

#endif
