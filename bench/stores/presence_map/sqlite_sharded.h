/*
 * sqlite_sharded.h - a presence map as several files of SQLite, among which the client shares out the users.
 *
 * Idea: a file has one writer at a time.  Several files have several: a user's number says, on a ring
 *   (consistent hashing), in which of them the user's row is.  A further file takes over a (k + 1)th of
 *   the users, and all others stay.
 * Invariant: a user is asked for in one file, the ring's, whose row has the user's latest heartbeat.
 * Linearisation points: as sqlite.h, in the user's file.
 * Progress: blocking: writers of one file take turns, readers wait for nobody.
 * Read guarantee: exact for one user.  A count and a walk go from file to file, a snapshot of each.  A
 *   batch is a transaction for each file and `depth` of its users.
 * Cost: as sqlite.h; a thread has a connection to each file, and a batch as many commits as files.
 * Breaks when: clients disagree about the files.  And all files share one disk: what a commit waits for
 *   there (`synchronous`=2) does not get faster by their number.
 * Use when: threads wait for one file's lock rather than for the disk.
 * Reference: Karger et al., Consistent hashing and random trees, STOC 1997.
 */
#ifndef CONTEND_BENCH_STORES_PRESENCE_MAP_SQLITE_SHARDED_H
#define CONTEND_BENCH_STORES_PRESENCE_MAP_SQLITE_SHARDED_H

#include "bench/stores/parts/ring.h"
#include "bench/stores/presence_map/sqlite.h"

enum { PRESENCE_SQLITE_SHARDS = 8 };

static const struct contend_option presence_sqlite_sharded_options[] = {
    { "nodes", 3, 1, PRESENCE_SQLITE_SHARDS, "files that the users are shared out among" },
    PRESENCE_SQLITE_OPTIONS CONTEND_OPTIONS_END
};

/* Each node is a map of its own, without a capacity: that is of all of them. */
struct presence_sqlite_sharded {
    struct ring ring; /* of the nodes; grows while no call is under way */
    struct presence_config config;
    counter_attached attached;
    struct presence_sqlite nodes[PRESENCE_SQLITE_SHARDS];
};

struct presence_sqlite_sharded_handle {
    unsigned opened; /* of the nodes */
    struct presence_sqlite_handle nodes[PRESENCE_SQLITE_SHARDS];
};

static const struct presence_traits presence_sqlite_sharded_traits; /* defined at the end */

/* ---- its beginning and its end ---- */

/* One more file.  0, -ENOSPC, or another negative errno value after a complaint. */
static inline int presence_sqlite_sharded_add(struct presence_sqlite_sharded *m,
                                              const struct contend_settings *settings)
{
    struct presence_config config = m->config;

    if (m->ring.nodes == PRESENCE_SQLITE_SHARDS)
        return -ENOSPC;
    struct presence_sqlite *node = &m->nodes[m->ring.nodes];
    config.capacity = 0;
    int error = store_books_init(&node->books, &config, &presence_sqlite_sharded_traits);
    if (error)
        return error;
    presence_sqlite_read_settings(&node->own, settings, presence_sqlite_sharded_options);
    error = sqlite_place_make(&node->place, "sqlite_sharded", &presence_sqlite_plans[node->own.index],
                              settings);
    if (!error)
        ring_add(&m->ring);
    return error;
}

static inline int presence_sqlite_sharded_fini(struct presence_sqlite_sharded *m)
{
    if (counter_attached_count(&m->attached))
        return -EBUSY;
    for (unsigned i = 0; i < m->ring.nodes; i++)
        sqlite_place_end(&m->nodes[i].place);
    return 0;
}

