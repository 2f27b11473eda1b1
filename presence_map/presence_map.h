/*
 * presence_map.h - the contract of every presence map.
 *
 * A presence map NAME is one header, presence_map/NAME.h, with
 * `struct presence_NAME`, a per-thread `struct presence_NAME_handle`, the
 * operations below as `static inline` functions
 * `presence_NAME_heartbeat(map, handle, user, now)` and so on, and its traits.
 * This file holds what they all promise, the terms in which they promise less,
 * and the table through which tests and tools call them.  Valid C11 and C++17;
 * no atomics.
 *
 * State: a partial map L from user to the time of the last heartbeat.
 *
 * Guarantees
 *
 *  P1  Users are uint64_t; PRESENCE_NO_USER is reserved.  Times are
 *      milliseconds on one monotonic axis of the caller's, 1 .. PRESENCE_MAX_NOW;
 *      0 means "never".  Nobody reads a clock.  A reserved user or a time outside
 *      the axis is -EINVAL and changes nothing.  A strategy with a smaller
 *      range answers -ERANGE beyond it (traits: max_user, max_span).
 *  P2  heartbeat: L[user] = max(L[user], now).  PRESENCE_CAME_ONLINE if there was
 *      no entry or it had expired, PRESENCE_REFRESHED if the user was online,
 *      PRESENCE_STALE (no change) if now < L[user].  Of concurrent heartbeats of an
 *      offline user with stamps within the TTL of each other, and no leave
 *      between, exactly one is PRESENCE_CAME_ONLINE.
 *  P3  is_online: 1 if an entry exists and its age is at most the TTL, else 0.
 *      The boundary is inclusive.  A time before the last heartbeat is age 0.
 *  P4  last_seen: L[user], or -ENOENT.
 *  P5  leave: removes the entry only if L[user] <= now, and says so with 1, else
 *      0.  It forgets under retention too.
 *  P6  sweep: examines at most `budget` entries from where the last one stopped
 *      and removes the expired.  Returns how many it removed; *complete says
 *      whether the round reached its end.  UINT64_MAX is a whole round.  With a
 *      smaller budget and several sweepers, one may reach the end while another
 *      still examines what it took before: *complete then speaks of its own part.
 *  P7  Sweep safety: a sweep removes a user only if, at the instant the removal takes
 *      effect, now - L[user] > TTL + retain_ms.  A heartbeat that returned is never
 *      lost to a sweep that raced with it.
 *  P8  Sweep completeness: after one call with UINT64_MAX, every entry that was older
 *      than TTL + retain_ms during the whole call answers -ENOENT; after a budgeted
 *      round too, if one thread alone swept.  Several sweepers may run at once; one
 *      that died changes no answer.
 *  P9  Retention: an expired entry still answers last_seen until a sweep removes it,
 *      which none does before the entry is older than TTL + retain_ms.  is_online,
 *      the counts and what a heartbeat answers go by the TTL alone.  A strategy that
 *      cannot keep an entry as long as that is asked answers -ERANGE at init (traits:
 *      max_retain).
 *  P10 count_online: at least the users online during the whole call, at most
 *      those online at one instant of it or more; exact when nothing else runs.
 *  P11 for_each_online: every user online during the whole call exactly once,
 *      nobody twice, nobody who was never online during it.  fn must not call
 *      into the map, nor init, attach, detach, stats or fini any object: the walk
 *      may hold what they wait for.  Non-zero stops the walk and is returned.
 *  P12 heartbeat_many, is_online_many: as if called in turn with one `now`, one
 *      result per element; an error in one does not stop the others.  Each
 *      element is linearizable, the batch is not, unless PRESENCE_BATCH_ATOMIC.
 *      They return 0, or -EINVAL for a bad `now` (and leave `results` alone).
 *  P13 Granularity g (traits, ms): the map behaves as the exact one would if the
 *      `now` of heartbeat and leave were rounded down to a multiple of g, and
 *      compares ages, from the unrounded now, with TTL + g - 1: never offline
 *      early, at most g - 1 ms late.
 *  P14 At every quiescent point entries = inserts - swept - left, see stats().
 *  P15 A thread attaches before it uses a map and detaches after, with a handle
 *      whose storage is the caller's and stays put in between.  One thread may
 *      be attached to many maps, through one handle each.  detach loses
 *      nothing.  fini while anybody is attached is -EBUSY.
 *  P16 init and fini are for one thread, with no operation under way, and not
 *      inside a walk (P11); a fini that notices one is -EBUSY.
 *  P17 A call that fails returns a negative errno value (-ENOMEM, -ENOSPC when a
 *      fixed capacity is full, expired entries included until they are swept,
 *      -ERANGE, -EINVAL) and changes nothing.  A setting whose name is not among
 *      the traits' options is -EINVAL, a value beyond its range -ERANGE.  No call
 *      aborts, unless the flag CONTEND_LIB_ABORTS says that a library does.
 *  P18 quiescent, offline and online are announcements that some strategies
 *      need; everywhere else they do nothing, so callers need not ask.
 *  P19 reserve: makes a map that grows ready for `users` entries, so that it need not
 *      grow on the way there.  Returns 0, -ENOMEM, -ENOSPC (more than the fixed
 *      capacity), -ERANGE, or -ENOTSUP without PRESENCE_RESERVES.  It takes nothing
 *      away, but a map may give the memory back as entries are removed.
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
    uint64_t expected;  /* users: the table starts at this size; 0 = 1,024 */
    uint64_t capacity;  /* users: at least so many fit, and no growth; 0 = grows, where it can */
    uint64_t origin;    /* ms: base of packed stamps; earlier times are -ERANGE there */
    uint64_t hash_seed; /* against chosen ids */
    uint64_t retain_ms; /* a sweep leaves an entry alone for so long after it has expired, for
                           last_seen; 0 = the next sweep removes it, UINT64_MAX = none does */
    const struct contend_allocator *allocator; /* NULL = the C library's */
    struct contend_settings settings;          /* values for the options in the traits */
};

