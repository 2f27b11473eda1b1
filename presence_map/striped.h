/*
 * striped.h - the users divided among many tables, each with its lock.
 *
 * Idea: a template.  The hash names the stripe; two threads meet at a lock only if
 *   their users share a stripe.  With CONTEND_LOCK defined as the name of a lock
 *   (see locks/parts/chosen.h) it is that lock's striped map.
 * Invariant: a user is in the stripe that its hash names or nowhere; table.h's
 *   invariant holds in every stripe, which only its lock's holder touches.
 * Linearisation points: heartbeat, is_online, last_seen, leave: any instant while
 *   the stripe's lock is held; sweep, per user, at the removal under the lock.
 * Progress: blocking, as the lock, but a preempted holder stops one stripe only.
 *   A sweep or a walk holds one stripe at a time.
 * Read guarantee: linearizable per user; for_each and count_online see each stripe
 *   at one instant, and different stripes at different ones.
 * Cost: the lock's, and two lines: the stripe's and the slot's.  16 bytes a slot,
 *   7/16 to 7/8 of the slots used, and 256 bytes or so a stripe.
 * Breaks when: one user is hot: all its threads meet at one lock again.  A fixed
 *   capacity is divided too, with head-room: at least so many users fit, but about
 *   1.6 times as many at 1,000, and 1.2 times at 100,000, are accepted before the
 *   first -ENOSPC; and ids chosen by somebody who knows the hash's seed can fill
 *   one stripe early.
 * Use when: a plain lock is too slow; it is the first remedy to try.
 * Reference: D. Lea, ConcurrentHashMap of java.util.concurrent, 2004; M. Herlihy
 *   and N. Shavit, "The Art of Multiprocessor Programming", 2012, section 13.2.2.
 */
#ifndef CONTEND_PRESENCE_MAP_STRIPED_H
#define CONTEND_PRESENCE_MAP_STRIPED_H

#include "locks/parts/chosen.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/stripes.h"

static const struct contend_option presence_striped_options[] = {
    PRESENCE_STRIPES_OPTIONS
    CONTEND_OPTIONS_END
};

struct presence_striped {
    struct presence_stripes stripes;
};

struct presence_striped_handle {
    struct presence_guarded_handle guarded;
};

static inline int presence_striped_init(struct presence_striped *m,
                                        const struct presence_config *config)
{
    return presence_stripes_init(&m->stripes, config, presence_striped_options);
}

static inline int presence_striped_fini(struct presence_striped *m)
{
    return presence_stripes_fini(&m->stripes);
}

static inline int presence_striped_attach(struct presence_striped *m,
                                          struct presence_striped_handle *h)
{
    return presence_guarded_attach(&m->stripes.ledger, &h->guarded);
}

static inline void presence_striped_detach(struct presence_striped *m,
                                           struct presence_striped_handle *h)
{
    presence_guarded_detach(&m->stripes.ledger, &h->guarded);
}

static inline int presence_striped_heartbeat(struct presence_striped *m,
                                             struct presence_striped_handle *h, uint64_t user,
                                             uint64_t now)
{
    return presence_stripes_heartbeat(&m->stripes, &h->guarded, user, now);
}

static inline int presence_striped_is_online(struct presence_striped *m,
                                             struct presence_striped_handle *h, uint64_t user,
                                             uint64_t now)
{
    return presence_stripes_is_online(&m->stripes, &h->guarded, user, now);
}

static inline int64_t presence_striped_last_seen(struct presence_striped *m,
                                                 struct presence_striped_handle *h, uint64_t user)
{
    return presence_stripes_last_seen(&m->stripes, &h->guarded, user);
}

static inline int presence_striped_leave(struct presence_striped *m,
                                         struct presence_striped_handle *h, uint64_t user,
                                         uint64_t now)
{
    return presence_stripes_leave(&m->stripes, &h->guarded, user, now);
}

static inline int64_t presence_striped_sweep(struct presence_striped *m,
                                             struct presence_striped_handle *h, uint64_t now,
                                             uint64_t budget, bool *complete)
{
    return presence_stripes_sweep(&m->stripes, &h->guarded, now, budget, complete);
}

static inline int presence_striped_for_each_online(struct presence_striped *m,
                                                   struct presence_striped_handle *h, uint64_t now,
                                                   presence_visit fn, void *ctx)
{
    return presence_stripes_for_each_online(&m->stripes, &h->guarded, now, fn, ctx);
}

PRESENCE_COUNT_BY_WALK(striped)
PRESENCE_BATCH_IN_TURN(striped)
PRESENCE_NO_QUIESCENCE(striped)

static inline void presence_striped_stats(struct presence_striped *m, struct presence_stats *out)
{
    presence_stripes_stats(&m->stripes, out);
    out->bytes += sizeof *m;
}

static const struct presence_traits presence_striped_traits = {
    .id = {
        .name = "striped_" CHOSEN_LOCK_NAME,
        .title = "many tables, each under a lock " CHOSEN_LOCK_NAME,
        .reference = "Lea, ConcurrentHashMap, 2004",
        .lock = CHOSEN_LOCK_NAME,
        .flags = chosen_lock_flags,
        .options = presence_striped_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_BLOCKING,
    .last_seen = CONTEND_BLOCKING,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_GROWS,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan, stripe by stripe",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = PRESENCE_STRIPES_BYTES_PER_USER,
    .bytes_fixed = sizeof(struct presence_striped) + PRESENCE_STRIPES_BYTES_FIXED,
};

#endif