static inline int presence_sqlite_sharded_init(struct presence_sqlite_sharded *m,
                                               const struct presence_config *config)
{
    const struct contend_settings *settings = presence_settings(config);
    int error = presence_config_resolve(&m->config, config, presence_sqlite_sharded_options);
    unsigned nodes = (unsigned)contend_option_value(settings, presence_sqlite_sharded_options, "nodes");

    if (error)
        return error;
    ring_init(&m->ring);
    atomic_init(&m->attached, 0);
    while (!error && m->ring.nodes < nodes)
        error = presence_sqlite_sharded_add(m, settings);
    if (error)
        presence_sqlite_sharded_fini(m);
    return error;
}

/*
 * Adds a file while no call is under way: the users that it takes over are asked for there from now on,
 * and are offline until they beat again.  As presence_sqlite_sharded_add().
 */
static inline int presence_sqlite_sharded_grow(struct presence_sqlite_sharded *m)
{
    const struct presence_sqlite *first = &m->nodes[0];
    const struct contend_setting same[] = {
        { "synchronous", first->place.synchronous }, { "timeout_ms", first->place.timeout_ms },
        { "index", first->own.index }, { "depth", (int64_t)first->own.depth },
        { "sweep_batch", (int64_t)first->own.sweep_batch },
    };
    const struct contend_settings settings = { .list = same, .count = sizeof same / sizeof *same };

    return presence_sqlite_sharded_add(m, &settings);
}

/* Opens what the map has and the handle has not.  0, or a negative errno value after a complaint. */
static inline int presence_sqlite_sharded_open(struct presence_sqlite_sharded *m,
                                               struct presence_sqlite_sharded_handle *h)
{
    int error = 0;

    while (!error && h->opened < m->ring.nodes) {
        error = sqlite_link_open(&m->nodes[h->opened].place, &h->nodes[h->opened].link);
        h->opened += !error;
    }
    return error;
}

static inline void presence_sqlite_sharded_close(struct presence_sqlite_sharded_handle *h)
{
    while (h->opened > 0)
        sqlite_link_close(&h->nodes[--h->opened].link);
}

static inline int presence_sqlite_sharded_attach(struct presence_sqlite_sharded *m,
                                                 struct presence_sqlite_sharded_handle *h)
{
    h->opened = 0;
    int error = presence_sqlite_sharded_open(m, h);
    if (error)
        presence_sqlite_sharded_close(h);
    else
        counter_attached_enter(&m->attached);
    return error;
}

static inline void presence_sqlite_sharded_detach(struct presence_sqlite_sharded *m,
                                                  struct presence_sqlite_sharded_handle *h)
{
    presence_sqlite_sharded_close(h);
    counter_attached_leave(&m->attached);
}

PRESENCE_NO_RESERVE(sqlite_sharded)
PRESENCE_NO_QUIESCENCE(sqlite_sharded)

static inline void presence_sqlite_sharded_traffic(struct presence_sqlite_sharded *m,
                                                   struct store_traffic *out)
{
    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < m->ring.nodes; i++) {
        struct store_traffic one = { .round_trips = 0 };
        sqlite_place_traffic(&m->nodes[i].place, &one);
        out->round_trips += one.round_trips;
        out->written += one.written;
        out->held += one.held;
        out->held_by = one.held_by;
    }
}

/* ---- one user ---- */

/* The number of the user's node, to which there is a connection; or a negative errno value. */
static inline int presence_sqlite_sharded_node(struct presence_sqlite_sharded *m,
                                               struct presence_sqlite_sharded_handle *h, uint64_t user)
{
    int error = presence_sqlite_sharded_open(m, h);

    return error ? error : (int)ring_node(&m->ring, user);
}

static inline int64_t presence_sqlite_sharded_last_seen(struct presence_sqlite_sharded *m,
                                                        struct presence_sqlite_sharded_handle *h,
                                                        uint64_t user)
{
    int at = presence_sqlite_sharded_node(m, h, user);

    return at < 0 ? at : presence_sqlite_last_seen(&m->nodes[at], &h->nodes[at], user);
}

