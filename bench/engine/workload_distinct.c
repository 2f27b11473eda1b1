/* workload_distinct.c - what counters of distinct clappers are compared with. */
#include "bench/engine/subject.h"
#include "bench/engine/workload_family.h"

#define CLAPPERS .family = &family_distinct, .subject = &subject_distinct, .keys = KEYS_USERS

/* All readers have clapped before: that is where a post is after a while, and most claps are. */
enum { AGAIN, SHOWN };

static const struct workload workloads[] = {
    [AGAIN] = { "clappers", "claps by readers who have clapped before", CLAPPERS,
                .write_percent = 100 },
    [SHOWN] = { "clappers_99_1", "claps by readers who have clapped before, 1 % counts", CLAPPERS,
                .write_percent = 99, .read_percent = 1 },
    { .name = NULL },
};

static const struct workload_standard standards[] = {
    { &workloads[AGAIN], 100000, STANDARD_ALONE | STANDARD_PAIR | STANDARD_BRIEF },
    { NULL, 0, 0 },
};

const struct workload_family workloads_distinct = { workloads, standards };
