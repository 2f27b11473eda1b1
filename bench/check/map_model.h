/*
 * map_model.h - a presence map, written plainly for one thread and few users.
 *
 * The sequential specification in code: what every strategy is compared with.
 * Granularity g rounds the stamps of heartbeat and leave down and adds g - 1 to
 * the TTL (guarantee P13).  A sweep goes by the TTL and the retention together (P9).
 */
#ifndef CONTEND_BENCH_CHECK_MAP_MODEL_H
#define CONTEND_BENCH_CHECK_MAP_MODEL_H

#include "bench/base/settings.h"
#include "presence_map/presence_map.h"

enum { MODEL_USERS = 64, TTL = PRESENCE_DEFAULT_TTL_MS, EPOCH = 1000000000 };

/* A small map whose time begins two minutes before EPOCH. */
static inline struct presence_config small(void)
{
    return (struct presence_config){ .expected = MODEL_USERS, .origin = EPOCH - 120000 };
}

static inline bool dense(const struct presence_ops *ops)
{
    return ops->traits->ids == PRESENCE_IDS_DENSE;
}

struct model {
    uint64_t users[MODEL_USERS];
    uint64_t last[MODEL_USERS];
    bool present[MODEL_USERS];
    unsigned count; /* of users that it knows */
    uint64_t ttl, g, retain;
};

static inline bool model_online_at(const struct model *m, unsigned i, uint64_t now)
{
    /* Not presence_fresh(): the model must not share the strategies' mistakes. */
    if (!m->present[i])
        return false;
    return now <= m->last[i] || now - m->last[i] <= m->ttl + m->g - 1;
}

/* Whether a sweep leaves the entry alone. */
static inline bool model_kept_at(const struct model *m, unsigned i, uint64_t now)
{
    /* An age has 48 bits: no age reaches this. */
    return m->retain > PRESENCE_MAX_NOW || now <= m->last[i] ||
           now - m->last[i] <= m->ttl + m->retain + m->g - 1;
}

static inline int model_heartbeat(struct model *m, unsigned i, uint64_t now)
{
    uint64_t stamp = now - now % m->g;
    bool online = model_online_at(m, i, now);

    if (m->present[i] && stamp < m->last[i])
        return PRESENCE_STALE;
    m->present[i] = true;
    m->last[i] = stamp;
    return online ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
}

static inline int64_t model_last_seen(const struct model *m, unsigned i)
{
    return m->present[i] ? (int64_t)m->last[i] : -ENOENT;
}

static inline int model_leave(struct model *m, unsigned i, uint64_t now)
{
    if (!m->present[i] || m->last[i] > now - now % m->g)
        return 0;
    m->present[i] = false;
    return 1;
}

static inline int64_t model_sweep(struct model *m, uint64_t now)
{
    int64_t removed = 0;

    for (unsigned i = 0; i < m->count; i++)
        if (m->present[i] && !model_kept_at(m, i, now)) {
            m->present[i] = false;
            removed++;
        }
    return removed;
}

static inline int64_t model_count(const struct model *m, uint64_t now)
{
    int64_t count = 0;

    for (unsigned i = 0; i < m->count; i++)
        count += model_online_at(m, i, now);
    return count;
}

#endif
