/*
 * presence.h - what the presence maps in Redis share: their options, and heartbeats and reads one
 * by one and in pipelines.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_PRESENCE_H
#define CONTEND_BENCH_STORES_REDIS_PRESENCE_H

#include "bench/stores/presence.h"
#include "bench/stores/redis/place.h"

#define PRESENCE_REDIS_DEPTH                                                                  \
    { "depth", 100, 1, 1000, "users of a batch that are asked for before an answer is awaited" },

#define PRESENCE_REDIS_OPTIONS                                                                \
    REDIS_OPTIONS PRESENCE_REDIS_DEPTH                                                        \
    { "sweep_batch", 1000, 1, 1000000, "entries of one removal: other clients wait for so long" },

__attribute__((unused)) static const struct contend_option presence_redis_options[] = {
    PRESENCE_REDIS_OPTIONS CONTEND_OPTIONS_END
};

struct presence_redis_own {
    size_t depth;
    uint64_t sweep_batch; /* not of all maps */
};

static inline void presence_redis_depth(struct presence_redis_own *own,
                                        const struct contend_settings *settings,
                                        const struct contend_option *options)
{
    own->depth = (size_t)contend_option_value(settings, options, "depth");
}

static inline void presence_redis_settings(struct presence_redis_own *own,
                                           const struct contend_settings *settings,
                                           const struct contend_option *options)
{
    presence_redis_depth(own, settings, options);
    own->sweep_batch = (uint64_t)contend_option_value(settings, options, "sweep_batch");
}

/*
 * Where a map keeps a user: writes the key, and the word behind it, which is the field or member
 * within it, or how long the key lives.
 */
typedef void presence_redis_locate(const struct redis_place *p, const struct store_books *books,
                                   uint64_t user, char key[REDIS_KEY], char field[REDIS_WORD]);

/* How a map's heartbeats and looks are done: the same for all that ask for a number of a user. */
struct presence_redis_way {
    presence_redis_locate *locate;
    unsigned script;     /* takes the word and the time, raises the time, and answers the one before
                            or 0 */
    const char *look;    /* the command that answers a user's time: "HGET"; NULL: a script does */
    unsigned look_words; /* 3: command, key and word; 2: without the word */
    unsigned look_script; /* takes the word */
    bool own_clock;      /* script and look answer how long the key still lives in ms, or -2 */
    /* Script and look answer the number of an interval of so many ms, and 1; 0 for who is not there,
       and the script -1 for a time that is too late.  0: they answer times. */
    uint64_t interval_ms;
};

/* What a heartbeat answers whose script has answered `number`. */
static inline int presence_redis_beaten(struct store_books *b, const struct presence_redis_way *way,
                                        int64_t number, uint64_t now)
{
    if (way->interval_ms && number > 0) {
        uint64_t before = (uint64_t)(number - 1) * way->interval_ms;
        return now < before ? PRESENCE_STALE : presence_raised(before, now, b->ttl_ms);
    }
    if (way->interval_ms && number < 0)
        return -ERANGE;
    if (!way->own_clock)
        return store_books_beat(b, (uint64_t)number, now);
    store_books_add(&b->inserts, number == -2);
    return number > (int64_t)(b->kept_ms - b->ttl_ms) ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
}

/* Whether a user is online whose look has answered `number`. */
static inline int presence_redis_fresh(const struct store_books *b, const struct presence_redis_way *way,
                                       int64_t number, uint64_t now)
{
    if (way->interval_ms)
        return number > 0 && presence_fresh((uint64_t)(number - 1) * way->interval_ms, now, b->ttl_ms);
    return way->own_clock ? number > (int64_t)(b->kept_ms - b->ttl_ms)
                          : presence_fresh((uint64_t)number, now, b->ttl_ms);
}

/* ---- one by one ---- */

