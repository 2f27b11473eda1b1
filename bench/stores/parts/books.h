/*
 * books.h - what a client knows of a presence map in a store: its configuration, and its books.
 *
 * The books count what this object's calls have made and removed; a call whose outcome is unknown
 * is not in them (P21).
 */
#ifndef CONTEND_BENCH_STORES_PARTS_BOOKS_H
#define CONTEND_BENCH_STORES_PARTS_BOOKS_H

#include "counters/parts/attached.h"
#include "presence_map/parts/defaults.h"

struct store_books {
    /* Never change.  The greatest ages of one who is online, and of one whom a sweep leaves alone
       (P9), both with a granularity that the map declares (P13). */
    uint64_t ttl_ms, kept_ms;
    uint64_t capacity; /* 0: as many as come */
    uint64_t users;    /* ids are below it; 0: any id */
    counter_attached attached;
    _Atomic uint64_t inserts, swept, left;
};

/* 0, or -ERANGE: it would be kept for longer, or be of more users, than the traits allow. */
static inline int store_books_init(struct store_books *b, const struct presence_config *config,
                                   const struct presence_traits *traits)
{
    bool dense = traits->ids == PRESENCE_IDS_DENSE;

    b->ttl_ms = config->ttl_ms + traits->granularity_ms - 1;
    b->kept_ms = presence_kept_ms(config, traits->granularity_ms);
    b->capacity = dense ? 0 : config->capacity; /* those of dense ids have all their places */
    b->users = !dense ? 0 : config->capacity ? config->capacity : config->expected;
    atomic_init(&b->attached, 0);
    atomic_init(&b->inserts, 0);
    atomic_init(&b->swept, 0);
    atomic_init(&b->left, 0);
    if (b->users && b->users - 1 > traits->max_user)
        return -ERANGE;
    return presence_kept_ms(config, 1) > traits->max_retain ? -ERANGE : 0;
}

/* -EINVAL off the axes, -ERANGE for an id that has no place, else 0. */
static inline int store_books_check(const struct store_books *b, uint64_t user, uint64_t now)
{
    if (presence_check(user, now))
        return -EINVAL;
    return b->users && user >= b->users ? -ERANGE : 0;
}

/* relaxed, here and below: statistics, which order nothing. */
static inline void store_books_add(_Atomic uint64_t *book, uint64_t n)
{
    if (n)
        atomic_fetch_add_explicit(book, n, memory_order_relaxed);
}

/*
 * What a heartbeat answers that found `before`, the time in the store or 0; an entry that is new
 * goes into the books.
 */
static inline int store_books_beat(struct store_books *b, uint64_t before, uint64_t now)
{
    if (before == 0) {
        store_books_add(&b->inserts, 1);
        return PRESENCE_CAME_ONLINE;
    }
    return now < before ? PRESENCE_STALE : presence_raised(before, now, b->ttl_ms);
}

/* Whether the capacity is used up, so that only users who are there may beat. */
static inline bool store_books_full(struct store_books *b)
{
    return b->capacity && atomic_load_explicit(&b->inserts, memory_order_relaxed) -
                                  atomic_load_explicit(&b->swept, memory_order_relaxed) -
                                  atomic_load_explicit(&b->left, memory_order_relaxed) >=
                              b->capacity;
}

/* The earliest time that counts as online at `now`; entries at it or later are. */
static inline int64_t store_books_online_from(const struct store_books *b, uint64_t now)
{
    return now > b->ttl_ms ? (int64_t)(now - b->ttl_ms) : 0;
}

/* Entries before this time may be swept at `now`; 0: none. */
static inline int64_t store_books_due_before(const struct store_books *b, uint64_t now)
{
    return now > b->kept_ms ? (int64_t)(now - b->kept_ms) : 0;
}

static inline void store_books_read(struct store_books *b, struct presence_stats *out)
{
    *out = (struct presence_stats){
        .inserts = atomic_load_explicit(&b->inserts, memory_order_relaxed),
        .swept = atomic_load_explicit(&b->swept, memory_order_relaxed),
        .left = atomic_load_explicit(&b->left, memory_order_relaxed),
    };
}

#endif
