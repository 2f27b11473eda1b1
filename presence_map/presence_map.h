/*
 * presence_map.h - the contract of every presence map.
 *
 * A presence map NAME is one header, presence_map/NAME.h, with
 * `struct presence_NAME`, a `struct presence_NAME_handle` for each thread, the
 * operations below as `static inline` functions such as
 * `presence_NAME_heartbeat(map, handle, user, now)`, and its traits.  This file says
 * what every map promises and how its traits say that it promises less.  It also
 * holds the table through which tests and tools call the maps.  Valid C11 and C++17;
 * no atomics.
 *
 * State: a partial map L from user to the time of the last heartbeat.  The age of an
 * entry is now - L[user], or 0 if `now` is earlier.  A user is online at `now` if an
 * entry exists and its age is at most the TTL.
 *
 * What the operations do
 *
 *  P1  Users are uint64_t; PRESENCE_NO_USER is reserved.  Times are milliseconds on
 *      one monotonic axis that the caller chooses, from 1 to PRESENCE_MAX_NOW; 0
 *      means "never".  Except as P21 says, no map reads a clock.  A reserved user or
 *      a time outside the axis is -EINVAL and changes nothing.  A map with smaller
 *      ranges answers -ERANGE beyond them: for a user above max_user, and for a time
 *      that is earlier than the origin or more than max_span later.
 *  P2  heartbeat sets L[user] to the later of L[user] and `now`.  It returns
 *      PRESENCE_CAME_ONLINE if the user was not online, PRESENCE_REFRESHED if the
 *      user was, and PRESENCE_STALE, without any change, if `now` is earlier than
 *      L[user].  Among concurrent heartbeats of a user who is offline, whose times lie
 *      within the TTL of each other and with no leave in between, exactly one returns
 *      PRESENCE_CAME_ONLINE.
 *  P3  is_online returns 1 if the user is online, otherwise 0.  The boundary is
 *      inclusive: at an age of exactly the TTL the user is online.
 *  P4  last_seen returns L[user], or -ENOENT.  A map without PRESENCE_LAST_SEEN always
 *      returns -ENOTSUP, and passes 0 to the function of a walk.
 *  P5  leave removes the entry only if L[user] <= now, and returns 1 if it did,
 *      otherwise 0.  It removes entries that are kept by P9 as well.
 *  P6  sweep examines at most `budget` entries, beginning where the last call stopped,
 *      and removes those that P7 allows.  It returns how many it removed, and
 *      sets *complete if the round has reached its end.  A budget of UINT64_MAX is a
 *      whole round.  With a smaller budget and several sweepers, one may reach the end
 *      while another still examines what it took before; *complete then speaks only of
 *      the caller's own part.
 *      Where a lock inside refuses, or a part is lost to a holder that died, a sweep leaves
 *      that part out: it returns what it removed elsewhere, and *complete is false, or the
 *      error if it removed nothing.
 *      With PRESENCE_SWEEPS_AGAIN a user who is removed, comes back and expires again, all
 *      during the call, may be removed and counted again.
 *  P7  Sweep safety: a sweep removes a user only if, at the instant at which the
 *      removal takes effect, the entry is older than TTL + retain_ms.  A heartbeat
 *      that has returned is never lost to a sweep that ran at the same time.
 *  P8  Sweep completeness: after one call with UINT64_MAX, every entry that was older
 *      than TTL + retain_ms during the whole call answers -ENOENT.  The same holds
 *      after a round with smaller budgets if only one thread swept.  Several sweepers
 *      may run at once, and the death of a sweeper changes no answer.  With
 *      PRESENCE_SWEEP_MAY_MISS (sampling, lazy expiry) a sweep may leave such entries.
 *  P9  Retention: an expired entry still answers last_seen until a sweep removes it,
 *      and no sweep does before the entry is older than TTL + retain_ms.  is_online,
 *      the counts and what a heartbeat returns go by the TTL alone.  init answers
 *      -ERANGE if TTL + retain_ms is more than max_retain.
 *  P10 count_online returns at least the number of users who were online during the
 *      whole call.  It may also count users who were online for only a part of it.
 *      When nothing else runs, the count is exact.
 *  P11 for_each_online calls fn(ctx, user, last_seen) for every user who was online
 *      during the whole call exactly once, for nobody twice, and for nobody who was
 *      never online during it.  If fn returns non-zero, the walk stops and returns
 *      that.  fn must not call into the map, nor init, attach, detach, stats or fini
 *      of any object: the walk may hold what they wait for.  With
 *      PRESENCE_WALK_MAY_REPEAT a user who is removed and comes back during the call
 *      may be met again, and counted again, once for each return.
 *  P12 heartbeat_many and is_online_many give, for each element, the result that
 *      separate calls in the same order and with the same `now` would give; an error in
 *      one element does not stop the others.  Each element is linearizable; the batch as
 *      a whole is so only with PRESENCE_BATCH_ATOMIC.  They return 0, or -EINVAL for a
 *      time outside the axis, and then leave `results` alone.
 *  P13 Granularity g (granularity_ms): the map behaves as the exact one would if the
 *      `now` of heartbeat and leave were rounded down to a multiple of g, and if ages,
 *      taken from the unrounded `now`, were compared with TTL + g - 1.  So a user is
 *      never offline early, and at most g - 1 ms late.  A map may keep the times of
 *      entries that have expired, at the latest time that it was given, more coarsely,
 *      in multiples of granularity_old_ms: it goes on as if their heartbeats had come up
 *      to that much earlier, but a sweep does not remove them earlier.
 *  P14 At every quiescent point entries = inserts - swept - left; see stats().
 *
 * Threads, memory and errors
 *
 *  P15 A thread attaches before it uses a map and detaches after.  The handle's
 *      storage belongs to the caller and must not move in between.  One thread may be
 *      attached to many maps, with one handle for each.  detach loses nothing.  fini
 *      returns -EBUSY while a thread is attached.  A thread that ends outside of an
 *      operation and without detaching stays attached: what it did counts, and fini
 *      returns -EBUSY for ever.  Its handle's storage may end with it, except with
 *      CONTEND_LOOKS_INTO_HANDLES.
 *  P16 init and fini are called by one thread, while no operation is under way, and not
 *      inside a walk (P11); a fini that notices one returns -EBUSY.  A NULL
 *      configuration asks for the defaults.
 *  P17 A call that fails returns a negative errno value and changes nothing: -EINVAL,
 *      -ERANGE, -ENOMEM, and -ENOSPC when a fixed capacity is full, which includes
 *      expired entries until they are swept.  A setting whose name is not among the
 *      traits' options is -EINVAL, a value beyond its range -ERANGE.  No call aborts,
 *      unless the flag CONTEND_LIB_ABORTS says that a library does.
 *  P18 quiescent, offline and online are announcements that some maps need.
 *      Everywhere else they do nothing, so callers may always make them.
 *  P19 reserve prepares a map that grows for `users` entries, so that it does not have
 *      to grow on the way there.  It returns 0, -ENOMEM, -ENOSPC (more than the fixed
 *      capacity), -ERANGE, or, without PRESENCE_RESERVES, -ENOTSUP.  It never shrinks a
 *      map, but the map may give the memory back as entries are removed.
 *
 * Weaker classes, each declared in the traits
 *
 *  P20 PRESENCE_STORES: a heartbeat A of a user who is online may be a relaxed atomic
 *      store.  The word that it writes cannot belong to another user, nor have been
 *      moved, until every operation that saw it has ended.  A's store may replace a
 *      later time of another heartbeat of the same user that overlaps A, even one that
 *      has returned: last_seen may go back, the user may appear offline or be swept
 *      until the next heartbeat, and PRESENCE_CAME_ONLINE may be answered again.  Beside
 *      a sweep or a leave, A may bring the entry back and answer PRESENCE_REFRESHED, and
 *      the books of P14 may be off by as many.  Never weaker: a heartbeat that returned
 *      before a sweep, a leave or a read began counts in full, unless a heartbeat of the
 *      same user with an earlier time overlapped it; no other user is affected; and no
 *      user ever has two entries.
 *  P21 CONTEND_REAL_TIME: expiry goes by the store's own clock, and `now` is only recorded.
 *      CONTEND_REMOTE (a store behind a file or a connection): -EIO and -ETIMEDOUT may leave it
 *      unknown whether the call took effect, and the books of P14 are off by as many as are
 *      unknown; -EAGAIN says that the pool of connections is exhausted, -ENOSPC that the store is
 *      full, and nothing was changed.  stats() counts the client's memory, not the store's.
 *  P22 Stamps that wrap: if max_retain is less than UINT64_MAX, a map may answer -ERANGE
 *      for a `now` that lies more than max_retain before the latest one that it was
 *      given, and any call may remove an entry that is older than max_retain at the
 *      latest of these times; stats() counts that as swept.  If stall_bound_ms is not 0,
 *      P2, P5 and P7 hold only for calls during which the times that the map is given
 *      advance by less than that; and a heartbeat may be taken for a later one if another
 *      call, under way beside it, brings a time that is more than max_retain later.
 */
