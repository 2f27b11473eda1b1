/*
 * staleness.h - how old the answers of a cache were: an oracle over intervals.
 *
 * A write of a version takes effect at some instant of its call, and versions of a key rise in the
 * order in which their writes took effect.  So a read is certainly stale if a write of a later version
 * had returned before it began, by the time in between; and it is from nowhere if its version's
 * write had not begun when it returned.  What the oracle reports is never more than the truth.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_STALENESS_H
#define CONTEND_BENCH_SERVE_LABS_STALENESS_H

#include <stddef.h>
#include <stdint.h>

/* A write or a read, with the instants at which its call began and returned. */
struct stale_event {
    uint64_t key, version; /* version 1 is there from the beginning */
    uint64_t begin_ns, end_ns;
};

struct stale_verdict {
    uint64_t reads, stale;     /* stale: by more than the bound */
    uint64_t from_nowhere;     /* reads of a version whose write had not begun */
    uint64_t worst_ns;         /* the greatest staleness that is certain */
};

/* Judges the reads; sorts the writes by key and version.  n log n.  Returns 0, or -ENOMEM. */
int staleness_judge(struct stale_event *writes, size_t write_count, const struct stale_event *reads,
                    size_t read_count, uint64_t bound_ns, struct stale_verdict *out);

#endif
