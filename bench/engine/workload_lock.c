/* workload_lock.c - what locks are compared with. */
#include "bench/engine/subject.h"
#include "bench/engine/workload_family.h"

#define SECTIONS .family = &family_lock, .subject = &subject_lock, .write_percent = 100

enum { EMPTY, INSIDE_100, OUTSIDE_100, EXECUTE, EXECUTE_100 };

static const struct workload workloads[] = {
    [EMPTY] = { "sections", "one lock, a counter is raised in each section", SECTIONS },
    [INSIDE_100] = { "sections_100", "about 100 ns of work in each section", SECTIONS,
                     .inside_ns = 100 },
    [OUTSIDE_100] = { "sections_outside_100", "about 100 ns of work between two sections", SECTIONS,
                      .outside_ns = 100 },
    [EXECUTE] = { "execute", "one lock, a counter is raised by execute", SECTIONS, .executes = true },
    [EXECUTE_100] = { "execute_100", "about 100 ns of work in each execute", SECTIONS,
                      .executes = true, .inside_ns = 100 },
    { .name = NULL },
};

static const struct workload_standard standards[] = {
    { &workloads[EMPTY], 1, STANDARD_ALONE | STANDARD_PAIR },
    { &workloads[INSIDE_100], 1, STANDARD_PAIR | STANDARD_BRIEF },
    { &workloads[EXECUTE], 1, STANDARD_PAIR | STANDARD_BRIEF },
    { &workloads[EMPTY], 1, STANDARD_CROWD | STANDARD_BRIEF },
    { NULL, 0, 0 },
};

const struct workload_family workloads_lock = { workloads, standards };