#ifndef CONTEND_PRESENCE_MAP_PRESENCE_MAP_H
#define CONTEND_PRESENCE_MAP_PRESENCE_MAP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "locks/parts/allocator.h"
#include "locks/parts/operations.h"
#include "locks/parts/options.h"
#include "locks/parts/traits.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PRESENCE_NO_USER UINT64_MAX                    /* reserved */
#define PRESENCE_MAX_NOW (((uint64_t)1 << 48) - 1)     /* ms: about 8,900 years */
#define PRESENCE_DEFAULT_TTL_MS 30000u

/* How a map is made.  All zero, or a NULL pointer, asks for the defaults. */
struct presence_config {
    uint64_t ttl_ms;    /* an entry older than this is offline; 0 = PRESENCE_DEFAULT_TTL_MS */
    uint64_t retain_ms; /* how long an expired entry is kept for last_seen (P9); 0 = until the
                           next sweep, UINT64_MAX = for ever */
    uint64_t expected;  /* users: the table starts at this size; 0 = 1,024 */
    uint64_t capacity;  /* users: at least so many fit, and no growth; 0 = grows, where it can */
    uint64_t origin;    /* ms: base of packed stamps; earlier times are -ERANGE there */
    uint64_t hash_seed; /* against ids chosen to collide */
    const struct contend_allocator *allocator; /* NULL = the C library's */
    struct contend_settings settings;          /* values for the options in the traits */
};

