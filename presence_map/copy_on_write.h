/*
 * copy_on_write.h - shards that never change: a writer publishes another one.
 *
 * Idea: what is published stays as it is, so a reader takes the pointer and looks, and a walk has
 *   all the time it wants: it sees a shard at one instant and holds up nobody's look-up.  A writer
 *   copies the whole table, changes the copy and publishes that.  A shard has two tables: the
 *   published one and the one before it, which becomes the next copy once no reader can be in it.
 * Invariant: a user is in the shard that its hash names or nowhere.  The published table does not
 *   change, nor does the one before it until a grace period that began after it was replaced has
 *   ended.  Both have the same size, so that a copy needs no memory.
 * Linearisation points: heartbeat, leave and sweep: the store that publishes the copy, or, if there
 *   is nothing to change, any instant while the lock is held; is_online and last_seen: the load
 *   of the pointer.  The heartbeats of a batch share the store if they are in one shard.
 * Progress: look-ups and walks are wait-free, apart from the system call that wakes a grace period
 *   that waits for them.  Writers block each other, and wait for a grace period, which a stalled
 *   reader holds up.
 * Read guarantee: linearizable per user; for_each_online and count_online see each shard at one
 *   instant, with one stripe the whole map.
 * Cost: a look-up is an RCU section and one probe.  Every heartbeat copies its shard: 32 KB at 1,024
 *   users a shard; a batch copies each of its shards once.  A grace period serves all shards that
 *   were published before it began.  Twice the bytes of striped.h.
 * Breaks when: heartbeats are frequent, that is, in presence: it is the map for lists that
 *   are read all the time and change now and then.  A walk that takes long delays writers.
 * Use when: whole lists are read, and each has to be of one instant.
 * Reference: P. McKenney and J. Slingwine, "Read-Copy Update: Using Execution History to Solve
 *   Concurrency Problems", 1998.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_COPY_ON_WRITE_H
#define CONTEND_PRESENCE_MAP_COPY_ON_WRITE_H

#include "locks/parts/urcu_thread.h"
#include "presence_map/parts/access.h"
#include "presence_map/parts/partition.h"
#include "presence_map/parts/table.h"

static const struct contend_option presence_copy_on_write_options[] = {
    PRESENCE_PART_OPTION,
    CHOSEN_LOCK_OPTIONS("lock.")
    CONTEND_OPTIONS_END
};

/*
 * How many grace periods have begun, and the latest that has ended.  RCU is the process's, so these
 * are too: weak, so that all units share one.
 */
CONTEND_API __attribute__((weak)) _Atomic uint64_t contend_graces_begun, contend_graces_ended;

struct presence_copy_on_write_shard {
    CONTEND_ALIGNED struct presence_guard guard; /* for those who publish */
    struct presence_table *_Atomic published;
    struct presence_table pair[2]; /* their guards are not used */
    struct presence_table *draft;  /* the other one, while the lock's holder changes it, or NULL */
    uint64_t replaced;             /* the grace periods that had begun when the other was */
};

/* ---- grace periods ---- */

/* To be called after the store of the pointer: any later grace period frees the old table. */
static inline uint64_t presence_copy_on_write_stamp(void)
{
    /*
     * seq_cst: the pointer before the count.  A grace period that is not yet counted begins after
     * the store; pairs with the fetch_add in presence_copy_on_write_wait.
     */
    atomic_thread_fence(memory_order_seq_cst);
    /* relaxed: ordered by the fence. */
    return atomic_load_explicit(&contend_graces_begun, memory_order_relaxed);
}

/* Waits until a grace period has ended that began after this stamp. */
static inline void presence_copy_on_write_wait(uint64_t stamp)
{
    /* acquire: pairs with the release below; no reader of that time is left. */
    if (atomic_load_explicit(&contend_graces_ended, memory_order_acquire) > stamp)
        return;
    /* seq_cst: pairs with the fence in presence_copy_on_write_stamp. */
    uint64_t mine = atomic_fetch_add_explicit(&contend_graces_begun, 1, memory_order_seq_cst) + 1;
    urcu_memb_synchronize_rcu();
    /* relaxed: the swap decides. */
    uint64_t ended = atomic_load_explicit(&contend_graces_ended, memory_order_relaxed);
    while (ended < mine)
        /*
         * acq_rel: release pairs with the acquire above, and acquire with an earlier release here.
         * relaxed on failure: the loop looks again.
         */
        if (atomic_compare_exchange_weak_explicit(&contend_graces_ended, &ended, mine,
                                                  memory_order_acq_rel, memory_order_relaxed))
            return;
}

