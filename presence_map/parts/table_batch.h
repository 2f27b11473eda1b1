/*
 * table_batch.h - the users of a batch whose entries are in one table: one section of its lock.
 *
 * As for single users the section is a request, which the lock may delegate.  The lines of all of
 * them are asked for before the first one is served.
 */
#include "presence_map/parts/table.h" /* before the guard: see chosen.h */

#ifndef CONTEND_PRESENCE_MAP_PARTS_TABLE_BATCH_H
#define CONTEND_PRESENCE_MAP_PARTS_TABLE_BATCH_H

#include "presence_map/parts/batch.h"

struct presence_table_group {
    struct presence_table *table;
    struct presence_tally *tally;
    struct presence_batch *batch;
    unsigned first; /* of its chain */
};

/* Does one of the requests of table.h for each user of the group. */
static inline void presence_table_serve_each(const struct presence_table_group *g,
                                             void (*serve)(void *request))
{
    struct presence_batch *b = g->batch;

    for PRESENCE_BATCH_EACH(i, b, g->first)
        contend_fetch(&g->table->slots[b->hashes[i] & g->table->mask]);
    for PRESENCE_BATCH_EACH(i, b, g->first) {
        struct presence_table_request r = { g->table, g->tally, b->hashes[i], b->users[i], b->now,
                                            0 };
        serve(&r);
        b->results[i] = (int)r.result;
    }
}

static inline void presence_table_serve_heartbeats(void *group)
{
    presence_table_serve_each(group, presence_table_serve_heartbeat);
}

static inline void presence_table_serve_onlines(void *group)
{
    presence_table_serve_each(group, presence_table_serve_is_online);
}

/* Both: 0, or the lock's error, and no result is there. */
static inline int presence_table_heartbeats(struct presence_table *t,
                                            struct presence_table_handle *h,
                                            struct presence_batch *b, unsigned first)
{
    struct presence_table_group g = { t, &h->tally, b, first };

    return presence_guard_do(&t->guard, &h->keys, presence_table_serve_heartbeats, &g);
}

static inline int presence_table_onlines(struct presence_table *t, struct presence_table_handle *h,
                                         struct presence_batch *b, unsigned first)
{
    struct presence_table_group g = { t, &h->tally, b, first };

    return presence_guard_do_shared(&t->guard, &h->keys, presence_table_serve_onlines, &g);
}

/* A presence_batch_check. */
static inline int presence_table_check(const void *map, uint64_t user, uint64_t now)
{
    (void)map;
    return presence_check(user, now);
}

/*
 * The batches of a map NAME, with a `config`, whose users are in `parts` tables; presence_NAME_of(m,
 * hash) is the table of a hash, and its handle's member `table` is for all of them.
 */
#define PRESENCE_TABLE_BATCHES(NAME, parts)                 \
    PRESENCE_TABLE_BATCH(NAME, heartbeat, heartbeats, parts) \
    PRESENCE_TABLE_BATCH(NAME, is_online, onlines, parts)

#define PRESENCE_TABLE_BATCH(NAME, OPERATION, SERVE, parts)                                   \
    static inline int presence_##NAME##_serve_##SERVE(void *map, void *handle,                \
                                                      struct presence_batch *b, unsigned first) \
    {                                                                                         \
        struct presence_##NAME##_handle *h = handle;                                          \
        return presence_table_##SERVE(presence_##NAME##_of(map, b->hashes[first]), &h->table, \
                                      b, first);                                              \
    }                                                                                         \
    static inline int presence_##NAME##_##OPERATION##_many(                                   \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, const uint64_t *users, \
        size_t n, uint64_t now, int *results)                                                 \
    {                                                                                         \
        return presence_batch_by_part(m, h, parts, m->config.hash_seed, users, n, now,        \
                                      results, presence_table_check,                          \
                                      presence_##NAME##_serve_##SERVE);                       \
    }

#endif