/* The number that the look answers; -ENOENT without one. */
static inline int presence_redis_look(struct redis_link *l, const struct store_books *books,
                                      const struct presence_redis_way *way, uint64_t user,
                                      int64_t *number)
{
    char key[REDIS_KEY], field[REDIS_WORD];
    const char *const words[] = { way->look, key, field };

    way->locate(l->place, books, user, key, field);
    if (!way->look)
        return redis_script_number(l, way->look_script, key, words + 2, 1, number);
    return redis_number(l, words, way->look_words, number);
}

static inline int presence_redis_beat(struct redis_link *l, struct store_books *books,
                                      const struct presence_redis_way *way, uint64_t user, uint64_t now)
{
    char key[REDIS_KEY], field[REDIS_WORD], when[REDIS_WORD];
    const char *const arguments[] = { field, redis_word_of(now, when) };
    int64_t before = 0;
    int error = store_books_check(books, user, now);

    if (!error && store_books_full(books))
        error = presence_redis_look(l, books, way, user, &before);
    if (error)
        return error == -ENOENT ? -ENOSPC : error;
    way->locate(l->place, books, user, key, field);
    error = redis_script_number(l, way->script, key, arguments, 2, &before);
    return error ? error : presence_redis_beaten(books, way, before, now);
}

/*
 * A pipeline of heartbeats of users that may have one.  An error of the connection is the answer of
 * all whose reply was still to come: it is unknown whether they took effect.
 */
static inline void presence_redis_beat_pipeline(struct redis_link *l, struct store_books *books,
                                                const struct presence_redis_way *way,
                                                const uint64_t *users, size_t n, uint64_t now,
                                                int *results)
{
    char key[REDIS_KEY], field[REDIS_WORD], when[REDIS_WORD];
    const char *const arguments[] = { field, redis_word_of(now, when) };
    int broken = 0;

    for (size_t i = 0; i < n && !broken; i++) {
        way->locate(l->place, books, users[i], key, field);
        if (store_books_check(books, users[i], now) == 0)
            broken = redis_ask_script(l, way->script, key, arguments, 2);
    }
    if (!broken)
        broken = redis_flush(l);
    for (size_t i = 0; i < n; i++) {
        redisReply *reply = NULL;
        int64_t before = 0;
        results[i] = store_books_check(books, users[i], now);
        if (results[i])
            continue;
        int error = broken ? broken : redis_reply(l, &reply);
        bool lost = error && error != -ENOEXEC && !l->context;
        if (!error)
            error = redis_number_of(l, reply, &before);
        freeReplyObject(reply);
        results[i] = error ? error : presence_redis_beaten(books, way, before, now);
        broken = lost ? error : broken;
    }
    for (size_t i = 0; i < n; i++) /* the server has been restarted, and was not told the script */
        if (results[i] == -ENOEXEC)
            results[i] = presence_redis_beat(l, books, way, users[i], now);
}

/* With a capacity each user is looked at on its own. */
static inline int presence_redis_beat_many(struct redis_link *l, struct store_books *books,
                                           const struct presence_redis_own *own,
                                           const struct presence_redis_way *way,
                                           const uint64_t *users, size_t n, uint64_t now, int *results)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t i = 0, count; i < n; i += count) {
        count = books->capacity ? 1 : n - i < own->depth ? n - i : own->depth;
        if (books->capacity)
            results[i] = presence_redis_beat(l, books, way, users[i], now);
        else
            presence_redis_beat_pipeline(l, books, way, users + i, count, now, results + i);
    }
    return 0;
}

static inline int presence_redis_online(struct redis_link *l, const struct store_books *books,
                                        const struct presence_redis_way *way, uint64_t user,
                                        uint64_t now)
{
    int64_t number = 0;
    int error = store_books_check(books, user, now);

    if (!error)
        error = presence_redis_look(l, books, way, user, &number);
    if (error)
        return error == -ENOENT ? 0 : error;
    return presence_redis_fresh(books, way, number, now);
}