/* ---- for the lock's holder ---- */

static inline struct presence_table *
presence_copy_on_write_present(struct presence_copy_on_write_shard *s)
{
    /* relaxed: only the lock's holders store it. */
    return atomic_load_explicit(&s->published, memory_order_relaxed);
}

static inline void presence_copy_on_write_publish(struct presence_copy_on_write_shard *s,
                                                  struct presence_table *t)
{
    CONTEND_STEP("copy_on_write: copied and not yet published");
    /* release: the table comes first; pairs with the acquire in presence_copy_on_write_enter. */
    atomic_store_explicit(&s->published, t, memory_order_release);
    s->replaced = presence_copy_on_write_stamp();
}

/* The other table, which no reader can be in any more. */
static inline struct presence_table *
presence_copy_on_write_other(struct presence_copy_on_write_shard *s)
{
    struct presence_table *other = &s->pair[presence_copy_on_write_present(s) == &s->pair[0]];

    presence_copy_on_write_wait(s->replaced);
    return other;
}

/* The other table, as a copy of the published one. */
static inline struct presence_table *
presence_copy_on_write_copy(struct presence_copy_on_write_shard *s)
{
    const struct presence_table *t = presence_copy_on_write_present(s);
    struct presence_table *copy = presence_copy_on_write_other(s);

    memcpy(copy->slots, t->slots, presence_table_bytes(t));
    copy->used = t->used;
    copy->expiry = t->expiry; /* a scan, which holds nothing elsewhere */
    return copy;
}

/* Gives both tables `count` slots.  0, or -ENOMEM and the shard is as it was. */
static inline int presence_copy_on_write_resize(struct presence_copy_on_write_shard *s,
                                                uint64_t count)
{
    struct presence_table *old = presence_copy_on_write_present(s);
    struct presence_table *t = presence_copy_on_write_copy(s), spare = *old;
    int error = presence_table_clear(&spare, count); /* first what can fail */

    if (error)
        return error;
    error = presence_table_resize(t, count);
    if (error) {
        contend_release(spare.allocator, spare.slots, presence_table_bytes(&spare));
        return error;
    }
    presence_copy_on_write_publish(s, t);
    presence_copy_on_write_wait(s->replaced);
    contend_release(old->allocator, old->slots, presence_table_bytes(old));
    old->slots = spare.slots;
    old->mask = spare.mask;
    return 0;
}

/* Whether one more user needs greater tables. */
static inline bool presence_copy_on_write_is_tight(const struct presence_table *t)
{
    return t->limit == 0 && (t->used + 1) * 8 > (t->mask + 1) * 7;
}

static inline void presence_copy_on_write_shard_fini(struct presence_copy_on_write_shard *s)
{
    presence_guard_fini(&s->guard);
    for (int i = 0; i < 2; i++)
        contend_release(s->pair[i].allocator, s->pair[i].slots, presence_table_bytes(&s->pair[i]));
}

static inline int presence_copy_on_write_shard_init(struct presence_copy_on_write_shard *s,
                                                    uint32_t number, uint64_t users, bool fixed,
                                                    const struct presence_config *config,
                                                    const struct contend_settings *settings)
{
    int error = presence_guard_init(&s->guard, number, config, settings);

    if (error)
        return error;
    for (int i = 0; i < 2; i++) {
        s->pair[i] = (struct presence_table){
            .limit = fixed ? users : 0,
            .ttl_ms = config->ttl_ms,
            .hash_seed = config->hash_seed,
            .expiry = { .kept_ms = presence_kept_ms(config, 1) },
            .allocator = config->allocator,
        };
        int missing = presence_table_clear(&s->pair[i], presence_table_slots_for(users));
        error = error ? error : missing;
    }
    atomic_init(&s->published, &s->pair[0]);
    s->draft = NULL;
    s->replaced = 0;
    if (error)
        presence_copy_on_write_shard_fini(s);
    return error;
}

/* ---- heartbeats: a section of the lock changes one copy, and then publishes it ---- */

