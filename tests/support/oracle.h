/*
 * oracle.h - is a history of adds and reads possible?
 *
 * The interval oracle.  A read over [a, b] must lie between the least and the
 * greatest sum that can have been there: for each thread the least and the
 * greatest prefix of its adds, where those completed before a are in and those
 * begun after b are out; or, of a weaker counter, any of those in between.  Linear in the adds after sorting by thread; histories
 * of millions of operations are no trouble.
 *
 * Stamps are ns of one clock.  The recorder fences before each end stamp, so that
 * an add whose end has been stamped is visible: without it the store buffer makes
 * correct counters look wrong.
 */
#ifndef CONTEND_TESTS_SUPPORT_ORACLE_H
#define CONTEND_TESTS_SUPPORT_ORACLE_H

#include <stddef.h>
#include <stdint.h>

struct event {
    uint64_t begin, end;
    int64_t n;     /* an add: by how much; a read: what it returned */
    int is_read;
};

/* One thread's events, in its own order. */
struct record {
    struct event *events;
    size_t count;
};

struct oracle_verdict {
    size_t reads, impossible;
    /* The first impossible read: what it returned and the bounds it had to keep. */
    int64_t value, least, greatest;
};

/* What of the adds that overlap with a read it may see. */
enum oracle_sum {
    ORACLE_PREFIXES, /* as many of each thread's as come first: COUNTER_INTERMEDIATE, or stronger */
    ORACLE_PARTS     /* any of them: COUNTER_QUIESCENT */
};

/* Reads may be off by `error` either way.  -ENOMEM is returned as impossible = SIZE_MAX. */
struct oracle_verdict oracle_judge(const struct record *threads, size_t count,
                                   enum oracle_sum kind, int64_t error);

#endif
