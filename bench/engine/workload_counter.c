/* workload_counter.c - what clap counters are compared with. */
#include "bench/engine/subject.h"
#include "bench/engine/workload_family.h"

#define ONE_POST .family = &family_counter, .subject = &subject_counter
#define MANY_POSTS .family = &family_counter, .subject = &subject_posts, .keys = KEYS_POSTS
#define MIX(WRITE, READ) .write_percent = (WRITE), .read_percent = (READ)

enum { CLAPS, CLAPS_99_1, CLAPS_50_50, CLAPS_POSTS, READS_POSTS_90_10 };

static const struct workload workloads[] = {
    [CLAPS] = { "claps", "claps only, one hot post", ONE_POST, MIX(100, 0) },
    [CLAPS_99_1] = { "claps_99_1", "99 % claps, 1 % reads, one hot post", ONE_POST, MIX(99, 1) },
    [CLAPS_50_50] = { "claps_50_50", "half claps, half reads, one hot post", ONE_POST, MIX(50, 50) },
    [CLAPS_POSTS] = { "claps_posts", "claps only, many posts", MANY_POSTS, MIX(100, 0) },
    [READS_POSTS_90_10] = { "reads_posts_90_10", "90 % reads, 10 % claps, many posts", MANY_POSTS,
                            MIX(10, 90) },
    { .name = NULL },
};

static const struct workload_standard standards[] = {
    { &workloads[CLAPS], 1, STANDARD_ALONE | STANDARD_BRIEF },
    { &workloads[CLAPS], 1, STANDARD_PAIR },
    { &workloads[CLAPS_99_1], 1, STANDARD_ALONE | STANDARD_BRIEF },
    { &workloads[CLAPS_99_1], 1, STANDARD_PAIR },
    { &workloads[CLAPS], 1, STANDARD_CROWD | STANDARD_BRIEF },
    { &workloads[CLAPS_POSTS], 200000, STANDARD_PAIR | STANDARD_BRIEF },
    { &workloads[CLAPS], 1, STANDARD_STORES },
    { NULL, 0, 0 },
};

const struct workload_family workloads_counter = { workloads, standards };
