/*
 * costs.h - the price list: what single operations cost one thread that has the
 * object to itself.
 */
#ifndef CONTEND_BENCH_TOOL_COSTS_H
#define CONTEND_BENCH_TOOL_COSTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/floors/primitives.h"
#include "counters/counter.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"

enum cost_group { COST_PRIMITIVE, COST_LOCK, COST_COUNTER, COST_PRESENCE };

enum cost_operation {
    COST_RUN,       /* a primitive's loop */
    COST_DISPATCH,  /* an empty call through a pointer */
    COST_PAIR,      /* a lock: acquire and release */
    COST_ADD,       /* a counter, in the loop with the operation inlined ... */
    COST_ADD_TABLE, /* ... and by a call through the table */
    COST_READ,
    COST_HEARTBEAT, /* of a user who is online */
    COST_ONLINE,    /* is_online of a user who is */
    COST_MISS       /* is_online of a user who never came */
};

enum { COST_USERS = 100000 };

struct cost {
    enum cost_group group;
    enum cost_operation operation;
    const char *strategy; /* "loop", "mutex" */
    char name[96];        /* "counter/mutex/add" */
    const void *what;     /* the table of its group: struct primitive, lock_ops ... */
    bool asked;           /* google-benchmark's filter wants it */
    bool begun, spoilt;   /* has been run; and came to nothing */
    double *ns;           /* one per repetition */
    unsigned repetitions;
    double median;        /* NAN = not measured */
};

/* All of them, by group, strategy and operation. */
struct costs {
    struct cost *costs;
    size_t count;
    struct cost_bench *bench; /* what the case under way works on */
};

/*
 * The cases of the named strategies (with or without their rooms), or of all when `count`
 * is 0; the primitives always.  Floors and exhibits only by name.  0 or -ENOMEM.
 */
int costs_list(struct costs *c, char *const *strategies, unsigned count);
void costs_free(struct costs *c);

/* "add" */
const char *cost_operation_name(enum cost_operation o);

/* Makes what the case works on.  NULL, or why it cannot. */
const char *cost_begin(struct costs *c, size_t index);
/* n operations. */
void cost_run(struct costs *c, size_t index, size_t n);
/* NULL, or what was wrong with the operations since cost_begin. */
const char *cost_end(struct costs *c, size_t index);

#endif
