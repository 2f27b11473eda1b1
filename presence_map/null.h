/*
 * null.h - remembers nobody: what the harness itself costs.
 *
 * Idea: the empty operation.  Whatever a benchmark shows here is the price of
 *   its loop, of its tape and of its calls.
 * Invariant: nobody is online, and nobody ever was.
 * Linearisation points: none; it satisfies no guarantee but P15 and P16.
 * Progress: wait-free.
 * Read guarantee: none.
 * Cost: nothing shared is touched.  0 bytes a user.
 * Breaks when: a caller relies on its answers.
 * Use when: another map's figure must be put beside the floor.
 * Reference: the no-op mutex of SQLite (sqlite3_mutex_methods), the same idea.
 */
#ifndef CONTEND_PRESENCE_MAP_NULL_H
#define CONTEND_PRESENCE_MAP_NULL_H

#include "presence_map/parts/defaults.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/tally.h"

struct presence_null {
    struct presence_ledger ledger; /* of the attached threads */
};

PRESENCE_TALLY_HANDLE(null)

static inline int presence_null_init(struct presence_null *m, const struct presence_config *config)
{
    struct presence_config c;
    int error = presence_config_resolve(&c, config, NULL);

    return error ? error : presence_ledger_init(&m->ledger, c.allocator);
}

static inline int presence_null_fini(struct presence_null *m)
{
    return presence_ledger_fini(&m->ledger);
}

static inline int presence_null_heartbeat(struct presence_null *m, struct presence_null_handle *h,
                                          uint64_t user, uint64_t now)
{
    (void)m, (void)h, (void)user, (void)now;
    return PRESENCE_REFRESHED;
}

static inline int presence_null_is_online(struct presence_null *m, struct presence_null_handle *h,
                                          uint64_t user, uint64_t now)
{
    (void)m, (void)h, (void)user, (void)now;
    return 0;
}

static inline int64_t presence_null_last_seen(struct presence_null *m,
                                              struct presence_null_handle *h, uint64_t user)
{
    (void)m, (void)h, (void)user;
    return -ENOENT;
}

static inline int presence_null_leave(struct presence_null *m, struct presence_null_handle *h,
                                      uint64_t user, uint64_t now)
{
    (void)m, (void)h, (void)user, (void)now;
    return 0;
}

static inline int64_t presence_null_sweep(struct presence_null *m, struct presence_null_handle *h,
                                          uint64_t now, uint64_t budget, bool *complete)
{
    (void)m, (void)h, (void)now, (void)budget;
    *complete = true;
    return 0;
}

static inline int presence_null_for_each_online(struct presence_null *m,
                                                struct presence_null_handle *h, uint64_t now,
                                                presence_visit fn, void *ctx)
{
    (void)m, (void)h, (void)now, (void)fn, (void)ctx;
    return 0;
}

PRESENCE_COUNT_BY_WALK(null)
PRESENCE_BATCH_IN_TURN(null)
PRESENCE_NO_QUIESCENCE(null)
PRESENCE_NO_RESERVE(null)

static inline void presence_null_stats(struct presence_null *m, struct presence_stats *out)
{
    *out = (struct presence_stats){ .bytes = sizeof *m };
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_null_traits = {
    .id = {
        .name = "null",
        .title = "remembers nobody: the harness's own floor",
        .reference = "none",
        .flags = CONTEND_FLOOR,
    },
    .heartbeat = CONTEND_WAIT_FREE,
    .insert = CONTEND_WAIT_FREE,
    .is_online = CONTEND_WAIT_FREE,
    .last_seen = CONTEND_WAIT_FREE,
    .leave = CONTEND_WAIT_FREE,
    .sweep = CONTEND_WAIT_FREE,
    .walk = CONTEND_WAIT_FREE,
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "none",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 0,
    .bytes_fixed = sizeof(struct presence_null),
};

PRESENCE_STATIC_TRAITS(null)

#endif
