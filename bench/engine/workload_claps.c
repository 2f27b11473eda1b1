/* workload_claps.c - what bounded claps are compared with: many readers of one hot post. */
#include "bench/engine/subject.h"
#include "bench/engine/workload_family.h"

#define READERS .family = &family_claps, .subject = &subject_claps, .keys = KEYS_USERS
#define MIX(CLAP, TOTAL, UNCLAP)                                                              \
    .write_percent = (CLAP), .read_percent = (TOTAL), .leave_percent = (UNCLAP)

/*
 * As many undos as claps: then what each reader has given wanders between the bounds.  With
 * fewer undos most readers have soon given 50, and most claps are refused: that is the load of
 * applause_90_10, in which a strategy is measured that has nothing to write.
 */
enum { APPLAUSE, FULL, LOOKS };

static const struct workload workloads[] = {
    [APPLAUSE] = { "applause", "half claps, half undos, the readers of one post", READERS,
                   MIX(50, 0, 50) },
    [FULL] = { "applause_90_10",
               "90 % claps, most of them refused, 10 % undos, the readers of one post", READERS,
               MIX(90, 0, 10) },
    [LOOKS] = { "applause_90_5_5", "90 % totals, 5 % claps, 5 % undos, the readers of one post",
                READERS, MIX(5, 90, 5) },
    { .name = NULL },
};

static const struct workload_standard standards[] = {
    { &workloads[APPLAUSE], 10000, STANDARD_ALONE | STANDARD_BRIEF },
    { &workloads[APPLAUSE], 10000, STANDARD_PAIR },
    { &workloads[APPLAUSE], WORKLOAD_STORE_READERS, STANDARD_STORES },
    { NULL, 0, 0 },
};

const struct workload_family workloads_claps = { workloads, standards };