/* What a heartbeat found. */
enum presence_heartbeat_result {
    PRESENCE_REFRESHED = 0,
    PRESENCE_CAME_ONLINE = 1,
    PRESENCE_STALE = 2
};

/* What becomes of the memory of removed entries while a reader may still look at it. */
enum presence_backlog {
    PRESENCE_BACKLOG_NONE = 0,  /* nothing is retired: reused in place, or freed under a lock */
    PRESENCE_BACKLOG_BOUNDED,   /* hazard pointers and their like */
    PRESENCE_BACKLOG_UNBOUNDED, /* grows without limit if a reader stalls: RCU, epochs */
    PRESENCE_BACKLOG_KEPT       /* grows with every removal: nothing is freed before fini */
};

/* Which users it takes; all others are -ERANGE, the reserved one -EINVAL. */
enum presence_ids {
    PRESENCE_IDS_64 = 0, /* any number of 64 bits, but for a few at the end */
    PRESENCE_IDS_32,     /* what fits into 32 bits, but for a few at the end */
    PRESENCE_IDS_DENSE   /* below the capacity: users must be numbered */
};

enum presence_features {
    PRESENCE_GROWS = 1,        /* capacity 0 is honoured; otherwise it means `expected` */
    PRESENCE_BATCH_ATOMIC = 4, /* a batch is one operation */
    PRESENCE_KEEPS_IDS = 8,    /* capacity counts the distinct ids ever seen, not those present */
    PRESENCE_RESERVES = 16,    /* reserve is implemented (P19) */
    PRESENCE_LAST_SEEN = 32,   /* last_seen is implemented (P4) */
    PRESENCE_STORES = 64,      /* heartbeats of the weaker class P20 */
    PRESENCE_WALK_MAY_REPEAT = 128, /* a walk may meet a user who comes back again (P11) */
    PRESENCE_SWEEP_MAY_MISS = 256,  /* a whole round may leave expired entries (P8) */
    PRESENCE_SWEEPS_AGAIN = 512     /* a sweep may remove a user who comes back again (P6) */
};

