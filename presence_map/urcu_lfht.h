/*
 * urcu_lfht.h - liburcu's lock-free hash table, one node per user.
 *
 * Idea: a split-ordered list of nodes that readers walk under RCU.  A removal
 *   claims first: it swaps the stamp that it judged to DEAD; only then does it
 *   unlink the node and leave the memory to a grace period.  A heartbeat that
 *   meets DEAD helps to unlink and inserts a node of its own.
 * Invariant: at most one linked node per user (add_unique).  A node's stamp only
 *   rises until it becomes DEAD, and DEAD is final.  A node is unlinked only
 *   after it is DEAD, and freed a grace period after it was unlinked.  The user
 *   is present exactly while its linked node is not DEAD.  With a capacity, at
 *   least as many are present as quota.h counts.
 * Linearisation points: heartbeat at the swap of the stamp, or at the insertion,
 *   or at the load that shows a later stamp, or (-ENOSPC) at the look-up that found
 *   no node in a map that was full before it and after it; is_online and last_seen at
 *   the load of the stamp (a DEAD one: at that load, or when the node was claimed, if
 *   a newer node came meanwhile), or where the library's look-up found no node;
 *   leave and sweep, per user, at the swap to DEAD.  A heartbeat cannot be lost:
 *   either its swap is first and the claim fails, or it sees DEAD.
 * Progress: reads and walks wait-free, as the library's are; the rest lock-free;
 *   all of it apart from system calls: the end of a read section wakes a grace
 *   period that waits for it, a removal wakes the thread that frees.  Insertions and
 *   removals also call malloc(), these when the table is to shrink.  Reclamation
 *   blocks: a reader that stalls inside an operation keeps every node retired since.
 * Read guarantee: linearizable per user, in happens-before order; users are not
 *   ordered among each other, as in packed.h.  for_each and count_online meet a user
 *   at most once, not at one instant.  No user is met twice: the list is in the order of the
 *   hash, the hash is a bijection, so a user's old node and its new one are
 *   neighbours, and the walk skips a user that it has just reported.
 * Cost: refresh: a read section without a locked instruction, two or three lines,
 *   one swap.  56 bytes a node and 16 a bucket; the library does not tell how many
 *   buckets it has, so the bytes in stats() are an estimate.
 * Breaks when: a reader stalls under churn, or churn outruns the one thread that
 *   frees for the whole process (memory: 4 churners on 2 processors have held 84 MB
 *   retired for 4 users); memory runs out inside the library, which then aborts; its
 *   resizing thread is starved (long chains).
 * Use when: ids are arbitrary, reads dominate, and users come and go.
 * Reference: M. Desnoyers and L. Jiangshan, rculfhash of liburcu, 2011; O. Shalev
 *   and N. Shavit, "Split-Ordered Lists: Lock-Free Extensible Hash Tables", 2006.
 *
 * Licence: liburcu is LGPL-2.1; see locks/parts/urcu_thread.h.
 */
#ifndef CONTEND_PRESENCE_MAP_URCU_LFHT_H
#define CONTEND_PRESENCE_MAP_URCU_LFHT_H

#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"
#include "locks/parts/hash.h"
#include "presence_map/presence_map.h"
#include "presence_map/parts/tally.h"
#include "presence_map/parts/urcu_lfht_list.h"

struct presence_urcu_lfht {
    struct presence_urcu_lfht_list list;
    struct presence_config config; /* never changes */
    uint64_t kept_ms;              /* the greatest age at which a sweep leaves an entry alone */
    CONTEND_ALIGNED _Atomic uint64_t cursor; /* budgeted sweep: hash of the node examined last */
    CONTEND_ALIGNED struct presence_ledger ledger;
};

struct presence_urcu_lfht_handle {
    struct presence_tally tally;
};

/*
 * A cursor that says "from the start": its place is the last in the list's order,
 * so no node comes after it.
 */
#define PRESENCE_URCU_LFHT_START UINT64_MAX

