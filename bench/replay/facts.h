/*
 * facts.h - what a sorted log says about its traffic.
 *
 * A user is online at t if the last beat is at most ttl_ms old: from a beat until
 * beat + ttl_ms, both included.  Every event is a beat of its user.
 */
#ifndef CONTEND_BENCH_REPLAY_FACTS_H
#define CONTEND_BENCH_REPLAY_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include "bench/log/log.h"

struct log_facts {
    uint64_t requests;          /* events */
    uint64_t claps;             /* of them, those with a post */
    uint32_t visitors, posts;
    uint64_t first_ms, last_ms; /* stamps */

    double per_second;          /* mean over the span, which counts as one second at least */
    uint64_t second_ms, second_requests; /* the first busiest second of the clock: begin, count */
    uint64_t minute_ms, minute_requests; /* the first busiest minute of the clock */

    uint32_t top_visitors, top_posts;    /* how many 1 % are, rounded up */
    double top_visitors_share;  /* of the requests, in 0 to 1 */
    double top_posts_share;     /* of the claps; 0 if there are none */

    uint32_t peak_online;       /* exact */
    uint64_t peak_ms;           /* the first instant at which it was reached */
    uint64_t sessions;          /* beats of users who were not online when they came */
};

/* 0; -EINVAL if the log is empty or not sorted; -ENOMEM.  O(n). */
int log_facts(const struct log *log, uint64_t ttl_ms, struct log_facts *facts);

/* Users online at `samples` equally spaced instants, from the first stamp to the last. */
struct log_curve {
    uint64_t from_ms, to_ms;
    size_t samples;
    uint32_t *online; /* at each instant */
    uint32_t *most;   /* the largest number from the instant before until this one, both included */
};

/* samples >= 2 (-EINVAL).  log_curve_free() releases it. */
int log_curve_sample(const struct log *log, uint64_t ttl_ms, size_t samples,
                     struct log_curve *curve);
uint64_t log_curve_instant(const struct log_curve *curve, size_t sample);
void log_curve_free(struct log_curve *curve);

enum log_names { LOG_VISITORS, LOG_POSTS };

struct log_top {
    uint32_t number; /* in log->users or log->posts */
    uint64_t count;
};

/*
 * The `wanted` most frequent, most frequent first, equal ones in the order of
 * their appearance.  *found of them are in top[].  Does not need a sorted log.
 */
int log_top(const struct log *log, enum log_names which, size_t wanted, struct log_top *top,
            size_t *found);

#endif