/* The books of all files together. */
static inline struct presence_stats presence_sqlite_sharded_books(struct presence_sqlite_sharded *m)
{
    struct presence_stats sum = { .bytes = sizeof *m }, one;

    for (unsigned i = 0; i < m->ring.nodes; i++) {
        store_books_read(&m->nodes[i].books, &one);
        sum.inserts += one.inserts;
        sum.swept += one.swept;
        sum.left += one.left;
    }
    return sum;
}

static inline bool presence_sqlite_sharded_full(struct presence_sqlite_sharded *m)
{
    const struct presence_stats sum = presence_sqlite_sharded_books(m);

    return m->config.capacity && sum.inserts - sum.swept - sum.left >= m->config.capacity;
}

static inline int presence_sqlite_sharded_heartbeat(struct presence_sqlite_sharded *m,
                                                    struct presence_sqlite_sharded_handle *h,
                                                    uint64_t user, uint64_t now)
{
    int at = presence_sqlite_sharded_node(m, h, user);

    if (at < 0)
        return at;
    if (presence_check(user, now) == 0 && presence_sqlite_sharded_full(m)) {
        int64_t seen = presence_sqlite_last_seen(&m->nodes[at], &h->nodes[at], user);
        if (seen < 0)
            return seen == -ENOENT ? -ENOSPC : (int)seen;
    }
    return presence_sqlite_heartbeat(&m->nodes[at], &h->nodes[at], user, now);
}

static inline int presence_sqlite_sharded_is_online(struct presence_sqlite_sharded *m,
                                                    struct presence_sqlite_sharded_handle *h,
                                                    uint64_t user, uint64_t now)
{
    int at = presence_sqlite_sharded_node(m, h, user);

    return at < 0 ? at : presence_sqlite_is_online(&m->nodes[at], &h->nodes[at], user, now);
}

static inline int presence_sqlite_sharded_leave(struct presence_sqlite_sharded *m,
                                                struct presence_sqlite_sharded_handle *h, uint64_t user,
                                                uint64_t now)
{
    int at = presence_sqlite_sharded_node(m, h, user);

    return at < 0 ? at : presence_sqlite_leave(&m->nodes[at], &h->nodes[at], user, now);
}

/* ---- all files ---- */

static inline int64_t presence_sqlite_sharded_sweep(struct presence_sqlite_sharded *m,
                                                    struct presence_sqlite_sharded_handle *h,
                                                    uint64_t now, uint64_t budget, bool *complete)
{
    int64_t removed = 0, gone = presence_sqlite_sharded_open(m, h);
    unsigned done = 0;

    for (unsigned i = 0; i < m->ring.nodes && gone >= 0; i++) {
        bool whole = false;
        gone = presence_sqlite_sweep(&m->nodes[i], &h->nodes[i], now, budget - (uint64_t)removed, &whole);
        removed += gone > 0 ? gone : 0;
        done += whole;
    }
    if (complete)
        *complete = gone >= 0 && done == m->ring.nodes;
    return gone < 0 && removed == 0 ? gone : removed;
}

static inline int64_t presence_sqlite_sharded_count_online(struct presence_sqlite_sharded *m,
                                                           struct presence_sqlite_sharded_handle *h,
                                                           uint64_t now)
{
    int64_t sum = 0, count = presence_sqlite_sharded_open(m, h);

    for (unsigned i = 0; i < m->ring.nodes && count >= 0; i++) {
        count = presence_sqlite_count_online(&m->nodes[i], &h->nodes[i], now);
        sum += count;
    }
    return count < 0 ? count : sum;
}

static inline int presence_sqlite_sharded_for_each_online(struct presence_sqlite_sharded *m,
                                                          struct presence_sqlite_sharded_handle *h,
                                                          uint64_t now, presence_visit fn, void *ctx)
{
    int result = presence_sqlite_sharded_open(m, h);

    for (unsigned i = 0; i < m->ring.nodes && !result; i++)
        result = presence_sqlite_for_each_online(&m->nodes[i], &h->nodes[i], now, fn, ctx);
    return result;
}