static inline int presence_urcu_lfht_init(struct presence_urcu_lfht *m,
                                          const struct presence_config *config)
{
    int error = presence_config_resolve(&m->config, config, NULL);

    if (error)
        return error;
    m->kept_ms = presence_kept_ms(&m->config, 1);
    atomic_init(&m->cursor, PRESENCE_URCU_LFHT_START);
    error = presence_ledger_init(&m->ledger, m->config.allocator);
    if (error)
        return error;
    uint64_t users = m->config.capacity ? m->config.capacity : m->config.expected;
    error = presence_urcu_lfht_list_init(&m->list, users, m->config.capacity,
                                          m->config.allocator);
    if (error)
        presence_ledger_fini(&m->ledger);
    return error;
}

static inline int presence_urcu_lfht_fini(struct presence_urcu_lfht *m)
{
    /* Inside a walk of another map (P11 forbids it) one could not wait for the last nodes. */
    int error = contend_urcu_may_wait() ? presence_ledger_fini(&m->ledger) : -EBUSY;

    return error ? error : presence_urcu_lfht_list_fini(&m->list);
}

static inline int presence_urcu_lfht_attach(struct presence_urcu_lfht *m,
                                            struct presence_urcu_lfht_handle *h)
{
    int error = presence_ledger_enter(&m->ledger, &h->tally);

    if (error == 0)
        contend_urcu_enter_thread();
    return error;
}

static inline void presence_urcu_lfht_detach(struct presence_urcu_lfht *m,
                                             struct presence_urcu_lfht_handle *h)
{
    presence_ledger_leave(&m->ledger, &h->tally);
    contend_urcu_leave_thread();
}

/* A heartbeat on the user's node: an answer, or -EAGAIN if the node is DEAD. */
static inline int presence_urcu_lfht_refresh(struct presence_urcu_lfht *m,
                                             struct presence_urcu_lfht_node *n, uint64_t now)
{
    uint64_t last = presence_urcu_lfht_stamp(n);

    while (last != PRESENCE_URCU_LFHT_DEAD) {
        if (now < last)
            return PRESENCE_STALE;
        if (now == last)
            return PRESENCE_REFRESHED; /* nothing to write */
        CONTEND_STEP("urcu_lfht: heartbeat, looked up and about to swap");
        /* relaxed: see presence_urcu_lfht_stamp. */
        if (atomic_compare_exchange_weak_explicit(&n->last, &last, now, memory_order_relaxed,
                                                  memory_order_relaxed))
            return presence_raised(last, now, m->config.ttl_ms);
    }
    return -EAGAIN;
}

/*
 * Looks for free capacity for a user who was not found; in a read section.  -EAGAIN:
 * there is some.  -ENOSPC: at one instant the map was full and the user was not in it.
 * Otherwise the answer of a heartbeat: the last place may have gone to this very user.
 * Each further turn follows a removal, or a heartbeat that made one fail.
 */
static inline int presence_urcu_lfht_admit(struct presence_urcu_lfht *m, uint64_t hash,
                                           uint64_t user, uint64_t now)
{
    int result = -EAGAIN;
    uint64_t came;

    while (result == -EAGAIN && !presence_quota_has_room(&m->list.quota, &came)) {
        CONTEND_STEP("urcu_lfht: heartbeat, met a full map and about to look again");
        struct presence_urcu_lfht_node *n = presence_urcu_lfht_find(&m->list, hash, user);
        if (n)
            result = presence_urcu_lfht_refresh(m, n, now); /* -EAGAIN: it is DEAD, so not there */
        if (result == -EAGAIN && presence_quota_is_full(&m->list.quota, came))
            result = -ENOSPC;
    }
    return result;
}

/*
 * A heartbeat of a user who was not found; in a read section.  Each further turn
 * has unlinked a DEAD node or found it unlinked, so some thread made progress.
 */
