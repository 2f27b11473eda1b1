/*
 * workload_family.h - what each family brings to the workloads, as in workload_counter.c.
 */
#ifndef CONTEND_BENCH_ENGINE_WORKLOAD_FAMILY_H
#define CONTEND_BENCH_ENGINE_WORKLOAD_FAMILY_H

#include "bench/engine/workload.h"

struct workload_family {
    const struct workload *workloads;          /* in the order of the report, ended by a NULL name */
    const struct workload_standard *standards; /* see workload_standards() */
};

#define DECLARE(OBJECT) extern const struct workload_family workloads_##OBJECT;
FAMILY_EACH(DECLARE)
#undef DECLARE

#endif