/* A pipeline of looks; as above. */
static inline void presence_redis_look_pipeline(struct redis_link *l, const struct store_books *books,
                                                const struct presence_redis_way *way,
                                                const uint64_t *users, size_t n, uint64_t now,
                                                int *results)
{
    char key[REDIS_KEY], field[REDIS_WORD];
    const char *const words[] = { way->look, key, field };
    int broken = 0;

    for (size_t i = 0; i < n && !broken; i++) {
        way->locate(l->place, books, users[i], key, field);
        if (store_books_check(books, users[i], now) == 0)
            broken = way->look ? redis_ask(l, words, way->look_words)
                               : redis_ask_script(l, way->look_script, key, words + 2, 1);
    }
    if (!broken)
        broken = redis_flush(l);
    for (size_t i = 0; i < n; i++) {
        redisReply *reply = NULL;
        int64_t seen = 0;
        results[i] = store_books_check(books, users[i], now);
        if (results[i])
            continue;
        int error = broken ? broken : redis_reply(l, &reply);
        bool lost = error && error != -ENOEXEC && !l->context;
        broken = lost ? error : broken;
        if (!error)
            error = redis_number_of(l, reply, &seen);
        freeReplyObject(reply);
        results[i] = error == -ENOENT ? 0
                     : error          ? error
                                      : presence_redis_fresh(books, way, seen, now);
    }
    for (size_t i = 0; i < n; i++) /* as above */
        if (results[i] == -ENOEXEC)
            results[i] = presence_redis_online(l, books, way, users[i], now);
}

static inline int presence_redis_look_many(struct redis_link *l, const struct store_books *books,
                                           const struct presence_redis_own *own,
                                           const struct presence_redis_way *way, const uint64_t *users, size_t n, uint64_t now, int *results)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t i = 0, count; i < n; i += count) {
        count = n - i < own->depth ? n - i : own->depth;
        presence_redis_look_pipeline(l, books, way, users + i, count, now, results + i);
    }
    return 0;
}

/* heartbeat, is_online and the batches of a map with this way, a constant. */
#define PRESENCE_REDIS_BEATS(NAME, WAY)                                                       \
    static inline int presence_##NAME##_heartbeat(struct presence_##NAME *m,                  \
                                                  struct presence_##NAME##_handle *h,         \
                                                  uint64_t user, uint64_t now)                \
    {                                                                                         \
        return presence_redis_beat(&h->link, &m->books, &(WAY), user, now);                   \
    }                                                                                         \
    static inline int presence_##NAME##_is_online(struct presence_##NAME *m,                  \
                                                  struct presence_##NAME##_handle *h,         \
                                                  uint64_t user, uint64_t now)                \
    {                                                                                         \
        return presence_redis_online(&h->link, &m->books, &(WAY), user, now);                 \
    }                                                                                         \
    static inline int presence_##NAME##_heartbeat_many(                                       \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, const uint64_t *users, \
        size_t n, uint64_t now, int *results)                                                 \
    {                                                                                         \
        return presence_redis_beat_many(&h->link, &m->books, &m->own, &(WAY), users, n, now,  \
                                        results);                                             \
    }                                                                                         \
    static inline int presence_##NAME##_is_online_many(                                       \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, const uint64_t *users, \
        size_t n, uint64_t now, int *results)                                                 \
    {                                                                                         \
        return presence_redis_look_many(&h->link, &m->books, &m->own, &(WAY), users, n, now,  \
                                        results);                                             \
    }

/* last_seen of a map whose looks answer the time. */
#define PRESENCE_REDIS_SEEN(NAME, WAY)                                                        \
    static inline int64_t presence_##NAME##_last_seen(struct presence_##NAME *m,              \
                                                      struct presence_##NAME##_handle *h,     \
                                                      uint64_t user)                          \
    {                                                                                         \
        int64_t seen = 0;                                                                     \
        int error = -EINVAL;                                                                  \
                                                                                              \
        if (presence_valid_user(user))                                                        \
            error = presence_redis_look(&h->link, &m->books, &(WAY), user, &seen);            \
        return error ? error : seen;                                                          \
    }

#endif