static inline int presence_urcu_lfht_insert(struct presence_urcu_lfht *m,
                                            struct presence_urcu_lfht_handle *h, uint64_t hash,
                                            uint64_t user, uint64_t now)
{
    int result = presence_urcu_lfht_admit(m, hash, user, now);

    if (result != -EAGAIN)
        return result;
    struct presence_urcu_lfht_node *made = presence_urcu_lfht_make(&m->list, user, now);
    if (!made)
        return -ENOMEM;
    CONTEND_STEP("urcu_lfht: heartbeat, found nobody and about to insert");
    while (result == -EAGAIN) {
        struct presence_urcu_lfht_node *n = (void *)cds_lfht_add_unique(
            m->list.table, hash, presence_urcu_lfht_match, &user, &made->link);
        if (n == made) {
            CONTEND_STEP("urcu_lfht: heartbeat, inserted and not yet counted");
            presence_quota_count_in(&m->list.quota);
            presence_tally_count(&h->tally, PRESENCE_INSERTED);
            return PRESENCE_CAME_ONLINE;
        }
        result = presence_urcu_lfht_refresh(m, n, now);
        if (result == -EAGAIN)
            presence_urcu_lfht_unlink(&m->list, n);
    }
    presence_urcu_lfht_discard(&m->list, made);
    return result;
}

static inline int presence_urcu_lfht_heartbeat(struct presence_urcu_lfht *m,
                                               struct presence_urcu_lfht_handle *h, uint64_t user,
                                               uint64_t now)
{
    uint64_t hash = presence_hash(user, m->config.hash_seed);
    int result = presence_check(user, now);

    if (result)
        return result;
    urcu_memb_read_lock();
    struct presence_urcu_lfht_node *n = presence_urcu_lfht_find(&m->list, hash, user);
    result = n ? presence_urcu_lfht_refresh(m, n, now) : -EAGAIN;
    if (result == -EAGAIN)
        result = presence_urcu_lfht_insert(m, h, hash, user, now);
    urcu_memb_read_unlock();
    return result;
}

/* The user's stamp, or DEAD if there is none. */
static inline uint64_t presence_urcu_lfht_look_up(struct presence_urcu_lfht *m, uint64_t user)
{
    urcu_memb_read_lock();
    struct presence_urcu_lfht_node *n =
        presence_urcu_lfht_find(&m->list, presence_hash(user, m->config.hash_seed), user);
    uint64_t last = n ? presence_urcu_lfht_stamp(n) : PRESENCE_URCU_LFHT_DEAD;
    urcu_memb_read_unlock();
    return last;
}

static inline int presence_urcu_lfht_is_online(struct presence_urcu_lfht *m,
                                               struct presence_urcu_lfht_handle *h, uint64_t user,
                                               uint64_t now)
{
    int error = presence_check(user, now);

    (void)h;
    if (error)
        return error;
    uint64_t last = presence_urcu_lfht_look_up(m, user);
    return last != PRESENCE_URCU_LFHT_DEAD && presence_fresh(last, now, m->config.ttl_ms);
}

static inline int64_t presence_urcu_lfht_last_seen(struct presence_urcu_lfht *m,
                                                   struct presence_urcu_lfht_handle *h,
                                                   uint64_t user)
{
    (void)h;
    if (!presence_valid_user(user))
        return -EINVAL;
    uint64_t last = presence_urcu_lfht_look_up(m, user);
    return last == PRESENCE_URCU_LFHT_DEAD ? -ENOENT : (int64_t)last;
}

static inline int presence_urcu_lfht_leave(struct presence_urcu_lfht *m,
                                           struct presence_urcu_lfht_handle *h, uint64_t user,
                                           uint64_t now)
{
    int left = presence_check(user, now);

    if (left)
        return left;
    urcu_memb_read_lock();
    struct presence_urcu_lfht_node *n =
        presence_urcu_lfht_find(&m->list, presence_hash(user, m->config.hash_seed), user);
    uint64_t last = n ? presence_urcu_lfht_stamp(n) : PRESENCE_URCU_LFHT_DEAD;
    while (last != PRESENCE_URCU_LFHT_DEAD && last <= now && !left) {
        if (presence_urcu_lfht_claim(&m->list, n, &last)) {
            presence_urcu_lfht_unlink(&m->list, n);
            presence_tally_count(&h->tally, PRESENCE_LEFT);
            left = 1;
        }
    }
    urcu_memb_read_unlock();
    return left;
}

