/*
 * quotient_beat.h - a heartbeat on quotient rows: on the one that is there, or of a user who has none.
 *
 * What the maps of quotient rows share; presence_map/quotient.h has the linearisation points.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_BEAT_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_BEAT_H

#include <pthread.h>

#include "presence_map/parts/quotient_table.h"
#include "presence_map/parts/stripe_locks.h"

/*
 * A heartbeat of a user whose row was found; -EAGAIN if that is gone meanwhile, or, where `moves`,
 * elsewhere.  One that comes too late for its stamp to be told, a quarter of the span or more,
 * leaves no
 * row, or an old one.
 */
static inline int quotient_refresh(struct quotient_table *t, struct presence_tally *tally,
                                   const struct quotient_clock *clock, struct quotient_found *f,
                                   bool moves)
{
    uint64_t second = clock->stamp;

    do {
        if (moves && f->seen.word & t->q.frozen) {
            f->seen = quotient_table_settled(t, f->place);
            continue;
        }
        bool fresh = f->seen.second >= clock->oldest;
        if (second < f->seen.second)
            return PRESENCE_STALE;
        if (second == f->seen.second)
            return PRESENCE_REFRESHED; /* within the slack: nothing to write */
        uint64_t horizon = quotient_table_horizon(t);
        CONTEND_STEP("quotient: heartbeat, about to swap");
        if (quotient_is_kept(&t->q, second, horizon)
                ? quotient_table_swap(t, f->place, &f->seen,
                                      quotient_row(&t->q, f->key, second, horizon))
                : quotient_table_remove(t, tally, f->place, &f->seen, PRESENCE_SWEPT))
            return fresh ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
    } while (quotient_table_is_theirs(t, f));
    return -EAGAIN;
}

/* The stripe of the users of a hash.  Bits that say nothing about the home: the users of one line are
 * in all stripes. */
static inline pthread_mutex_t *quotient_stripe(const struct quotient_table *t,
                                               struct stripe_locks *stripes, uint64_t p)
{
    return stripe_locks_of(stripes, quotient_step(&t->q, p) >> chosen_row_stripe);
}

/* How a map looks for the user of a hash, and makes a row: as quotient_table_put() answers. */
typedef bool (*quotient_find)(struct quotient_table *t, uint64_t p, struct quotient_found *f);
typedef int (*quotient_put)(struct quotient_table *t, uint64_t p, uint64_t second);

/* Counts what quotient_table_put() answered, and says what the heartbeat answers. */
static inline int quotient_inserted(struct quotient_table *t, struct presence_tally *tally,
                                    int result)
{
    if (result == -ERANGE)
        presence_tally_count(tally, PRESENCE_SWEPT);
    else if (result == 0)
        presence_quota_count_in(&t->quota);
    else
        return result;
    presence_tally_count(tally, PRESENCE_INSERTED);
    return PRESENCE_CAME_ONLINE;
}

/*
 * A heartbeat of a user who seemed to have no row, under the lock of the user's stripe.  -EAGAIN
 * if there is one, or if `put` says so.
 */
static inline int quotient_insert(struct quotient_table *t, struct presence_tally *tally,
                                  pthread_mutex_t *stripe, uint64_t p, uint64_t second,
                                  quotient_find find, quotient_put put)
{
    struct quotient_found f;
    int result;

    CONTEND_STEP("quotient: nobody there, about to lock the stripe");
    pthread_mutex_lock(stripe);
    for (;;) {
        uint64_t came;
        bool room = presence_quota_has_room(&t->quota, &came);
        if (find(t, p, &f)) {
            result = -EAGAIN;
            break;
        }
        result = room ? put(t, p, second) : -ENOSPC;
        if (room || presence_quota_is_full(&t->quota, came))
            break;
    }
    pthread_mutex_unlock(stripe);
    return quotient_inserted(t, tally, result);
}

#endif
