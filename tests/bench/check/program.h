/*
 * program.h - random programs of atomic accesses and fences, and their outcomes.
 *
 * The checker explores such a program (program.c), the axioms of C++20 say what it may
 * do (axioms.c), and test_model.c holds one against the other.
 */
#ifndef CONTEND_TESTS_BENCH_CHECK_PROGRAM_H
#define CONTEND_TESTS_BENCH_CHECK_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/base/random.h"
#include "bench/check/check.h"

enum { PROGRAM_THREADS = 4, PROGRAM_LENGTH = 4, PROGRAM_PLACES = 3, PROGRAM_OUTCOMES = 1 << 13 };

enum op_kind { OP_LOAD, OP_STORE, OP_EXCHANGE, OP_ADD, OP_CAS, OP_FENCE,
               OP_READ, OP_WRITE }; /* plain, to one more place */
enum { UNGUARDED = -1 };

struct op {
    enum op_kind kind;
    unsigned place;            /* 0 ... PROGRAM_PLACES - 1 */
    int value, expected;       /* expected: of a compare-and-swap; of a plain access: what the
                                  thread must have read last, or it is left out */
    int order, failure;        /* __ATOMIC_*; failure: of a compare-and-swap */
    bool weak;                 /* of a compare-and-swap: it may fail for no reason */
};

struct program {
    unsigned threads, length[PROGRAM_THREADS];
    struct op op[PROGRAM_THREADS][PROGRAM_LENGTH];
};

/*
 * An outcome: four bits for each value that was read, thread by thread, the first one
 * lowest, and above them the last value of each place.
 */
struct outcomes {
    uint64_t of[PROGRAM_OUTCOMES];
    unsigned count;
    bool overflow; /* there were more */
};

void outcomes_add(struct outcomes *set, uint64_t outcome);
bool outcomes_have(const struct outcomes *set, uint64_t outcome);

static inline bool op_reads(const struct op *op)
{
    return op->kind == OP_LOAD || (op->kind >= OP_EXCHANGE && op->kind <= OP_CAS);
}

static inline bool op_is_plain(const struct op *op)
{
    return op->kind >= OP_READ;
}

/* Whether it is executed by a thread that read `last` before. */
static inline bool op_is_done(const struct op *op, int last)
{
    return !op_is_plain(op) || op->expected == UNGUARDED || op->expected == last;
}

/* The values that the operations have read, and the last value of each place, as an outcome. */
uint64_t program_outcome(const struct program *p, int read[][PROGRAM_LENGTH], const int *last);

/* Two to four threads, of `most` operations together; some of them plain, if that is asked for. */
struct program program_random(struct random *r, unsigned most, bool plain);

/* The program as C, with a line for each thread; an outcome as the value of each read. */
void program_print(const struct program *p, FILE *out);
void program_print_outcome(const struct program *p, uint64_t outcome, FILE *out);

/* The outcomes that the checker finds by that search, without a bound. */
struct check_result program_explore(const struct program *p, enum check_mode mode,
                                    enum check_strategy strategy, struct outcomes *found);

/* The instrumented half (program_steps.c): all places are 0; one operation, which returns what it read. */
void program_reset(void);
int program_do(const struct op *op);
int program_last(unsigned place);

#endif