/*
 * Examines from *at on: removes the expired, until the list ends or the budget is
 * spent.  Leaves in *at the next node, and in *seen the hash of the last one.
 */
static inline int64_t presence_urcu_lfht_scan(struct presence_urcu_lfht *m,
                                              struct presence_urcu_lfht_handle *h, uint64_t now,
                                              uint64_t budget, struct cds_lfht_iter *at,
                                              uint64_t *seen)
{
    struct presence_urcu_lfht_node *n;
    int64_t removed = 0;

    while (budget > 0 && (n = (void *)cds_lfht_iter_get_node(at)) != NULL) {
        if (n->user != PRESENCE_NO_USER) {
            uint64_t last = presence_urcu_lfht_stamp(n);
            while (last != PRESENCE_URCU_LFHT_DEAD && !presence_fresh(last, now, m->kept_ms)) {
                if (!presence_urcu_lfht_claim(&m->list, n, &last))
                    continue; /* judge what is there now */
                presence_urcu_lfht_unlink(&m->list, n);
                presence_tally_count(&h->tally, PRESENCE_SWEPT);
                removed++;
                break;
            }
            *seen = presence_hash(n->user, m->config.hash_seed);
            budget--;
        }
        cds_lfht_next(m->list.table, at);
    }
    return removed;
}

/*
 * Goes on where the budgeted round stopped.  The library cannot look up a place
 * without a node, so a mark is inserted there, found, and removed again.
 */
static inline int64_t presence_urcu_lfht_sweep_some(struct presence_urcu_lfht *m,
                                                    struct presence_urcu_lfht_handle *h,
                                                    uint64_t now, uint64_t budget, bool *complete)
{
    /* relaxed, here and below: a place to start from; it protects nothing. */
    uint64_t begin = atomic_load_explicit(&m->cursor, memory_order_relaxed), seen = begin;
    struct presence_urcu_lfht_node *mark = NULL;
    struct cds_lfht_iter at;

    if (begin != PRESENCE_URCU_LFHT_START) {
        mark = presence_urcu_lfht_make(&m->list, PRESENCE_NO_USER, PRESENCE_URCU_LFHT_DEAD);
        if (!mark)
            return -ENOMEM;
    }
    urcu_memb_read_lock();
    if (mark) {
        /* Behind any node with the same hash; its next pointer survives the unlinking. */
        cds_lfht_add(m->list.table, begin, &mark->link);
        cds_lfht_lookup(m->list.table, begin, presence_urcu_lfht_is_node, &mark->link, &at);
        presence_urcu_lfht_unlink(&m->list, mark);
    } else {
        cds_lfht_first(m->list.table, &at);
    }
    int64_t removed = presence_urcu_lfht_scan(m, h, now, budget, &at, &seen);
    *complete = cds_lfht_iter_get_node(&at) == NULL;
    urcu_memb_read_unlock();
    if (*complete)
        atomic_store_explicit(&m->cursor, PRESENCE_URCU_LFHT_START, memory_order_relaxed);
    else /* failure: another sweeper has moved on from here, or ended the round */
        atomic_compare_exchange_strong_explicit(&m->cursor, &begin, seen, memory_order_relaxed,
                                                memory_order_relaxed);
    return removed;
}

