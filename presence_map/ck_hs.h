/*
 * ck_hs.h - Concurrency Kit's hash set, sharded, of words that say all of a user.
 *
 * Idea: the library's set, of which each shard has one writer and any number of readers.  Its
 *   elements are pointers as a rule, to objects that somebody has to free; here an element is a word
 *   of id and time, equal to another if the ids are.  So a heartbeat replaces an element, and a
 *   look-up gets it with one load.
 * Invariant: a user is in the shard that its hash names or nowhere, and a set has one element for
 *   each id.
 * Linearisation points: heartbeat, leave and sweep, per user: the library's store of the element;
 *   is_online and last_seen: its load of the element, or of the empty slot.
 * Progress: look-ups lock-free: they start again only if a writer has moved an element of the same
 *   group of slots.  Everything else blocks: a preempted writer stops its shard's writers.
 * Read guarantee: linearizable per user, to the second; for_each_online and count_online see each
 *   shard at one instant, and different shards at different ones.
 * Cost: a look-up: no store, no locked instruction, one line and those of the probe.  Heartbeat: the
 *   lock's two locked instructions and two probes.  8 bytes a slot, at most half of them used; after
 *   growth up to twice as many slots as in a map that was made for as many users.
 * Breaks when: ids above 2^32 - 3; times before the origin, or 136 years after it; heartbeats
 *   dominate: then it is striped.h.  A fixed capacity is divided with a reserve, as there.
 * Use when: as ck_ht.h, with less than half of its bytes for a user, if ids have 32 bits and seconds
 *   are enough.
 * Reference: S. Al Bahra, Concurrency Kit, ck_hs(3), 2012.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_CK_HS_H
#define CONTEND_PRESENCE_MAP_CK_HS_H

#include "presence_map/parts/ck_hs_shard.h"

static inline int presence_ck_hs_check_user(uint64_t user)
{
    if (!presence_valid_user(user))
        return -EINVAL;
    return user <= PRESENCE_CK_HS_MAX_USER ? 0 : -ERANGE;
}

static inline int presence_ck_hs_check_now(const struct presence_config *config, uint64_t now)
{
    if (!presence_valid_now(now))
        return -EINVAL;
    /* A time before the origin wraps around and is too large as well. */
    return now - config->origin <= PRESENCE_CK_HS_MAX_SPAN ? 0 : -ERANGE;
}

#define SHARDED ck_hs
#define SHARDED_BEATS
#define SHARDED_RANGES
#define SHARDED_NO_RESERVE
#include "presence_map/parts/sharded.h"

PRESENCE_COUNT_BY_WALK(ck_hs)
PRESENCE_BATCH_LOOP(ck_hs, is_online, (void)0, (void)0)
PRESENCE_NO_QUIESCENCE(ck_hs)

static const struct presence_traits presence_ck_hs_traits = {
    .id = {
        .name = "ck_hs",
        .title = "Concurrency Kit's hash set, sharded: an element is id and time",
        .reference = "Al Bahra, Concurrency Kit, 2012",
        .lock = CHOSEN_LOCK_NAME,
        /* Its tables are on the heap, and ThreadSanitizer does not follow the library. */
        .flags = (chosen_lock_flags & ~CONTEND_PROCESS_SHARED) | CONTEND_TSAN_UNSOUND,
        .options = presence_ck_hs_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_LOCK_FREE,
    .last_seen = CONTEND_LOCK_FREE,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_GROWS | PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_BOUNDED,
    .expiry = "lazy check and full or budgeted scan, shard by shard",
    .granularity_ms = PRESENCE_CK_HS_GRANULARITY,
    .ids = PRESENCE_IDS_32,
    .max_user = PRESENCE_CK_HS_MAX_USER,
    .max_span = PRESENCE_CK_HS_MAX_SPAN,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 36, /* 65,536 users in 64 x 4,096 slots, and 4 KB of the library's for each */
    .bytes_fixed = sizeof(struct presence_ck_hs) +
                   PRESENCE_DEFAULT_PARTS *
                       (sizeof(struct presence_ck_hs_shard) + chosen_lock_heap),
};

PRESENCE_STATIC_TRAITS(ck_hs)

#endif