static inline void presence_sqlite_sharded_stats(struct presence_sqlite_sharded *m,
                                                 struct presence_stats *out)
{
    *out = presence_sqlite_sharded_books(m);
    for (unsigned i = 0; i < m->ring.nodes; i++)
        out->entries += sqlite_place_ask(&m->nodes[i].place, "SELECT count(*) FROM online");
}

/* ---- batches ---- */

typedef int presence_sqlite_batch(struct presence_sqlite *m, struct presence_sqlite_handle *h,
                                  const uint64_t *users, size_t n, uint64_t now, int *results);

/* Those of up to DEEPEST users that one node has, in their order. */
static inline void presence_sqlite_sharded_part(struct presence_sqlite_sharded *m,
                                                struct presence_sqlite_sharded_handle *h, unsigned node,
                                                presence_sqlite_batch *batch, const uint64_t *users,
                                                size_t n, uint64_t now, int *results)
{
    uint64_t ids[PRESENCE_SQLITE_DEEPEST];
    int answers[PRESENCE_SQLITE_DEEPEST];
    size_t places[PRESENCE_SQLITE_DEEPEST], count = 0;

    for (size_t i = 0; i < n; i++)
        if (ring_node(&m->ring, users[i]) == node) {
            ids[count] = users[i];
            places[count++] = i;
        }
    if (count)
        batch(&m->nodes[node], &h->nodes[node], ids, count, now, answers);
    for (size_t i = 0; i < count; i++)
        results[places[i]] = answers[i];
}

static inline int presence_sqlite_sharded_in_parts(struct presence_sqlite_sharded *m,
                                                   struct presence_sqlite_sharded_handle *h,
                                                   presence_sqlite_batch *batch, const uint64_t *users,
                                                   size_t n, uint64_t now, int *results)
{
    int error = presence_valid_now(now) ? presence_sqlite_sharded_open(m, h) : -EINVAL;

    for (size_t i = 0, count; i < n && !error; i += count) {
        count = n - i < PRESENCE_SQLITE_DEEPEST ? n - i : PRESENCE_SQLITE_DEEPEST;
        for (unsigned node = 0; node < m->ring.nodes; node++)
            presence_sqlite_sharded_part(m, h, node, batch, users + i, count, now, results + i);
    }
    return error;
}

/* With a capacity each user is looked at on its own. */
static inline int presence_sqlite_sharded_heartbeat_many(struct presence_sqlite_sharded *m,
                                                         struct presence_sqlite_sharded_handle *h,
                                                         const uint64_t *users, size_t n, uint64_t now,
                                                         int *results)
{
    if (!m->config.capacity || !presence_valid_now(now))
        return presence_sqlite_sharded_in_parts(m, h, presence_sqlite_heartbeat_many, users, n, now,
                                                results);
    for (size_t i = 0; i < n; i++)
        results[i] = presence_sqlite_sharded_heartbeat(m, h, users[i], now);
    return 0;
}

static inline int presence_sqlite_sharded_is_online_many(struct presence_sqlite_sharded *m,
                                                         struct presence_sqlite_sharded_handle *h,
                                                         const uint64_t *users, size_t n, uint64_t now,
                                                         int *results)
{
    return presence_sqlite_sharded_in_parts(m, h, presence_sqlite_is_online_many, users, n, now, results);
}

static const struct presence_traits presence_sqlite_sharded_traits = {
    .id = {
        .name = "sqlite_sharded",
        .title = "several files of SQLite, shared out by the client: a consistent ring",
        .reference = "Karger et al., Consistent hashing and random trees, STOC 1997",
        .flags = CONTEND_REMOTE,
        .options = presence_sqlite_sharded_options,
    },
    PRESENCE_TRAITS_IN_STORE(sqlite_sharded),
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .expiry = "DELETE in batches, by an index on the time, file by file",
    .max_retain = UINT64_MAX,
};

PRESENCE_STATIC_TRAITS(sqlite_sharded)

#endif
