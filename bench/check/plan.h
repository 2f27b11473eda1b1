/*
 * plan.h - a scenario for a structure of a user's own, and its test.
 *
 * Written as "push(1)/pop()+push(2),pop()": what stands before the '/' is done first, by one
 * thread; threads are separated by '+', their operations by ','.
 */
#ifndef CONTEND_BENCH_CHECK_PLAN_H
#define CONTEND_BENCH_CHECK_PLAN_H

#include "bench/check/check.h"
#include "bench/check/linearizable.h"
#include "bench/machine/linkage.h"

enum { PLAN_BEFORE = 4, PLAN_TEXT = 512, PLAN_KINDS = 16,
       PLAN_CALLS = PLAN_BEFORE + CHECK_STRUCTURE_THREADS * CHECK_STRUCTURE_LENGTH };

struct call {
    unsigned operation; /* its index in the list */
    int64_t argument;
};

struct plan_part {
    struct call calls[PLAN_KINDS]; /* in scenarios fewer; a stopped thread makes each call once */
    unsigned count;
};

struct plan {
    const struct check_structure *structure;
    struct plan_part before, threads[CHECK_STRUCTURE_THREADS];
    unsigned thread_count;
    bool weak;     /* judged by happens-before, not in real time */
    bool progress; /* a thread is stopped or starved: results are not judged */
    unsigned rounds; /* progress: the last thread makes its calls so often, if nobody is starved; 0 = once */
};

/* How many operations the structure has; more than PLAN_KINDS are not used. */
unsigned plan_kinds(const struct check_structure *structure) CHECK_PRIVATE(plan_kinds);

/* The index-th scenario, the short ones first; the same seed gives the same. */
void plan_generate(struct plan *plan, const struct check_structure *structure, unsigned index,
                   uint64_t seed) CHECK_PRIVATE(plan_generate);

void plan_print(const struct plan *plan, char text[PLAN_TEXT]) CHECK_PRIVATE(plan_print);

/*
 * False, with a reason, if the text is no scenario of this structure.  With `progress` the first
 * thread may make every call, and results are not judged.
 */
bool plan_parse(struct plan *plan, const struct check_structure *structure, const char *text,
                bool progress, char *why, size_t size) CHECK_PRIVATE(plan_parse);

/* The scenario as a test with this name.  One at a time: the context is static. */
struct check_test plan_test(const struct plan *plan, const char *name) CHECK_PRIVATE(plan_test);

/* How often the last thread has begun with its calls, in the execution that was run last. */
unsigned plan_rounds(void) CHECK_PRIVATE(plan_rounds);

/* The beginning of the sentence in which a plan's test says that no order explains the results. */
#define PLAN_NO_ORDER "no order of the operations explains what they returned"

#endif