/* What the section has made of the table so far. */
static inline const struct presence_table *
presence_copy_on_write_latest(struct presence_copy_on_write_shard *s)
{
    return s->draft ? s->draft : presence_copy_on_write_present(s);
}

/* The section's copy, to be changed. */
static inline struct presence_table *
presence_copy_on_write_draw(struct presence_copy_on_write_shard *s)
{
    if (!s->draft)
        s->draft = presence_copy_on_write_copy(s);
    return s->draft;
}

/* Publishes what was changed, if anything was. */
static inline void presence_copy_on_write_shard_settle(struct presence_copy_on_write_shard *s)
{
    if (s->draft)
        presence_copy_on_write_publish(s, s->draft);
    s->draft = NULL;
}

/* A heartbeat of a user who is not there. */
static inline int presence_copy_on_write_insert(struct presence_copy_on_write_shard *s,
                                                struct presence_access *a, uint64_t hash,
                                                uint64_t user, uint64_t now)
{
    const struct presence_table *t = presence_copy_on_write_latest(s);

    if (t->limit && t->used >= t->limit)
        return -ENOSPC;
    if (presence_copy_on_write_is_tight(t)) {
        presence_copy_on_write_shard_settle(s); /* what grows is what is published */
        int error = presence_copy_on_write_resize(s, 2 * (t->mask + 1));
        if (error)
            return error;
    }
    struct presence_table *copy = presence_copy_on_write_draw(s);
    return presence_table_insert(copy, &a->tally, presence_table_probe(copy, hash, user), hash,
                                 user, now);
}

static inline int presence_copy_on_write_shard_beat(struct presence_copy_on_write_shard *s,
                                                    struct presence_access *a, uint64_t hash,
                                                    uint64_t user, uint64_t now)
{
    const struct presence_table_slot *there =
        presence_table_find(presence_copy_on_write_latest(s), hash, user);

    if (!there)
        return presence_copy_on_write_insert(s, a, hash, user, now);
    if (now <= there->last)
        return now < there->last ? PRESENCE_STALE : PRESENCE_REFRESHED; /* nothing to change */
    struct presence_table *copy = presence_copy_on_write_draw(s);
    return presence_table_refresh(copy, presence_table_find(copy, hash, user), now);
}

/* ---- the shard's other operations: presence_map/parts/sharded.h ---- */

/* The published table: as it is until the section ends. */
static inline struct presence_table *
presence_copy_on_write_enter(struct presence_copy_on_write_shard *s)
{
    urcu_memb_read_lock();
    /* acquire: pairs with the release in presence_copy_on_write_publish. */
    return atomic_load_explicit(&s->published, memory_order_acquire);
}

/* The user's stamp, or 0. */
static inline uint64_t presence_copy_on_write_last(struct presence_copy_on_write_shard *s,
                                                   uint64_t hash, uint64_t user)
{
    const struct presence_table_slot *there =
        presence_table_find(presence_copy_on_write_enter(s), hash, user);
    uint64_t last = there ? there->last : 0;

    urcu_memb_read_unlock();
    return last;
}

static inline int presence_copy_on_write_shard_is_online(struct presence_copy_on_write_shard *s,
                                                         struct presence_access *a, uint64_t hash,
                                                         uint64_t user, uint64_t now)
{
    uint64_t last = presence_copy_on_write_last(s, hash, user);

    (void)a;
    return last != 0 && presence_fresh(last, now, s->pair[0].ttl_ms);
}

static inline int64_t
presence_copy_on_write_shard_last_seen(struct presence_copy_on_write_shard *s,
                                       struct presence_access *a, uint64_t hash, uint64_t user)
{
    uint64_t last = presence_copy_on_write_last(s, hash, user);

    (void)a;
    return last ? (int64_t)last : -ENOENT;
}

static inline int presence_copy_on_write_shard_leave(struct presence_copy_on_write_shard *s,
                                                     struct presence_access *a, uint64_t hash,
                                                     uint64_t user, uint64_t now)
{
    int error = presence_guard_enter(&s->guard, &a->keys);

    if (error)
        return error;
    const struct presence_table_slot *there =
        presence_table_find(presence_copy_on_write_present(s), hash, user);
    bool gone = there && there->last <= now;
    if (gone) {
        struct presence_table *copy = presence_copy_on_write_copy(s);
        presence_table_remove(copy, (uint64_t)(presence_table_find(copy, hash, user) - copy->slots));
        presence_copy_on_write_publish(s, copy);
        presence_tally_count(&a->tally, PRESENCE_LEFT);
    }
    presence_guard_leave(&s->guard, &a->keys);
    return gone;
}

