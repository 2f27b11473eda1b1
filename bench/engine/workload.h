/*
 * workload.h - what is measured: the load, its size, and which strategies contend.
 *
 * A workload says which operations are mixed.  A cell is one workload at one
 * size with one number of threads: the place in which strategies are compared.
 * A contestant is one strategy in a cell.
 */
#ifndef CONTEND_BENCH_ENGINE_WORKLOAD_H
#define CONTEND_BENCH_ENGINE_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/base/variant.h"

enum key_skew {
    SKEW_UNIFORM,
    SKEW_ZIPF, /* theta 0.99, scattered so that hot users are not neighbours */
    SKEW_HOT,  /* one user */
    SKEW_LOGGED /* as a log has it */
};

/* What the ids of a map's users look like. */
enum key_ids {
    IDS_DENSE,    /* 0, 1, 2 ..., so that maps which index by the id can take part */
    IDS_SPARSE32, /* anywhere below 2^31, so that maps of 32-bit ids can take part: mixed one to one */
    IDS_SPARSE64  /* anywhere in 64 bits: the numbers, mixed one to one */
};

/* The greatest id that IDS_SPARSE32 makes.  Numbers of users from 2^31 on come back to ids they share. */
enum { IDS_SPARSE32_MAX = 0x7fffffff };

/* What the operations of a workload choose among. */
enum workload_keys {
    KEYS_NONE,  /* nothing: all of them meet on one object */
    KEYS_POSTS, /* many posts, each with an object of its own */
    KEYS_USERS  /* the users in one object, or the readers of one post */
};

struct subject_kind;

struct workload {
    const char *name;  /* "claps", "online_90_10", "churn_sweep" */
    const char *title; /* "90 % is_online, 10 % heartbeat" */
    const struct family *family;
    const struct subject_kind *subject; /* what drives an object through it; NULL: a replay does */
    enum workload_keys keys;
    bool sparse_ids; /* its users can have any ids, see enum key_ids */
    unsigned write_percent; /* add, heartbeat, exclusive section */
    unsigned read_percent;  /* read, is_online */
    unsigned leave_percent; /* leave, unclap; the three make 100 */
    bool asks_when;         /* reads are last_seen, not is_online */
    bool fresh;             /* every join is of an id that was never used; the oldest ones leave */
    uint64_t retain_ms;     /* how long the map keeps expired users; half of them are away then */
    bool sweeper;           /* one more thread that sweeps beside the workers */
    unsigned batch;         /* users of one call, unless the cell says; 0 = each has its own */
    unsigned inside_ns;     /* sections: about how much work with the lock held */
    unsigned outside_ns;    /* and about how much between two sections */
    bool executes;          /* sections: the lock is asked to execute them, and may delegate them */
};

/* The index-th of all workloads in the order of the report, NULL after the last. */
const struct workload *workload_at(size_t index);
/* The families that have any, as a set of family_bit(). */
unsigned workload_families(void);
/* NULL if there is none of that name. */
const struct workload *workload_find(const char *name);

/* With which numbers of threads a workload belongs to the default comparison, and how often. */
enum {
    STANDARD_ALONE = 1, /* one thread */
    STANDARD_PAIR = 2,  /* two, where there are two processors */
    STANDARD_CROWD = 4, /* four for each processor */
    STANDARD_BRIEF = 8, /* the fewest blocks: no pick hangs on it, or it costs much */
    STANDARD_STORES = 16 /* with two, in the comparison with datastores, and only there */
};

/*
 * Users there: each is one request before and one after what is measured, of some milliseconds for the
 * slowest store, and the whole comparison has four minutes.
 */
enum { WORKLOAD_STORE_USERS = 2000 };
/* And readers of one post, who may have to lie in one item that is read and written as a whole. */
enum { WORKLOAD_STORE_READERS = 500 };

/* A place of a workload in the default comparison. */
struct workload_standard {
    const struct workload *workload; /* NULL ends a list */
    uint64_t size;                   /* users or posts; 1 where it has neither */
    unsigned when;                   /* STANDARD_... */
};

/* The family's places in the default comparison, ended by a NULL workload. */
const struct workload_standard *workload_standards(const struct family *family);

struct cell {
    const struct workload *workload;
    uint64_t users;   /* KEYS_USERS: how many; else 1 */
    uint64_t posts;   /* KEYS_POSTS: how many; else 1, and 0 with users */
    unsigned threads; /* workers, the sweeper not counted */
    unsigned readers; /* so many threads only read, the others only write; 0: all do both */
    unsigned hogs;    /* threads beside them that only use up processor time */
    enum key_skew skew;
    bool disjoint; /* every worker has keys of its own; default: all share all */
    enum key_ids ids;
    unsigned batch; /* users of one call in a workload that has batches; 0: as the workload says */
};

/* How many users or posts the keys of a tape are drawn from; 1 where there are none. */
uint64_t cell_keys(const struct cell *c);

/* The id of the user of that number: the number itself, or a sparse one. */
uint64_t cell_id(const struct cell *c, uint64_t number);

/* How many users one call has; 0: the workload has no batches. */
unsigned cell_batch(const struct cell *c);

/* What one worker does, as parts of the sum of the three. */
struct mix {
    unsigned write, read, leave;
};
struct mix cell_mix(const struct cell *c, unsigned worker);

/* How much of a worker's operations are adds or heartbeats, 0 .. 1. */
double cell_write_share(const struct cell *c, unsigned worker);

struct contestant {
    const struct family *family;
    const void *ops; /* the family's table of operations; only files of that family look inside */
    bool peer;       /* of another library, beside ours: never picked (bench/peers) */
    bool again;      /* the reference entered a second time: must come out as a tie */
    unsigned slowed; /* slowed down on purpose, by so many percent; 0: as it is */
    const struct variant *variant; /* of the strategy; NULL: every option has its default */
};

/*
 * The strategy's name; "mutex_again" for the reference's second entry, "mutex_slowed" for one
 * that is slowed down, "striped[stripes=4]" with
 * a setting.
 */
enum { CONTESTANT_NAME = VARIANT_NAME };
const char *contestant_name(const struct contestant *c, char *buffer, size_t size);
/* The family's traits: a variant's own, else the strategy's. */
const void *contestant_traits(const struct contestant *c);
/* What its objects are made with. */
struct contend_settings contestant_settings(const struct contestant *c);
const struct contend_identity *contestant_identity(const struct contestant *c);

/* Whether both are one entry of a comparison, perhaps in two cells of it. */
static inline bool contestant_same(const struct contestant *a, const struct contestant *b)
{
    return a->ops == b->ops && a->variant == b->variant && a->again == b->again &&
           a->slowed == b->slowed;
}

/* The strategy of that name, or a contestant without one. */
struct contestant contestant_find(const struct family *family, const char *name);
bool contestant_exists(const struct contestant *c);

/* The index-th entry of the family's registry; one that does not exist after the last. */
struct contestant contestant_at(const struct family *family, size_t index);

const char *skew_name(enum key_skew skew); /* "uniform", "zipf", "hot" */
const char *ids_name(enum key_ids ids);    /* "dense", "sparse32", "sparse64" */

#endif
