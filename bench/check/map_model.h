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

/* Whether it answers last_seen (P4). */
static inline bool tells(const struct presence_ops *ops)
{
    return ops->traits->features & PRESENCE_LAST_SEEN;
}

/* The retention that is wanted, or the longest that the map can keep (P9), with the default TTL. */
static inline uint64_t retention(const struct presence_ops *ops, uint64_t wanted)
{
    uint64_t most = ops->traits->max_retain;

    return most == UINT64_MAX || wanted < most - TTL ? wanted : most - TTL;
}

/* P22: whether the map may refuse this `now`, after one that is `latest`. */
static inline bool may_be_late(const struct presence_ops *ops, uint64_t now, uint64_t latest)
{
    return ops->traits->max_retain != UINT64_MAX && latest > now &&
           latest - now > ops->traits->max_retain;
}

/*
 * What last_seen answers; of a map without it, whether there is an entry: `stamp`, which is its
 * time if there is one, or -ENOENT.
 */
static inline int64_t seen(const struct presence_ops *ops, void *map, void *handle, uint64_t user,
                           uint64_t stamp)
{
    if (tells(ops))
        return ops->last_seen(map, handle, user);
    return ops->is_online(map, handle, user, stamp) == 1
               ? (int64_t)(stamp - stamp % ops->traits->granularity_ms) : -ENOENT;
}

struct model {
    uint64_t users[MODEL_USERS];
    uint64_t last[MODEL_USERS];
    bool present[MODEL_USERS];
    unsigned count; /* of users that it knows */
    uint64_t ttl, g, retain;
    bool mute; /* without last_seen */
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
    if (m->mute)
        return -ENOTSUP;
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
