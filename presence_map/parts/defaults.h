/*
 * defaults.h - what most maps share: reading the configuration, batches in turn, no
 * announcements.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_DEFAULTS_H
#define CONTEND_PRESENCE_MAP_PARTS_DEFAULTS_H

#include "presence_map/presence_map.h"

/* A configuration that asks for more is taken to be a mistake. */
#define PRESENCE_MAX_EXPECTED ((uint64_t)1 << 40)

/*
 * Copies the caller's configuration with every default filled in; a NULL pointer asks
 * for nothing else.  0, -EINVAL (TTL or origin off the axis, a setting that is not among
 * the options), -ERANGE (more users than PRESENCE_MAX_EXPECTED, a setting out of range).
 * The copy has no settings: their list is the caller's, and goes when init returns.
 */
static inline int presence_config_resolve(struct presence_config *out,
                                          const struct presence_config *in,
                                          const struct contend_option *options)
{
    memset(out, 0, sizeof *out);
    if (in)
        *out = *in;
    int error = contend_settings_check(&out->settings, options);
    if (error)
        return error;
    memset(&out->settings, 0, sizeof out->settings); /* the copy outlives the list */
    if (out->ttl_ms == 0)
        out->ttl_ms = PRESENCE_DEFAULT_TTL_MS;
    if (out->ttl_ms > PRESENCE_MAX_NOW || out->origin > PRESENCE_MAX_NOW)
        return -EINVAL;
    if (out->expected > PRESENCE_MAX_EXPECTED || out->capacity > PRESENCE_MAX_EXPECTED)
        return -ERANGE;
    if (out->expected == 0)
        out->expected = out->capacity ? out->capacity : 1024;
    return 0;
}

/*
 * P9: the greatest age at which a sweep leaves an entry alone, for a strategy of granularity g.
 * A sum that overflows means "for ever", as retain_ms itself does.
 */
static inline uint64_t presence_kept_ms(const struct presence_config *config, uint64_t g)
{
    uint64_t limit = config->ttl_ms + g - 1; /* does not overflow: the TTL lies on the axis */

    return config->retain_ms < UINT64_MAX - limit ? limit + config->retain_ms : UINT64_MAX;
}

/* The caller's settings, or NULL. */
static inline const struct contend_settings *presence_settings(const struct presence_config *config)
{
    return config ? &config->settings : NULL;
}

/*
 * P19, before a map that can grow ahead does so: 0, -ERANGE (more users than a map may have) or
 * -ENOSPC (more than its fixed capacity).
 */
static inline int presence_reserve_check(const struct presence_config *config, uint64_t users)
{
    if (users > PRESENCE_MAX_EXPECTED)
        return -ERANGE;
    return config->capacity != 0 && users > config->capacity ? -ENOSPC : 0;
}

/* A map that cannot grow ahead (P19). */
#define PRESENCE_NO_RESERVE(NAME)                                                             \
    static inline int presence_##NAME##_reserve(struct presence_##NAME *m,                    \
                                                struct presence_##NAME##_handle *h,           \
                                                uint64_t users)                               \
    {                                                                                         \
        (void)m, (void)h, (void)users;                                                        \
        return -ENOTSUP;                                                                      \
    }

/* P1 for a call with a user and a time: 0 or -EINVAL. */
static inline int presence_check(uint64_t user, uint64_t now)
{
    return presence_valid_user(user) && presence_valid_now(now) ? 0 : -EINVAL;
}

/* The answer of a heartbeat that raised a stamp from `last`, if there was one, to `now`. */
static inline int presence_raised(uint64_t last, uint64_t now, uint64_t ttl_ms)
{
    return presence_fresh(last, now, ttl_ms) ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
}

/* heartbeat_many and is_online_many as a plain loop. */
#define PRESENCE_BATCH_IN_TURN(NAME) PRESENCE_BATCH_INSIDE(NAME, (void)0, (void)0)

/* The same between ENTER and LEAVE, statements that begin and end a section for all of them. */
#define PRESENCE_BATCH_INSIDE(NAME, ENTER, LEAVE)                                             \
    PRESENCE_BATCH_LOOP(NAME, heartbeat, ENTER, LEAVE)                                        \
    PRESENCE_BATCH_LOOP(NAME, is_online, ENTER, LEAVE)

#define PRESENCE_BATCH_LOOP(NAME, OPERATION, ENTER, LEAVE)                                    \
    static inline int presence_##NAME##_##OPERATION##_many(                                   \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, const uint64_t *users, \
        size_t n, uint64_t now, int *results)                                                 \
    {                                                                                         \
        if (!presence_valid_now(now))                                                         \
            return -EINVAL;                                                                   \
        ENTER;                                                                                \
        for (size_t i = 0; i < n; i++)                                                        \
            results[i] = presence_##NAME##_##OPERATION(m, h, users[i], now);                  \
        LEAVE;                                                                                \
        return 0;                                                                             \
    }

/* A strategy whose traits no option changes. */
#define PRESENCE_STATIC_TRAITS(NAME)                                                          \
    static inline void presence_##NAME##_traits_of(struct presence_##NAME *m,                 \
                                                   struct presence_traits *out)               \
    {                                                                                         \
        (void)m;                                                                              \
        *out = presence_##NAME##_traits;                                                      \
    }

/* A strategy that needs no announcements (P18). */
#define PRESENCE_NO_QUIESCENCE(NAME)                                                          \
    static inline void presence_##NAME##_quiescent(struct presence_##NAME *m,                 \
                                                   struct presence_##NAME##_handle *h)        \
    {                                                                                         \
        (void)m, (void)h;                                                                     \
    }                                                                                         \
    static inline void presence_##NAME##_offline(struct presence_##NAME *m,                   \
                                                 struct presence_##NAME##_handle *h)          \
    {                                                                                         \
        (void)m, (void)h;                                                                     \
    }                                                                                         \
    static inline void presence_##NAME##_online(struct presence_##NAME *m,                    \
                                                struct presence_##NAME##_handle *h)           \
    {                                                                                         \
        (void)m, (void)h;                                                                     \
    }

/* count_online by walking: for maps whose walk meets every entry exactly once. */
static inline int presence_count_visit(void *ctx, uint64_t user, uint64_t last_seen)
{
    (void)user, (void)last_seen;
    ++*(int64_t *)ctx;
    return 0;
}

#define PRESENCE_COUNT_BY_WALK(NAME)                                                          \
    static inline int64_t presence_##NAME##_count_online(                                     \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, uint64_t now)          \
    {                                                                                         \
        int64_t count = 0;                                                                    \
        int error = presence_##NAME##_for_each_online(m, h, now, presence_count_visit, &count); \
        return error ? error : count;                                                         \
    }

#endif
