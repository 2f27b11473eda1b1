/*
 * history.h - the operations of one execution with their begins, ends and results.
 */
#ifndef CONTEND_TESTS_CHECK_HISTORY_H
#define CONTEND_TESTS_CHECK_HISTORY_H

#include "tests/linear.h"

struct history {
    struct linear_op ops[LINEAR_MAX];
    size_t count;
};

extern struct history history;

void history_reset(void);

/* Begins an operation; `text` is for the explanation.  Ends it with what it returned. */
struct linear_op *history_begin(int kind, int64_t argument, const char *text);
void history_end(struct linear_op *op, int64_t result);

/*
 * Whether this very history was found good before (since history_forget()); many
 * executions share one.  `more` stands for results that the operations do not hold.
 */
bool history_known(uint64_t more);
void history_remember(uint64_t more);
void history_forget(void);

/* The history in a sentence: for verdicts. */
const char *history_text(const char *(*describe)(const struct linear_op *op));

#endif
