/* workload_lock.c - what locks are compared with. */
#include "bench/engine/subject.h"
#include "bench/engine/workload_family.h"

static const struct workload workloads[] = { { .name = NULL } };
static const struct workload_standard standards[] = { { NULL, 0, 0 } };

const struct workload_family workloads_lock = { workloads, standards };
