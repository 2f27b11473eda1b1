/*
 * tally.h - what each thread of the service counts of its own work, and others may read.
 *
 * Each thread adds to its own; a reader sums them up.  The sums are of moving parts, as all metrics
 * are.
 */
#ifndef CONTEND_BENCH_SERVE_TALLY_H
#define CONTEND_BENCH_SERVE_TALLY_H

#include <stdatomic.h>
#include <stdint.h>

#include "locks/parts/platform.h"

/* X(field, whether it only grows, what it means) */
#define TALLY_FIELDS(X)                                                                   \
    X(accepted, 1, "connections accepted")                                                \
    X(refused, 1, "connections refused because there were too many")                      \
    X(open, 0, "connections open now")                                                    \
    X(streams, 0, "server-sent event streams open now")                                   \
    X(sockets, 0, "WebSockets open now")                                                  \
    X(waiting, 0, "long polls waiting now")                                               \
    X(beats, 1, "heartbeats, those of WebSockets included")                               \
    X(claps, 1, "claps granted, without those taken back")                                \
    X(unclaps, 1, "claps taken back")                                                     \
    X(posts_written, 1, "posts written")                                                  \
    X(posts_edited, 1, "posts edited")                                                    \
    X(posts_deleted, 1, "posts deleted for now")                                          \
    X(posts_restored, 1, "deleted posts restored")                                        \
    X(posts_purged, 1, "deleted posts purged after the retention")                        \
    X(cache_own, 1, "totals of reads from the thread's own level of the cache")           \
    X(cache_shared, 1, "totals of reads from the shared level of the cache")              \
    X(cache_missed, 1, "totals of reads that the strategy for claps was asked for")       \
    X(events, 1, "events published")                                                      \
    X(pushed, 1, "messages pushed to streams, WebSockets and long polls")                 \
    X(overrun, 1, "events that slow readers were told they had missed")                   \
    X(too_slow, 1, "connections closed because the client was too slow")                  \
    X(saves, 1, "states saved")                                                           \
    X(saves_failed, 1, "states that could not be saved")                                  \
    X(bytes_out, 1, "bytes of answers and messages sent")                                 \
    X(strategy_ns, 1, "nanoseconds inside the operations of strategies")                  \
    X(busy_ns, 1, "nanoseconds from a request's arrival in the service to its answer")

enum { TALLY_ROUTES = 48, TALLY_CLASSES = 6, TALLY_BUCKETS = 24 };

/* The upper bound of a bucket of response times, in ns: 1 us, 2 us, 4 us, ... */
static inline uint64_t tally_bucket_ns(unsigned bucket)
{
    return UINT64_C(1000) << bucket;
}

struct tally {
#define TALLY_MEMBER(FIELD, GROWS, MEANING) _Atomic uint64_t FIELD;
    CONTEND_ALIGNED TALLY_FIELDS(TALLY_MEMBER)
#undef TALLY_MEMBER
    _Atomic uint64_t requests[TALLY_ROUTES + 1][TALLY_CLASSES]; /* the last: of no route */
    _Atomic uint64_t response[TALLY_BUCKETS + 1];               /* the last: longer ones */
};

/* relaxed, in both: one thread writes, and a count publishes nothing else. */
static inline void tally_add(_Atomic uint64_t *field, uint64_t n)
{
    atomic_store_explicit(field, atomic_load_explicit(field, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

static inline uint64_t tally_read(const _Atomic uint64_t *field)
{
    return atomic_load_explicit(field, memory_order_relaxed);
}

/* A request that was answered with this status after so many ns; route as in struct reply. */
static inline void tally_request(struct tally *t, int route, int status, uint64_t ns)
{
    unsigned class = (unsigned)status / 100 < TALLY_CLASSES ? (unsigned)status / 100 : 0;
    unsigned bucket = 0;

    while (bucket < TALLY_BUCKETS && ns > tally_bucket_ns(bucket))
        bucket++;
    tally_add(&t->requests[route < 0 || route >= TALLY_ROUTES ? TALLY_ROUTES : route][class], 1);
    tally_add(&t->response[bucket], 1);
    tally_add(&t->busy_ns, ns);
}

#endif