/* Where the budgeted round stopped: no reader looks at it. */
static inline uint64_t *presence_copy_on_write_shard_at(struct presence_copy_on_write_shard *s)
{
    return &presence_copy_on_write_present(s)->expiry.cursor;
}

/*
 * Examines a copy, and publishes it if anybody was removed.  *at may be the cursor of the published
 * table; a removal may set the copy's back, as presence_table_remove says.
 */
static inline bool presence_copy_on_write_shard_scan(struct presence_copy_on_write_shard *s,
                                                     struct presence_access *a, uint64_t now,
                                                     uint64_t *at, uint64_t *budget)
{
    struct presence_table *copy = presence_copy_on_write_copy(s);
    bool round = at == presence_copy_on_write_shard_at(s);
    struct expiry_visit visit = { .now = now, .budget = *budget, .whole = !round };
    int64_t removed = presence_table_sweep_some(copy, &a->tally, &visit);

    a->removed += removed;
    if (removed > 0)
        presence_copy_on_write_publish(s, copy);
    *budget = visit.budget;
    *at = copy->expiry.cursor; /* of what is published, whichever that is, or not looked at again */
    return visit.ended;
}

/* Without the lock. */
static inline int presence_copy_on_write_shard_walk(struct presence_copy_on_write_shard *s,
                                                    uint64_t now, presence_visit fn, void *ctx)
{
    const struct presence_table *t = presence_copy_on_write_enter(s);
    int stop = 0;

    for (uint64_t i = 0; i <= t->mask && stop == 0; i++)
        if (t->slots[i].user != PRESENCE_NO_USER &&
            presence_fresh(t->slots[i].last, now, t->ttl_ms))
            stop = fn(ctx, t->slots[i].user, t->slots[i].last);
    urcu_memb_read_unlock();
    return stop;
}

static inline int presence_copy_on_write_shard_reserve(struct presence_copy_on_write_shard *s,
                                                       uint64_t users)
{
    uint64_t count = presence_table_slots_for(users);

    return count > presence_copy_on_write_present(s)->mask + 1
               ? presence_copy_on_write_resize(s, count) : 0;
}

static inline void presence_copy_on_write_shard_stats(struct presence_copy_on_write_shard *s,
                                                      struct presence_stats *out)
{
    const struct presence_table *t = presence_copy_on_write_present(s);

    for (uint64_t i = 0; i <= t->mask; i++)
        out->entries += t->slots[i].user != PRESENCE_NO_USER;
    out->bytes += 2 * presence_table_bytes(t);
}

#define SHARDED copy_on_write
#define SHARDED_WALKS_UNLOCKED 1
#define SHARDED_BEATS
#define SHARDED_SETTLES
#define SHARDED_ENTER contend_urcu_enter_thread()
#define SHARDED_LEAVE contend_urcu_leave_thread()
#include "presence_map/parts/sharded.h"

PRESENCE_BATCH_LOOP(copy_on_write, is_online, urcu_memb_read_lock(), urcu_memb_read_unlock())
PRESENCE_COUNT_BY_WALK(copy_on_write)
PRESENCE_NO_QUIESCENCE(copy_on_write)

static const struct presence_traits presence_copy_on_write_traits = {
    .id = {
        .name = "copy_on_write",
        .title = "shards that never change: a writer publishes a copy",
        .reference = "McKenney and Slingwine, Read-Copy Update, 1998",
        .lock = CHOSEN_LOCK_NAME,
        /* Its tables are on the heap, and ThreadSanitizer does not see liburcu's fences. */
        .flags = (chosen_lock_flags & ~CONTEND_PROCESS_SHARED) | CONTEND_TSAN_UNSOUND,
        .options = presence_copy_on_write_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .last_seen = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and full or budgeted scan, shard by shard",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = 4 * sizeof(struct presence_table_slot), /* 65,536 in 2 x 64 x 2,048 */
    .bytes_fixed = sizeof(struct presence_copy_on_write) +
                   PRESENCE_DEFAULT_PARTS *
                       (sizeof(struct presence_copy_on_write_shard) + chosen_lock_heap),
};

PRESENCE_STATIC_TRAITS(copy_on_write)

#endif
