/* workload_lock.c - what locks are compared with. */
#include "bench/engine/subject.h"
#include "bench/engine/workload_family.h"

#define SECTIONS .family = &family_lock, .subject = &subject_lock, .write_percent = 100
#define SHARED(PERCENT) .family = &family_lock, .subject = &subject_lock, \
    .write_percent = 100 - (PERCENT), .read_percent = (PERCENT)

enum { EMPTY, INSIDE_100, INSIDE_1000, OUTSIDE_100, OUTSIDE_1000, EXECUTE, EXECUTE_100, SHARED_90, SHARED_99,
       SHARED_90_INSIDE_100, SHARED_99_INSIDE_100 };

static const struct workload workloads[] = {
    [EMPTY] = { "sections", "one lock, a counter is raised in each section", SECTIONS },
    [INSIDE_100] = { "sections_100", "about 100 ns of work in each section", SECTIONS,
                     .inside_ns = 100 },
    [INSIDE_1000] = { "sections_1000", "about 1 us of work in each section", SECTIONS,
                      .inside_ns = 1000 },
    [OUTSIDE_100] = { "sections_outside_100", "about 100 ns of work between two sections", SECTIONS,
                      .outside_ns = 100 },
    [OUTSIDE_1000] = { "sections_outside_1000", "about 1 us of work between two sections", SECTIONS,
                       .outside_ns = 1000 },
    [EXECUTE] = { "execute", "one lock, a counter is raised by execute", SECTIONS, .executes = true },
    [EXECUTE_100] = { "execute_100", "about 100 ns of work in each execute", SECTIONS,
                      .executes = true, .inside_ns = 100 },
    [SHARED_90] = { "shared_90", "90 % of the sections are shared, and read the counter",
                    SHARED(90) },
    [SHARED_99] = { "shared_99", "99 % of the sections are shared", SHARED(99) },
    [SHARED_90_INSIDE_100] = { "shared_90_100", "90 % are shared, about 100 ns of work in each",
                               SHARED(90), .inside_ns = 100 },
    [SHARED_99_INSIDE_100] = { "shared_99_100", "99 % are shared, about 100 ns of work in each",
                               SHARED(99), .inside_ns = 100 },
    { .name = NULL },
};

static const struct workload_standard standards[] = {
    { &workloads[EMPTY], 1, STANDARD_ALONE | STANDARD_BRIEF },
    { &workloads[EMPTY], 1, STANDARD_PAIR },
    { &workloads[SHARED_99_INSIDE_100], 1, STANDARD_PAIR | STANDARD_BRIEF },
    { &workloads[EMPTY], 1, STANDARD_CROWD | STANDARD_BRIEF },
    { NULL, 0, 0 },
};

const struct workload_family workloads_lock = { workloads, standards };