/* What a heartbeat found. */
enum presence_heartbeat_result {
    PRESENCE_REFRESHED = 0,
    PRESENCE_CAME_ONLINE = 1,
    PRESENCE_STALE = 2
};

/* What becomes of removed entries' memory while a reader may still hold them. */
enum presence_backlog {
    PRESENCE_BACKLOG_NONE = 0,  /* nothing is retired: reused in place, or freed under a lock */
    PRESENCE_BACKLOG_BOUNDED,   /* hazard pointers and their like */
    PRESENCE_BACKLOG_UNBOUNDED  /* grows without limit if a reader stalls: RCU, epochs */
};

enum presence_features {
    PRESENCE_GROWS = 1,        /* capacity 0 is honoured; otherwise it means `expected` */
    PRESENCE_DENSE_IDS = 2,    /* users must be below the capacity, else -ERANGE */
    PRESENCE_BATCH_ATOMIC = 4, /* a batch is one operation */
    PRESENCE_KEEPS_IDS = 8,    /* capacity counts the distinct ids ever seen, not those present */
    PRESENCE_RESERVES = 16,    /* reserve is implemented */
    PRESENCE_LAST_SEEN = 32    /* last_seen is implemented */
};

struct presence_traits {
    struct contend_identity id;
    /* progress, enum contend_progress; `insert` is a heartbeat of a user without an entry */
    unsigned heartbeat, insert, is_online, last_seen, leave, sweep, walk;
    unsigned features;            /* enum presence_features */
    enum presence_backlog backlog;
    const char *expiry;           /* who notices that a user is gone, in a few words */
    uint64_t granularity_ms;      /* 1 = exact */
    uint64_t max_user;            /* the largest id */
    uint64_t max_span;            /* ms: the largest now - origin */
    uint64_t max_retain;          /* ms: the largest ttl_ms + retain_ms; UINT64_MAX = for ever */
    /*
     * Memory of a map made for 65,536 `expected` users and holding as many:
     * bytes_fixed + 65,536 * bytes_per_user, within 10 %, handles not counted.
     */
    size_t bytes_per_user, bytes_fixed;
};

/* At quiescent points exact; otherwise a snapshot of moving parts. */
struct presence_stats {
    uint64_t entries;          /* physically present, expired ones included, found by looking */
    uint64_t inserts;          /* entries ever made */
    uint64_t swept;            /* entries that a sweep removed */
    uint64_t left;             /* entries that a leave removed */
    size_t bytes;              /* held now, as asked of the allocator: the object and its heap;
                                  an estimate where a library does not tell (its header says so) */
    size_t bytes_retired;      /* removed but not yet freed, a part of bytes */
    size_t bytes_retired_peak; /* the most that there ever was */
};

/*
 * One step of a benchmark's tape: an operation and a user, in one word.
 */
enum presence_op { PRESENCE_OP_HEARTBEAT = 0, PRESENCE_OP_IS_ONLINE = 1, PRESENCE_OP_LEAVE = 2 };
#define PRESENCE_STEP(op, user) (((uint64_t)(user) << 2) | (uint64_t)(op))
#define PRESENCE_STEP_OP(step) ((enum presence_op)((step) & 3))
#define PRESENCE_STEP_USER(step) ((step) >> 2)

/* One heartbeat of a recorded load, with its own time. */
struct presence_beat {
    uint64_t user, now;
};

/* What the operations of a tape answered. */
struct presence_outcome {
    uint64_t came_online; /* heartbeats that answered so */
    uint64_t online;      /* is_online that answered 1 */
    uint64_t left;        /* leaves that removed */
    uint64_t failed;      /* calls that returned an error */
};

/*
 * The loops that benchmarks call: the operations are inlined in them, so that one
 * indirect call is paid for a thousand of them.  Every turn ends in a compiler
 * barrier.  They add to *out.
 */
struct presence_loops {
    void (*tape)(void *map, void *handle, const uint64_t *steps, size_t n, uint64_t now,
                 struct presence_outcome *out);
    /* Heartbeats of user + user_base at now + later. */
    void (*beats)(void *map, void *handle, const struct presence_beat *beats, size_t n,
                  uint64_t user_base, uint64_t later, struct presence_outcome *out);
};

typedef int (*presence_visit)(void *ctx, uint64_t user, uint64_t last_seen);

/*
 * The operations.  init: -ENOMEM, or as P17 says; attach: -ENOMEM.  traits_of gives a map's own
 * traits, which its options may have changed, from init on.  Through the table, a sweep's
 * `complete` may be NULL.
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

/* The operations by name.  Every pointer is valid; objects and handles are of the table's sizes. */
struct presence_ops {
    const struct presence_traits *traits;
    const char *header;       /* where it is written: "presence_map/striped.h" */
    enum contend_shelf shelf; /* whether defaults show it */
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
extern CONTEND_API const struct presence_ops *const *const presence_registry;
extern CONTEND_API const struct contend_missing *const presence_missing;

/* The entry of that name, or NULL. */
CONTEND_API const struct presence_ops *presence_find(const char *name);

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
