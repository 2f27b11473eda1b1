/*
 * costs.h - the price list: what single operations cost one thread that has the
 * object to itself.
 */
#ifndef CONTEND_BENCH_TOOL_COSTS_H
#define CONTEND_BENCH_TOOL_COSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/base/family.h"
#include "bench/floors/primitives.h"

enum { COST_USERS = 100000 };

struct cost {
    const struct family *family; /* NULL: a primitive */
    unsigned operation;          /* of the family: an index of its cost_family's operations */
    const char *strategy;        /* "loop", "mutex" */
    char name[96];               /* "counter/mutex/add" */
    const void *what;            /* the strategy's table; or the primitive, NULL for a bare call */
    bool asked;                  /* google-benchmark's filter matches it */
    bool begun, spoilt;          /* has been run; and has failed */
    double *ns;                  /* one for each repetition */
    unsigned repetitions;
    double median;               /* NAN = not measured */
};

/* All of them, by family, strategy and operation; the primitives first. */
struct costs {
    struct cost *costs;
    size_t count;
    struct cost_bench *bench; /* the objects of the case under way */
};

/*
 * The cases of the named strategies (with or without their folders), or of all when `count`
 * is 0; the primitives always.  Floors and exhibits only by name.  0 or -ENOMEM.
 */
int costs_list(struct costs *c, char *const *strategies, unsigned count);
void costs_free(struct costs *c);

/* "add", "run" of a primitive */
const char *cost_operation_name(const struct cost *c);
/* The line above the cases of its group. */
const char *cost_heading(const struct cost *c);

/* Makes the objects of the case.  NULL, or the reason why it cannot. */
const char *cost_begin(struct costs *c, size_t index);
/* n operations. */
void cost_run(struct costs *c, size_t index, size_t n);
/* NULL, or what was wrong with the operations since cost_begin. */
const char *cost_end(struct costs *c, size_t index);

#endif