static inline int64_t presence_urcu_lfht_sweep(struct presence_urcu_lfht *m,
                                               struct presence_urcu_lfht_handle *h, uint64_t now,
                                               uint64_t budget, bool *complete)
{
    struct cds_lfht_iter at;
    uint64_t seen;

    *complete = false;
    if (!presence_valid_now(now))
        return -EINVAL;
    *complete = budget == UINT64_MAX;
    if (budget != UINT64_MAX)
        return presence_urcu_lfht_sweep_some(m, h, now, budget, complete);
    urcu_memb_read_lock();
    cds_lfht_first(m->list.table, &at);
    int64_t removed = presence_urcu_lfht_scan(m, h, now, budget, &at, &seen);
    urcu_memb_read_unlock();
    return removed;
}

static inline int presence_urcu_lfht_for_each_online(struct presence_urcu_lfht *m,
                                                     struct presence_urcu_lfht_handle *h,
                                                     uint64_t now, presence_visit fn, void *ctx)
{
    struct presence_urcu_lfht_node *n;
    uint64_t reported = PRESENCE_NO_USER;
    struct cds_lfht_iter at;
    int stop = presence_valid_now(now) ? 0 : -EINVAL;

    (void)h;
    if (stop)
        return stop;
    urcu_memb_read_lock();
    cds_lfht_first(m->list.table, &at);
    while (stop == 0 && (n = (void *)cds_lfht_iter_get_node(&at)) != NULL) {
        uint64_t last = presence_urcu_lfht_stamp(n); /* a mark is DEAD as well */
        if (last != PRESENCE_URCU_LFHT_DEAD && n->user != reported &&
            presence_fresh(last, now, m->config.ttl_ms)) {
            reported = n->user; /* a newer node of the same user would be the next */
            stop = fn(ctx, n->user, last);
        }
        cds_lfht_next(m->list.table, &at);
    }
    urcu_memb_read_unlock();
    return stop;
}

static inline int presence_urcu_lfht_reserve(struct presence_urcu_lfht *m,
                                             struct presence_urcu_lfht_handle *h, uint64_t users)
{
    int error = presence_reserve_check(&m->config, users);

    (void)h;
    if (error == 0)
        presence_urcu_lfht_list_reserve(&m->list, users);
    return error;
}

PRESENCE_COUNT_BY_WALK(urcu_lfht)
PRESENCE_BATCH_INSIDE(urcu_lfht, urcu_memb_read_lock(), urcu_memb_read_unlock())
PRESENCE_NO_QUIESCENCE(urcu_lfht)

static inline void presence_urcu_lfht_stats(struct presence_urcu_lfht *m,
                                            struct presence_stats *out)
{
    *out = (struct presence_stats){ .bytes = sizeof *m };
    presence_urcu_lfht_list_read(&m->list, out);
    presence_ledger_read(&m->ledger, out);
}

static const struct presence_traits presence_urcu_lfht_traits = {
    .id = {
        .name = "urcu_lfht",
        .title = "liburcu's lock-free hash table, nodes freed after a grace period",
        .reference = "Desnoyers and Jiangshan, rculfhash of liburcu, 2011",
        .flags = CONTEND_TSAN_UNSOUND | CONTEND_LIB_ABORTS,
    },
    .heartbeat = CONTEND_LOCK_FREE | CONTEND_MODULO_SYSCALL,
    .insert = CONTEND_LOCK_FREE | CONTEND_MODULO_MALLOC | CONTEND_MODULO_SYSCALL,
    .is_online = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .last_seen = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .leave = CONTEND_LOCK_FREE | CONTEND_MODULO_MALLOC | CONTEND_MODULO_SYSCALL,
    .sweep = CONTEND_LOCK_FREE | CONTEND_MODULO_MALLOC | CONTEND_MODULO_SYSCALL,
    .walk = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN,
    .backlog = PRESENCE_BACKLOG_UNBOUNDED,
    .expiry = "lazy check and full or budgeted scan; freed after a grace period",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = sizeof(struct presence_urcu_lfht_node) + sizeof(struct cds_lfht_node),
    .bytes_fixed = sizeof(struct presence_urcu_lfht),
};

PRESENCE_STATIC_TRAITS(urcu_lfht)

#endif
