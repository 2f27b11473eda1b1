/*
 * feed.h - which events of a log drive which family, and how.
 */
#ifndef CONTEND_BENCH_REPLAY_FEED_H
#define CONTEND_BENCH_REPLAY_FEED_H

#include "bench/replay/load.h"
#include "bench/replay/model.h"
#include "bench/engine/workload.h"

struct replay_kind;

struct replay_feed {
    const struct workload *workload; /* the workload that a log makes; not one of `contend run` */
    const struct replay_kind *kind;  /* what drives an object */
    const char *events;              /* what its operations are called: "claps" */
    uint64_t (*events_of)(const struct replay_load *load); /* in one pass, clones included */
    bool (*takes)(const struct log_event *event);          /* whether the event is one of them */
    uint64_t (*granularity_ms)(const struct contestant *who); /* of the answers about time */
    /* Plays one thread's part of the model between two positions. */
    void (*play_model)(struct replay_model *m, const struct replay_load *load, unsigned thread,
                       struct replay_position from, struct replay_position to);
};

/* All feeds, in the order of the report, ended by one whose workload is NULL. */
extern const struct replay_feed replay_feeds[];

/* The feed of a family, or NULL if no event of a log is one of its operations. */
const struct replay_feed *replay_feed_of(const struct family *family);

/* The families that a log feeds, as a set of family_bit(). */
unsigned replay_families(void);

#endif