struct presence_traits {
    struct contend_identity id;
    /* progress, enum contend_progress; `insert` is a heartbeat of a user without an entry */
    unsigned heartbeat, insert, is_online, last_seen, leave, sweep, walk;
    unsigned features;            /* enum presence_features */
    enum presence_backlog backlog;
    const char *expiry;           /* what finds expired entries, in a few words */
    uint64_t granularity_ms;      /* 1 = exact */
    uint64_t granularity_old_ms;  /* of expired entries (P13); 0 = as granularity_ms */
    enum presence_ids ids;
    uint64_t max_user;            /* the largest id, with the greatest possible capacity */
    uint64_t max_span;            /* ms: the largest now - origin */
    uint64_t max_retain;          /* ms: the largest ttl_ms + retain_ms (P9); UINT64_MAX = for ever */
    uint64_t stall_bound_ms;      /* how long a call may take (P22); 0 = any time */
    /*
     * Memory of a map made for 65,536 `expected` users and holding as many:
     * bytes_fixed + 65,536 * bytes_per_user, within 10 %, handles not counted.
     */
    size_t bytes_per_user, bytes_fixed;
};

/* At quiescent points exact; otherwise a snapshot of moving parts. */
struct presence_stats {
    uint64_t entries;          /* physically present, expired ones included, counted by a walk */
    uint64_t inserts;          /* entries ever made */
    uint64_t swept;            /* entries that a sweep removed */
    uint64_t left;             /* entries that a leave removed */
    size_t bytes;              /* requested from the allocator and held now: the object and its
                                  heap; an estimate if a library does not tell (see the header) */
    size_t bytes_retired;      /* removed but not yet freed, a part of bytes */
    size_t bytes_retired_peak; /* the greatest value of bytes_retired so far */
};

/*
 * The operations of a benchmark's tape.  A tape is two arrays, read side by side: of operations, a
 * byte each, and of keys, whole 64-bit words.  The key is the user; of a sweep it is the budget,
 * and a count and a walk have none.
 */
enum presence_op {
    PRESENCE_OP_HEARTBEAT = 0,
    PRESENCE_OP_IS_ONLINE = 1,
    PRESENCE_OP_LEAVE = 2,
    PRESENCE_OP_LAST_SEEN = 3,
    PRESENCE_OP_SWEEP = 4,
    PRESENCE_OP_COUNT = 5,
    PRESENCE_OP_WALK = 6
};

enum { PRESENCE_LARGEST_BATCH = 256 }; /* of the loop below */

/* One heartbeat of a recorded load, with its own time. */
struct presence_beat {
    uint64_t user, now;
};

/* What the operations of a tape answered. */
struct presence_outcome {
    uint64_t came_online; /* heartbeats that returned PRESENCE_CAME_ONLINE */
    uint64_t online;      /* calls of is_online that returned 1 */
    uint64_t left;        /* leaves that removed an entry */
    uint64_t seen;        /* calls of last_seen that returned a time */
    uint64_t swept;       /* entries that sweeps removed */
    uint64_t met;         /* users that counts and walks found */
    uint64_t failed;      /* calls that returned an error other than -ENOENT of last_seen */
};

/*
 * The loops that benchmarks call: the operations are inlined in them, so that one
 * indirect call is paid for a thousand of them.  Every turn ends in a compiler
 * barrier.  They add to *out.
 */
struct presence_loops {
    void (*tape)(void *map, void *handle, const uint8_t *ops, const uint64_t *keys, size_t n,
                 uint64_t now, struct presence_outcome *out);
    /*
     * The same n steps in batches of `many` users, 1 to PRESENCE_LARGEST_BATCH; the last batch may
     * be smaller.  A batch is heartbeat_many or is_online_many, as its first step says.
     */
    void (*batch)(void *map, void *handle, const uint8_t *ops, const uint64_t *keys, size_t n,
                  size_t many, uint64_t now, struct presence_outcome *out);
    /* Heartbeats of user + user_base at now + later. */
    void (*beats)(void *map, void *handle, const struct presence_beat *beats, size_t n,
                  uint64_t user_base, uint64_t later, struct presence_outcome *out);
};

typedef int (*presence_visit)(void *ctx, uint64_t user, uint64_t last_seen);

/*
 * The operations.  init may fail with -ENOMEM, with -EAGAIN if a thread that the map needs cannot
 * be made, or as P17 says; attach with -ENOMEM.  From init on, traits_of gives the map's own
 * traits, which its options may have changed.  Through the table, a sweep's `complete` may be
 * NULL.
 */
