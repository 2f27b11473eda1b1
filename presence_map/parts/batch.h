/*
 * batch.h - many users in one call: with their lines on the way, or part by part.
 *
 * Maps without a lock serve a batch in turn, and ask for the lines of later users while they serve
 * earlier ones.  Maps of parts that have a lock each take every lock once for all users of that part.
 * Either way each element has the result that a call of its own would have had (P12): a part's users
 * are served in the order of the batch, and users of different parts do not know of each other.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_BATCH_H
#define CONTEND_PRESENCE_MAP_PARTS_BATCH_H

#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"

/* ---- lines on the way ---- */

/* How many users ahead: more misses than a processor can have under way. */
enum { PRESENCE_BATCH_AHEAD = 16 };

/*
 * heartbeat_many and is_online_many of a map NAME between ENTER and LEAVE, statements that begin and
 * end a read section.  presence_NAME_whereabouts(m, user) is where the user's entry would be; it
 * may be asked for any user, also for one whom the map refuses.
 */
#define PRESENCE_BATCH_FETCHING(NAME, ENTER, LEAVE)                                           \
    PRESENCE_BATCH_FETCHED(NAME, heartbeat, contend_fetch_to_write, ENTER, LEAVE)             \
    PRESENCE_BATCH_FETCHED(NAME, is_online, contend_fetch, ENTER, LEAVE)

#define PRESENCE_BATCH_FETCHED(NAME, OPERATION, FETCH, ENTER, LEAVE)                          \
    static inline int presence_##NAME##_##OPERATION##_many(                                   \
        struct presence_##NAME *m, struct presence_##NAME##_handle *h, const uint64_t *users, \
        size_t n, uint64_t now, int *results)                                                 \
    {                                                                                         \
        if (!presence_valid_now(now))                                                         \
            return -EINVAL;                                                                   \
        ENTER;                                                                                \
        for (size_t i = 0; i < n && i < PRESENCE_BATCH_AHEAD; i++)                            \
            FETCH(presence_##NAME##_whereabouts(m, users[i]));                                \
        for (size_t i = 0; i < n; i++) {                                                      \
            if (i + PRESENCE_BATCH_AHEAD < n)                                                 \
                FETCH(presence_##NAME##_whereabouts(m, users[i + PRESENCE_BATCH_AHEAD]));     \
            results[i] = presence_##NAME##_##OPERATION(m, h, users[i], now);                  \
        }                                                                                     \
        LEAVE;                                                                                \
        return 0;                                                                             \
    }

/* ---- part by part ---- */

enum {
    PRESENCE_BATCH_SOME = 64,  /* users that are sorted at a time */
    PRESENCE_BATCH_END = 0xff, /* of a chain */
};

/* Some users of a batch.  Those of each part are chained in their order. */
struct presence_batch {
    const uint64_t *users;
    uint64_t now;
    int *results;
    uint64_t hashes[PRESENCE_BATCH_SOME];
    uint8_t next[PRESENCE_BATCH_SOME];
};

/* The next of user i's part, of which i is one; the loop over a chain ends at PRESENCE_BATCH_END. */
#define PRESENCE_BATCH_EACH(i, b, first)                                                      \
    (unsigned i = (first); i != PRESENCE_BATCH_END; i = (b)->next[i])

/* Whether the map takes this user at this time: 0, or the error that is the element's result. */
typedef int (*presence_batch_check)(const void *map, uint64_t user, uint64_t now);

/*
 * Serves the users of one part, chained from `first` on: 0, and their results are there, or the error
 * of the part's lock.
 */
typedef int (*presence_batch_serve)(void *map, void *handle, struct presence_batch *b,
                                    unsigned first);

/*
 * Chains the n users of whom `wanted` has a bit, and says with a bit each who is the first of its part.
 * The last one of each part is found by a small table of its own, so that this is linear.
 */
static inline uint64_t presence_batch_chain(struct presence_batch *b, size_t n, uint64_t wanted,
                                            uint32_t parts)
{
    enum { PLACES = 2 * PRESENCE_BATCH_SOME };
    uint8_t last[PLACES];
    uint64_t firsts = 0;

    memset(last, PRESENCE_BATCH_END, sizeof last);
    for (size_t i = 0; i < n; i++) {
        if (!(wanted >> i & 1))
            continue;
        uint32_t part = presence_stripe_of(b->hashes[i], parts), at = part % PLACES;
        while (last[at] != PRESENCE_BATCH_END &&
               presence_stripe_of(b->hashes[last[at]], parts) != part)
            at = (at + 1) % PLACES;
        if (last[at] == PRESENCE_BATCH_END)
            firsts |= UINT64_C(1) << i;
        else
            b->next[last[at]] = (uint8_t)i;
        b->next[i] = PRESENCE_BATCH_END;
        last[at] = (uint8_t)i;
    }
    return firsts;
}

/* heartbeat_many or is_online_many of a map of `parts` parts: what `serve` does is the difference. */
static inline int presence_batch_by_part(void *map, void *handle, uint32_t parts, uint64_t seed,
                                         const uint64_t *users, size_t n, uint64_t now,
                                         int *results, presence_batch_check check,
                                         presence_batch_serve serve)
{
    struct presence_batch b = { .now = now };

    if (!presence_valid_now(now))
        return -EINVAL;
    for (size_t begin = 0, some; begin < n; begin += some) {
        uint64_t wanted = 0;
        some = n - begin < PRESENCE_BATCH_SOME ? n - begin : PRESENCE_BATCH_SOME;
        b.users = users + begin;
        b.results = results + begin;
        for (size_t i = 0; i < some; i++) {
            b.hashes[i] = presence_hash(b.users[i], seed);
            b.results[i] = check(map, b.users[i], now);
            wanted |= (uint64_t)(b.results[i] == 0) << i;
        }
        uint64_t firsts = presence_batch_chain(&b, some, wanted, parts);
        for (unsigned first = 0; first < some; first++) {
            int error = firsts >> first & 1 ? serve(map, handle, &b, first) : 0;
            if (error)
                for PRESENCE_BATCH_EACH(i, &b, first)
                    b.results[i] = error;
        }
    }
    return 0;
}

#endif
