/* parted.c - see parted.h. */
#include "bench/stores/redis/parted.h"

#include <stdlib.h>

#include "bench/stores/parts/trouble.h"

/* ---- one user ---- */

/* The number that a command or script answers; takes over the reply. */
static int number_in(const struct redis_parted_map *m, redisReply *reply, int error, int64_t *number)
{
    if (!error)
        error = redis_number_of(m->any, reply, number);
    freeReplyObject(reply);
    return error;
}

static int script_number(const struct redis_parted_map *m, unsigned part, unsigned script,
                         const char *const *arguments, unsigned count, int64_t *number)
{
    char key[REDIS_KEY];
    redisReply *reply;
    int error = m->how->script(m->link, part, script, m->how->key(m->place, part, key), arguments,
                               count, &reply);

    return number_in(m, reply, error, number);
}

/* A command with the part's key and up to two more words. */
static int call_number(const struct redis_parted_map *m, unsigned part, const char *command,
                       const char *second, const char *third, int64_t *number)
{
    char key[REDIS_KEY];
    const char *const words[] = { command, m->how->key(m->place, part, key), second, third };
    redisReply *reply;
    int error = m->how->call(m->link, part, key, words, third ? 4 : second ? 3 : 2, &reply);

    return number_in(m, reply, error, number);
}

static int look(const struct redis_parted_map *m, uint64_t user, int64_t *seen)
{
    char who[REDIS_WORD];

    return call_number(m, m->how->part_of(m->place, user), "ZSCORE", redis_word_of(user, who), NULL,
                       seen);
}

int redis_parted_heartbeat(const struct redis_parted_map *m, uint64_t user, uint64_t now)
{
    char who[REDIS_WORD], when[REDIS_WORD];
    const char *const arguments[] = { redis_word_of(user, who), redis_word_of(now, when) };
    int64_t before = 0;
    int error = store_books_check(m->books, user, now);

    if (error)
        return error;
    if (store_books_full(m->books))
        error = look(m, user, &before);
    if (error)
        return error == -ENOENT ? -ENOSPC : error;
    error = script_number(m, m->how->part_of(m->place, user), REDIS_ZSET_BEAT, arguments, 2, &before);
    return error ? error : store_books_beat(m->books, (uint64_t)before, now);
}

int redis_parted_is_online(const struct redis_parted_map *m, uint64_t user, uint64_t now)
{
    int64_t seen = 0;
    int error = store_books_check(m->books, user, now);

    if (!error)
        error = look(m, user, &seen);
    if (error)
        return error == -ENOENT ? 0 : error;
    return presence_fresh((uint64_t)seen, now, m->books->ttl_ms);
}

int64_t redis_parted_last_seen(const struct redis_parted_map *m, uint64_t user)
{
    int64_t seen = 0;
    int error = presence_valid_user(user) ? look(m, user, &seen) : -EINVAL;

    return error ? error : seen;
}

int redis_parted_leave(const struct redis_parted_map *m, uint64_t user, uint64_t now)
{
    char who[REDIS_WORD], when[REDIS_WORD];
    const char *const arguments[] = { redis_word_of(user, who), redis_word_of(now, when) };
    int64_t removed = 0;
    int error = store_books_check(m->books, user, now);

    if (!error)
        error = script_number(m, m->how->part_of(m->place, user), REDIS_ZSET_LEAVE, arguments, 2,
                              &removed);
    store_books_add(&m->books->left, error ? 0 : (uint64_t)removed);
    return error ? error : (int)removed;
}

/* ---- all parts ---- */

/* In batches, so that a server serves others in between.  A part that does not answer is left out. */
int64_t redis_parted_sweep(const struct redis_parted_map *m, uint64_t now, uint64_t budget,
                           bool *complete)
{
    char before[REDIS_WORD], many[REDIS_WORD];
    int64_t removed = 0;
    int failed = 0;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    redis_word(store_books_due_before(m->books, now), before);
    for (unsigned part = 0, parts = m->how->count(m->place); part < parts && budget;) {
        uint64_t most = budget < m->own->sweep_batch ? budget : m->own->sweep_batch;
        const char *const arguments[] = { before, redis_word_of(most, many) };
        int64_t gone = 0;
        int error = script_number(m, part, REDIS_ZSET_SWEEP, arguments, 2, &gone);
        failed = failed ? failed : error;
        store_books_add(&m->books->swept, error ? 0 : (uint64_t)gone);
        removed += error ? 0 : gone;
        budget -= error ? 0 : (uint64_t)gone;
        part += error || (uint64_t)gone < most;
        *complete = part == parts && !failed;
    }
    return failed && removed == 0 ? failed : removed;
}

int64_t redis_parted_count(const struct redis_parted_map *m, uint64_t now)
{
    char from[REDIS_WORD];
    int64_t sum = 0;

    if (!presence_valid_now(now))
        return -EINVAL;
    redis_word(store_books_online_from(m->books, now), from);
    for (unsigned part = 0, parts = m->how->count(m->place); part < parts; part++) {
        int64_t count = 0;
        int error = call_number(m, part, "ZCOUNT", from, "+inf", &count);
        if (error)
            return error;
        sum += count;
    }
    return sum;
}

