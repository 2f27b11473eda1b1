/*
 * history.h - the operations of one execution with their begins, ends and results.
 */
#ifndef CONTEND_BENCH_CHECK_HISTORY_H
#define CONTEND_BENCH_CHECK_HISTORY_H

#include "bench/check/linear.h"

/*
 * Who did it, in which steps of the explanation it was called and returned, and which
 * operations had ended, not by the clock but for all that its thread can know.
 */
struct history_place {
    unsigned thread, called, returned;
    uint32_t ended;  /* on its thread's own clock; 0 = not yet */
    uint64_t before; /* a bit for each operation that happens before it */
};

struct history {
    struct linear_op ops[LINEAR_MAX];
    struct history_place places[LINEAR_MAX];
    size_t count;
};

extern struct history history;

enum { HISTORY_WORDS = 64 };

/* Operations and their results in the words of their object: "add(1)", "-EOVERFLOW". */
struct history_words {
    void (*call)(const struct linear_op *op, char text[HISTORY_WORDS]);
    void (*result)(const struct linear_op *op, char text[HISTORY_WORDS]);
};

void history_reset(const struct history_words *words);

/*
 * Where the running thread's next operation is kept: an index.  In a run that repeats
 * itself (check_repeats()) each thread has one place, and nothing is judged.
 */
size_t history_next(void);

/* Begins an operation.  Ends it with what it returned. */
struct linear_op *history_begin(int kind, int64_t argument);
void history_end(struct linear_op *op, int64_t result);

/*
 * Whether this very history was found good before (since history_forget()); many
 * executions share one.  `more` stands for results that the operations do not hold.
 * Never in a replay, which must do what the first to have it did.
 */
bool history_known(uint64_t more);
void history_remember(uint64_t more);
/* The operations' happens-before as such a result. */
uint64_t history_order(void);
void history_forget(void);

/*
 * Ends the execution with this sentence and the operations in a list.  One operation is
 * named if `possible` says that `history` would be well without it: a wrong answer, one
 * of the kinds in `reads`; or else what might as well not have happened, one in `writes`.
 */
_Noreturn void history_refuse(const char *sentence, bool (*possible)(void), const char *reads,
                              const char *writes);

/* Writes "-ENOENT" for what the contracts' operations fail with, or the number; returns text. */
const char *history_number(int64_t result, char text[HISTORY_WORDS]);

#endif
