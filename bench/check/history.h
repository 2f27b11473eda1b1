/*
 * history.h - the operations of one execution with their begins, ends and results.
 */
#ifndef CONTEND_BENCH_CHECK_HISTORY_H
#define CONTEND_BENCH_CHECK_HISTORY_H

#include "bench/check/linear.h"

/*
 * The thread of an operation, the steps of the explanation at which it was called and
 * returned, and the operations that happen before it.
 */
struct history_place {
    unsigned thread, called, returned;
    uint32_t ended;  /* its end by the thread's logical clock; 0 = still running */
    uint64_t before; /* bit i: operation i happens before it */
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
 * The index of the running thread's next operation.  In a run in which threads repeat
 * their operations (check_repeats()) each thread has one index, and nothing is judged.
 */
size_t history_next(void);

/* Begins an operation.  Ends it with what it returned. */
struct linear_op *history_begin(int kind, int64_t argument);
void history_end(struct linear_op *op, int64_t result);

/*
 * Whether an equal history was accepted since history_forget(); many executions share
 * one.  `more` is a hash of results that the operations do not hold.  Always false in a
 * replay, which must repeat the execution that met the history first; and where threads of the
 * object run beside the final check, whose schedule must not depend on earlier executions.
 */
bool history_known(uint64_t more);
void history_remember(uint64_t more);
/* A hash of the happens-before relation of the operations, for `more`. */
uint64_t history_order(void);
void history_forget(void);

/*
 * Ends the execution with this sentence and a list of the operations.  The sentence also
 * names one operation without which `history` would be possible: first one of the kinds in
 * `reads`, whose answer is wrong, else one of the kinds in `writes`, whose effect is lost.
 */
_Noreturn void history_refuse(const char *sentence, bool (*possible)(void), const char *reads,
                              const char *writes);

/* Writes "-ENOENT" for what the contracts' operations fail with, or the number; returns text. */
const char *history_number(int64_t result, char text[HISTORY_WORDS]);

#endif
