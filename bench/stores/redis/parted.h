/*
 * parted.h - a presence map as several sorted sets of Redis, wherever each of them is.
 *
 * A user belongs to one part for good, and a part is a sorted set as redis_zset.h has one.  So all that
 * is said of one user is as exact as there; a count, a walk and a sweep go from part to part.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_PARTED_H
#define CONTEND_BENCH_STORES_REDIS_PARTED_H

#include "bench/stores/redis/presence.h"
#include "bench/stores/redis/zset.h"

/* How a system finds its parts.  The pointers are to its place and its link. */
struct redis_parted {
    unsigned (*count)(const void *place);
    unsigned (*part_of)(const void *place, uint64_t user);
    const char *(*key)(const void *place, unsigned part, char key[REDIS_KEY]);
    /* The connection over which a pipeline tries the part first; NULL: there is none. */
    struct redis_link *(*connection)(void *link, unsigned part);
    /* One command or script whose only key is the part's; as redis_call() and redis_script(). */
    int (*call)(void *link, unsigned part, const char *key, const char *const *words, unsigned count,
                redisReply **reply);
    int (*script)(void *link, unsigned part, unsigned script, const char *key,
                  const char *const *arguments, unsigned count, redisReply **reply);
};

/* One thread's view of a map. */
struct redis_parted_map {
    const struct redis_parted *how;
    const void *place;
    void *link;
    struct redis_link *any; /* for complaints about answers */
    struct store_books *books;
    const struct presence_redis_own *own;
};

int redis_parted_heartbeat(const struct redis_parted_map *m, uint64_t user, uint64_t now);
int redis_parted_is_online(const struct redis_parted_map *m, uint64_t user, uint64_t now);
int64_t redis_parted_last_seen(const struct redis_parted_map *m, uint64_t user);
int redis_parted_leave(const struct redis_parted_map *m, uint64_t user, uint64_t now);
int64_t redis_parted_sweep(const struct redis_parted_map *m, uint64_t now, uint64_t budget,
                           bool *complete);
int64_t redis_parted_count(const struct redis_parted_map *m, uint64_t now);
int redis_parted_walk(const struct redis_parted_map *m, uint64_t now, presence_visit fn, void *ctx);
int redis_parted_heartbeat_many(const struct redis_parted_map *m, const uint64_t *users, size_t n,
                                uint64_t now, int *results);
int redis_parted_is_online_many(const struct redis_parted_map *m, const uint64_t *users, size_t n,
                                uint64_t now, int *results);
/* The entries of all parts, expired ones included; those of a part that does not answer are not. */
uint64_t redis_parted_entries(const struct redis_parted_map *m);

/* The operations of a map NAME of SYSTEM, which has `redis_parted`, HOW, and a place and a link. */
#define PRESENCE_IN_PARTS(SYSTEM, NAME, OPTIONS, HOW)                                         \
    PRESENCE_IN_STORE(SYSTEM, NAME, OPTIONS, struct presence_redis_own,                       \
                      presence_redis_settings, &redis_zset_plan)                              \
    static inline struct redis_parted_map presence_##NAME##_map(                              \
        struct presence_##NAME *m, struct SYSTEM##_link *link)                                \
    {                                                                                         \
        return (struct redis_parted_map){ &(HOW), &m->place, link, &link->nodes.links[0],     \
                                          &m->books, &m->own };                               \
    }                                                                                         \
    static inline int presence_##NAME##_heartbeat(struct presence_##NAME *m,                  \
                                                  struct presence_##NAME##_handle *h,         \
                                                  uint64_t user, uint64_t now)                \
    {                                                                                         \
        struct redis_parted_map map = presence_##NAME##_map(m, &h->link);                     \
        return redis_parted_heartbeat(&map, user, now);                                       \
    }                                                                                         \
    static inline int presence_##NAME##_is_online(struct presence_##NAME *m,                  \
                                                  struct presence_##NAME##_handle *h,         \
                                                  uint64_t user, uint64_t now)                \
    {                                                                                         \
        struct redis_parted_map map = presence_##NAME##_map(m, &h->link);                     \
        return redis_parted_is_online(&map, user, now);                                       \
    }                                                                                         \
    static inline int64_t presence_##NAME##_last_seen(                                        \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, uint64_t user)         \
    {                                                                                         \
        struct redis_parted_map map = presence_##NAME##_map(m, &h->link);                     \
        return redis_parted_last_seen(&map, user);                                            \
    }                                                                                         \
    static inline int presence_##NAME##_leave(struct presence_##NAME *m,                      \
                                              struct presence_##NAME##_handle *h,             \
                                              uint64_t user, uint64_t now)                    \
    {                                                                                         \
        struct redis_parted_map map = presence_##NAME##_map(m, &h->link);                     \
        return redis_parted_leave(&map, user, now);                                           \
    }                                                                                         \
    static inline int64_t presence_##NAME##_sweep(                                            \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, uint64_t now,          \
        uint64_t budget, bool *complete)                                                      \
    {                                                                                         \
        struct redis_parted_map map = presence_##NAME##_map(m, &h->link);                     \
        return redis_parted_sweep(&map, now, budget, complete);                               \
    }                                                                                         \
    static inline int64_t presence_##NAME##_count_online(                                     \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, uint64_t now)          \
    {                                                                                         \
        struct redis_parted_map map = presence_##NAME##_map(m, &h->link);                     \
        return redis_parted_count(&map, now);                                                 \
    }                                                                                         \
    static inline int presence_##NAME##_for_each_online(                                      \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, uint64_t now,          \
        presence_visit fn, void *ctx)                                                         \
    {                                                                                         \
        struct redis_parted_map map = presence_##NAME##_map(m, &h->link);                     \
        return redis_parted_walk(&map, now, fn, ctx);                                         \
    }                                                                                         \
    static inline int presence_##NAME##_heartbeat_many(                                       \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, const uint64_t *users, \
        size_t n, uint64_t now, int *results)                                                 \
    {                                                                                         \
        struct redis_parted_map map = presence_##NAME##_map(m, &h->link);                     \
        return redis_parted_heartbeat_many(&map, users, n, now, results);                     \
    }                                                                                         \
    static inline int presence_##NAME##_is_online_many(                                       \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, const uint64_t *users, \
        size_t n, uint64_t now, int *results)                                                 \
    {                                                                                         \
        struct redis_parted_map map = presence_##NAME##_map(m, &h->link);                     \
        return redis_parted_is_online_many(&map, users, n, now, results);                     \
    }                                                                                         \
    static inline void presence_##NAME##_stats(struct presence_##NAME *m,                     \
                                               struct presence_stats *out)                    \
    {                                                                                         \
        struct SYSTEM##_link *link = calloc(1, sizeof *link);                                 \
                                                                                              \
        store_books_read(&m->books, out);                                                     \
        out->bytes = sizeof *m;                                                               \
        if (link && SYSTEM##_link_open(&m->place, link) == 0) {                               \
            struct redis_parted_map map = presence_##NAME##_map(m, link);                     \
            out->entries = redis_parted_entries(&map);                                        \
            SYSTEM##_link_close(link);                                                        \
        }                                                                                     \
        free(link);                                                                           \
    }

#endif