int redis_parted_walk(const struct redis_parted_map *m, uint64_t now, presence_visit fn, void *ctx)
{
    char key[REDIS_KEY], from[REDIS_WORD];
    int result = 0;

    if (!presence_valid_now(now))
        return -EINVAL;
    redis_word(store_books_online_from(m->books, now), from);
    for (unsigned part = 0, parts = m->how->count(m->place); part < parts && !result; part++) {
        const char *const words[] = { "ZRANGE", m->how->key(m->place, part, key), from, "+inf",
                                      "BYSCORE", "WITHSCORES" };
        redisReply *reply;
        result = m->how->call(m->link, part, key, words, 6, &reply);
        if (!result && reply->type != REDIS_REPLY_ARRAY)
            result = -EIO;
        for (size_t i = 0; !result && i + 1 < reply->elements; i += 2)
            result = fn(ctx, strtoull(reply->element[i]->str, NULL, 10),
                        strtoull(reply->element[i + 1]->str, NULL, 10));
        freeReplyObject(reply);
    }
    return result;
}

uint64_t redis_parted_entries(const struct redis_parted_map *m)
{
    uint64_t sum = 0;

    for (unsigned part = 0, parts = m->how->count(m->place); part < parts; part++) {
        int64_t count = 0;
        if (call_number(m, part, "ZCARD", NULL, NULL, &count) == 0)
            sum += (uint64_t)count;
    }
    return sum;
}

/* ---- batches ---- */

enum { PIPELINE = 1000 };

/* A pipeline over each connection that its users need, all of them under way at once. */
struct pipeline {
    const struct redis_parted_map *map;
    bool beats; /* heartbeats; else looks */
    const uint64_t *users;
    uint64_t now;
    int *results;
    struct redis_link *over[PIPELINE]; /* NULL: not asked */
};

/* Puts the request for the i-th user behind those that wait on its connection. */
static void ask(struct pipeline *p, size_t i)
{
    const struct redis_parted_map *m = p->map;
    unsigned part = m->how->part_of(m->place, p->users[i]);
    char key[REDIS_KEY], who[REDIS_WORD], when[REDIS_WORD];
    const char *const words[] = { "ZSCORE", m->how->key(m->place, part, key),
                                  redis_word_of(p->users[i], who), redis_word_of(p->now, when) };
    struct redis_link *link = m->how->connection(m->link, part);

    p->results[i] = !link      ? -EAGAIN
                    : p->beats ? redis_ask_script(link, REDIS_ZSET_BEAT, key, words + 2, 2)
                               : redis_ask(link, words, 3);
    p->over[i] = p->results[i] ? NULL : link;
}

/* Sends what waits on each connection; what could not be sent is unknown. */
static void flush(struct pipeline *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct redis_link *link = p->over[i];
        bool first = link != NULL;
        for (size_t k = 0; k < i && first; k++)
            first = p->over[k] != link;
        if (!first || !link)
            continue;
        int error = redis_flush(link);
        for (size_t k = i; error && k < n; k++)
            if (p->over[k] == link) {
                p->results[k] = error;
                p->over[k] = NULL;
            }
    }
}

/* Whether a reply says that the command has not been executed there, but can be elsewhere or anew. */
static bool is_to_be_repeated(int error)
{
    return error == -ENOEXEC || error == -EREMCHG;
}

static void take(struct pipeline *p, size_t i)
{
    const struct redis_parted_map *m = p->map;
    redisReply *reply = NULL;
    int64_t number = 0;

    if (!p->over[i])
        return;
    /* A connection that broke has lost the replies that were still to come. */
    int error = p->over[i]->context ? redis_reply(p->over[i], &reply) : -EIO;
    if (!error)
        error = redis_number_of(p->over[i], reply, &number);
    freeReplyObject(reply);
    p->results[i] = p->beats ? error ? error : store_books_beat(m->books, (uint64_t)number, p->now)
                    : error == -ENOENT
                        ? 0
                        : error ? error : presence_fresh((uint64_t)number, p->now, m->books->ttl_ms);
}

static void run(struct pipeline *p, size_t n)
{
    const struct redis_parted_map *m = p->map;

    for (size_t i = 0; i < n; i++) {
        p->over[i] = NULL;
        p->results[i] = store_books_check(m->books, p->users[i], p->now);
        if (p->results[i] == 0)
            ask(p, i);
    }
    flush(p, n);
    for (size_t i = 0; i < n; i++)
        take(p, i);
    for (size_t i = 0; i < n; i++)
        if (is_to_be_repeated(p->results[i]))
            p->results[i] = p->beats ? redis_parted_heartbeat(m, p->users[i], p->now)
                                     : redis_parted_is_online(m, p->users[i], p->now);
}

static int in_pipelines(const struct redis_parted_map *m, bool beats, const uint64_t *users, size_t n,
                        uint64_t now, int *results)
{
    size_t depth = m->own->depth < PIPELINE ? m->own->depth : PIPELINE;

    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t i = 0, count; i < n; i += count) {
        struct pipeline p = { .map = m, .beats = beats, .users = users + i, .now = now,
                              .results = results + i };
        count = n - i < depth ? n - i : depth;
        run(&p, count);
    }
    return 0;
}

int redis_parted_heartbeat_many(const struct redis_parted_map *m, const uint64_t *users, size_t n,
                                uint64_t now, int *results)
{
    if (!m->books->capacity)
        return in_pipelines(m, true, users, n, now, results);
    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t i = 0; i < n; i++) /* each is looked at on its own */
        results[i] = redis_parted_heartbeat(m, users[i], now);
    return 0;
}

int redis_parted_is_online_many(const struct redis_parted_map *m, const uint64_t *users, size_t n,
                                uint64_t now, int *results)
{
    return in_pipelines(m, false, users, n, now, results);
}