#define PRESENCE_OPERATIONS(GIVES, DOES)                                                          \
    GIVES(int, init, (void *map, const struct presence_config *config), (map, config))            \
    GIVES(int, fini, (void *map), (map))                                                          \
    DOES(traits_of, (void *map, struct presence_traits *out), (map, out))                         \
    GIVES(int, attach, (void *map, void *handle), (map, handle))                                  \
    DOES(detach, (void *map, void *handle), (map, handle))                                        \
    GIVES(int, heartbeat, (void *map, void *handle, uint64_t user, uint64_t now),                 \
          (map, handle, user, now))                                                               \
    GIVES(int, is_online, (void *map, void *handle, uint64_t user, uint64_t now),                 \
          (map, handle, user, now))                                                               \
    GIVES(int64_t, last_seen, (void *map, void *handle, uint64_t user), (map, handle, user))      \
    GIVES(int, leave, (void *map, void *handle, uint64_t user, uint64_t now),                     \
          (map, handle, user, now))                                                               \
    GIVES(int64_t, sweep,                                                                         \
          (void *map, void *handle, uint64_t now, uint64_t budget, bool *complete),               \
          (map, handle, now, budget, complete ? complete : &(bool){ false }))                     \
    GIVES(int64_t, count_online, (void *map, void *handle, uint64_t now), (map, handle, now))     \
    GIVES(int, for_each_online,                                                                   \
          (void *map, void *handle, uint64_t now, presence_visit fn, void *ctx),                  \
          (map, handle, now, fn, ctx))                                                            \
    GIVES(int, reserve, (void *map, void *handle, uint64_t users), (map, handle, users))          \
    GIVES(int, heartbeat_many,                                                                    \
          (void *map, void *handle, const uint64_t *users, size_t n, uint64_t now, int *results), \
          (map, handle, users, n, now, results))                                                  \
    GIVES(int, is_online_many,                                                                    \
          (void *map, void *handle, const uint64_t *users, size_t n, uint64_t now, int *results), \
          (map, handle, users, n, now, results))                                                  \
    DOES(quiescent, (void *map, void *handle), (map, handle))                                     \
    DOES(offline, (void *map, void *handle), (map, handle))                                       \
    DOES(online, (void *map, void *handle), (map, handle))                                        \
    DOES(stats, (void *map, struct presence_stats *out), (map, out))

/*
 * The operations by name.  Every pointer is valid; objects and handles are of the table's
 * sizes, and aligned as it says: contend_alloc(ops->handle_align, ops->handle_size), not malloc().
 */
struct presence_ops {
    const struct presence_traits *traits;
    const char *header;       /* where it is written: "presence_map/striped.h" */
    enum contend_shelf shelf; /* whether defaults show it */
    const char *needs;        /* the library beneath it, "liburcu"; or NULL */
    const char *choices;      /* what a template was composed with: "CONTEND_LOCK=mcs"; or "" */
    size_t size, align;
    size_t handle_size, handle_align;
    PRESENCE_OPERATIONS(CONTEND_POINTER_GIVES, CONTEND_POINTER_DOES)
    struct presence_loops loops;
};

/*
 * All maps of this build in teaching order, ended by NULL; and those left out, ended by a NULL
 * name.  Pointers, not arrays: a program would copy an array of the size that it was linked with,
 * and lose the end of a longer list in a newer library.
 */
extern CONTEND_API const struct presence_ops *const *const contend_presence_registry;
extern CONTEND_API const struct contend_missing *const contend_presence_missing;

/* The entry of that name, or NULL. */
CONTEND_API const struct presence_ops *contend_presence_find(const char *name);

/* P1, for every operation: whether the caller's user and time lie on their axes. */
static inline bool presence_valid_user(uint64_t user)
{
    return user != PRESENCE_NO_USER;
}

static inline bool presence_valid_now(uint64_t now)
{
    return now - 1 < PRESENCE_MAX_NOW; /* 0 wraps around and fails */
}

/*
 * P3: whether a heartbeat at `last` still counts at `now`.  `limit` is the TTL,
 * plus g - 1 for a strategy of granularity g.  Written so that a `now` before
 * `last` cannot underflow into a great age.
 */
static inline bool presence_fresh(uint64_t last, uint64_t now, uint64_t limit)
{
    return now <= last || now - last <= limit;
}

#ifdef __cplusplus
}
#endif

#endif
