/*
 * rcu.h - every clap publishes a new row: the total and what each reader has given, together.
 *
 * Idea: a post is one pointer to an immutable row.  A change copies the row, changes the copy and
 *   swaps the pointer, so that total and readers change at one instant.  Readers look at one row
 *   without writing anything.  A deleted post is a null pointer.
 * Invariant: a published row never changes, its total is the sum of its readers, each at most 50.
 *   A row is freed a grace period after it was replaced.
 * Linearisation points: clap, unclap and remove at the swap of the pointer; given, total and what
 *   grants nothing at its load.
 * Progress: clap and unclap lock-free, apart from malloc() and the wake-up of the thread that
 *   frees.  given and total wait-free, apart from the system call that wakes a grace period
 *   that waits for them; remove too.  Reclamation blocks: a thread that stalls inside an
 *   operation keeps every row that is replaced meanwhile.
 * Read guarantee: linearizable, grants and totals; and the row is a snapshot of all readers.
 * Cost: a clap copies as many bytes as there are readers, and allocates them.  A look is a read
 *   section without a locked instruction and a line or two that stay in every cache until the next
 *   clap.
 * Breaks when: claps are frequent, or readers many: the copy; or a thread stalls (memory).
 * Use when: looks outnumber claps by far, or a page shows the whole row.  The swap needs no tag: a
 *   row that is held in a read section is not freed, so its address cannot come back.
 * Reference: M. Desnoyers et al., "User-Level Implementations of Read-Copy Update", 2012.
 *
 * Licence: liburcu is LGPL-2.1; see locks/parts/urcu_thread.h.
 */
#ifndef CONTEND_COUNTERS_CLAPS_RCU_H
#define CONTEND_COUNTERS_CLAPS_RCU_H

#include "counters/claps/parts/ledger.h"
#include "locks/parts/urcu_thread.h"

struct claps_rcu;

struct claps_rcu_row {
    struct rcu_head rcu;     /* first, so that a pointer to it is a pointer to the row */
    struct claps_rcu *claps; /* for the callback, which gets only the row */
    int64_t total;
    uint8_t given[]; /* by each reader */
};

struct claps_rcu {
    struct claps_ledger ledger;
    _Atomic(struct claps_rcu_row *) *posts;
    /* Statistics, so every access to them is relaxed. */
    _Atomic size_t rows;    /* allocated and not freed */
    _Atomic size_t retired; /* of these, replaced */
};

struct claps_rcu_handle {
    char unused; /* ISO C has no empty struct */
};

static inline size_t claps_rcu_row_bytes(const struct claps_rcu *c)
{
    return sizeof(struct claps_rcu_row) + (size_t)c->ledger.readers;
}

/* A row that is not published, or NULL. */
static inline struct claps_rcu_row *claps_rcu_make(struct claps_rcu *c)
{
    struct claps_rcu_row *row = claps_ledger_array(&c->ledger, 1, claps_rcu_row_bytes(c));

    if (row) {
        row->claps = c;
        /* relaxed: statistics. */
        atomic_fetch_add_explicit(&c->rows, 1, memory_order_relaxed);
    }
    return row;
}

/* Frees a row that no thread can find. */
static inline void claps_rcu_discard(struct claps_rcu *c, struct claps_rcu_row *row)
{
    if (!row)
        return;
    /* relaxed: statistics. */
    atomic_fetch_sub_explicit(&c->rows, 1, memory_order_relaxed);
    claps_ledger_release(&c->ledger, row, 1, claps_rcu_row_bytes(c));
}

static inline void claps_rcu_reclaim(struct rcu_head *head)
{
    struct claps_rcu_row *row = (struct claps_rcu_row *)(void *)head;
    struct claps_rcu *c = row->claps;

    /* relaxed: statistics. */
    atomic_fetch_sub_explicit(&c->retired, 1, memory_order_relaxed);
    claps_rcu_discard(c, row);
}

/* Frees a row that has been replaced, when no thread can hold it any more. */
static inline void claps_rcu_retire(struct claps_rcu *c, struct claps_rcu_row *row)
{
    /* relaxed: statistics. */
    atomic_fetch_add_explicit(&c->retired, 1, memory_order_relaxed);
    urcu_memb_call_rcu(&row->rcu, claps_rcu_reclaim);
}

/* Frees what init has made; all rows that were replaced have been freed. */
static inline void claps_rcu_free(struct claps_rcu *c, uint64_t made)
{
    for (uint64_t post = 0; post < made; post++)
        /* relaxed: no other thread is left. */
        claps_rcu_discard(c, atomic_load_explicit(&c->posts[post], memory_order_relaxed));
    claps_ledger_release(&c->ledger, c->posts, c->ledger.posts, sizeof *c->posts);
}

static inline int claps_rcu_init(struct claps_rcu *c, const struct claps_config *config)
{
    struct claps_config mine;
    int error = claps_config_resolve(&mine, config, NULL);
    uint64_t made = 0;

    if (error)
        return error;
    claps_ledger_init(&c->ledger, &mine);
    atomic_init(&c->rows, 0);
    atomic_init(&c->retired, 0);
    if (claps_ledger_places(&c->ledger, 1) == 0 || mine.readers > SIZE_MAX / 2)
        return -ENOMEM;
    c->posts = claps_ledger_array(&c->ledger, mine.posts, sizeof *c->posts);
    error = c->posts ? 0 : -ENOMEM;
    for (; !error && made < mine.posts; made++) {
        struct claps_rcu_row *row = claps_rcu_make(c);
        if (!row) {
            error = -ENOMEM;
            break;
        }
        row->total = 0;
        memset(row->given, 0, (size_t)mine.readers);
        atomic_init(&c->posts[made], row);
    }
    if (error)
        claps_rcu_free(c, made);
    return error;
}

static inline int claps_rcu_fini(struct claps_rcu *c)
{
    if (counter_attached_count(&c->ledger.attached))
        return -EBUSY;
    urcu_memb_barrier(); /* every reclaim has run: they use the ledger */
    claps_rcu_free(c, c->ledger.posts);
    return 0;
}

static inline int claps_rcu_attach(struct claps_rcu *c, struct claps_rcu_handle *h)
{
    contend_urcu_enter_thread();
    h->unused = 0;
    counter_attached_enter(&c->ledger.attached);
    return 0;
}

static inline void claps_rcu_detach(struct claps_rcu *c, struct claps_rcu_handle *h)
{
    (void)h;
    counter_attached_leave(&c->ledger.attached);
    contend_urcu_leave_thread();
}

/* The post's row, or NULL if it is deleted; in a read section. */
static inline struct claps_rcu_row *claps_rcu_row_of(struct claps_rcu *c, uint64_t post)
{
    /* acquire: pairs with the release in claps_rcu_publish: the row's contents are there. */
    return atomic_load_explicit(&c->posts[post], memory_order_acquire);
}

/* Replaces the row, unless another thread has. */
static inline int claps_rcu_publish(struct claps_rcu *c, uint64_t post, struct claps_rcu_row *old,
                                    struct claps_rcu_row *next)
{
    CONTEND_STEP("rcu: a new row ready, not published");
    /*
     * release: the row's contents come first; pairs with the acquire in claps_rcu_row_of.  relaxed
     * when it fails: the next turn looks anew.
     */
    return atomic_compare_exchange_weak_explicit(&c->posts[post], &old, next, memory_order_release,
                                                 memory_order_relaxed);
}

enum claps_rcu_way { CLAPS_RCU_CLAP, CLAPS_RCU_UNCLAP };

/* One attempt, in a read section: what was moved, -ENOENT, or -EAGAIN. */
static inline int claps_rcu_try(struct claps_rcu *c, enum claps_rcu_way way, uint64_t post,
                                uint64_t reader, unsigned n, struct claps_rcu_row **spare)
{
    struct claps_rcu_row *old = claps_rcu_row_of(c, post), *next;

    if (!old)
        return -ENOENT;
    unsigned given = old->given[reader];
    unsigned moved = way == CLAPS_RCU_CLAP ? claps_granted(given, n) : claps_returned(given, n);
    if (moved == 0)
        return 0;
    if (!*spare)
        *spare = claps_rcu_make(c);
    next = *spare;
    if (!next)
        return -ENOMEM;
    memcpy(next->given, old->given, (size_t)c->ledger.readers);
    next->given[reader] = (uint8_t)(way == CLAPS_RCU_CLAP ? given + moved : given - moved);
    next->total = way == CLAPS_RCU_CLAP ? old->total + moved : old->total - moved;
    if (!claps_rcu_publish(c, post, old, next))
        return -EAGAIN;
    *spare = NULL;
    claps_rcu_retire(c, old);
    return (int)moved;
}

static inline int claps_rcu_change(struct claps_rcu *c, enum claps_rcu_way way, uint64_t post,
                                   uint64_t reader, unsigned n)
{
    struct claps_rcu_row *spare = NULL;
    int result = claps_ledger_check(&c->ledger, post, reader);

    if (result)
        return result;
    for (;; contend_cpu_relax()) {
        urcu_memb_read_lock();
        result = claps_rcu_try(c, way, post, reader, n, &spare);
        urcu_memb_read_unlock();
        if (result != -EAGAIN)
            break;
    }
    claps_rcu_discard(c, spare);
    return result;
}

static inline int claps_rcu_clap(struct claps_rcu *c, struct claps_rcu_handle *h, uint64_t post,
                                 uint64_t reader, unsigned n)
{
    (void)h;
    return claps_rcu_change(c, CLAPS_RCU_CLAP, post, reader, n);
}

static inline int claps_rcu_unclap(struct claps_rcu *c, struct claps_rcu_handle *h, uint64_t post,
                                   uint64_t reader, unsigned n)
{
    (void)h;
    return claps_rcu_change(c, CLAPS_RCU_UNCLAP, post, reader, n);
}

static inline int claps_rcu_given(struct claps_rcu *c, struct claps_rcu_handle *h, uint64_t post,
                                  uint64_t reader)
{
    int answer = claps_ledger_check(&c->ledger, post, reader);

    (void)h;
    if (answer)
        return answer;
    urcu_memb_read_lock();
    struct claps_rcu_row *row = claps_rcu_row_of(c, post);
    answer = row ? row->given[reader] : -ENOENT;
    urcu_memb_read_unlock();
    return answer;
}

static inline int64_t claps_rcu_total(struct claps_rcu *c, struct claps_rcu_handle *h,
                                      uint64_t post)
{
    int64_t answer = claps_ledger_check(&c->ledger, post, 0);

    (void)h;
    if (answer)
        return answer;
    urcu_memb_read_lock();
    struct claps_rcu_row *row = claps_rcu_row_of(c, post);
    answer = row ? row->total : -ENOENT;
    urcu_memb_read_unlock();
    return answer;
}

static inline int64_t claps_rcu_remove(struct claps_rcu *c, struct claps_rcu_handle *h,
                                       uint64_t post)
{
    int error = claps_ledger_check(&c->ledger, post, 0);

    (void)h;
    if (error)
        return error;
    /* acquire: the row's contents; pairs with the release in claps_rcu_publish. */
    struct claps_rcu_row *row = atomic_exchange_explicit(&c->posts[post], NULL, memory_order_acquire);
    if (!row)
        return -ENOENT;
    int64_t total = row->total;
    claps_rcu_retire(c, row);
    return total;
}

static inline void claps_rcu_stats(struct claps_rcu *c, struct claps_stats *out)
{
    out->attached = counter_attached_count(&c->ledger.attached);
    /* relaxed, both: statistics. */
    out->retired = claps_rcu_row_bytes(c) * atomic_load_explicit(&c->retired, memory_order_relaxed);
    out->bytes = sizeof *c + c->ledger.posts * sizeof *c->posts +
                 claps_rcu_row_bytes(c) * atomic_load_explicit(&c->rows, memory_order_relaxed) +
                 out->attached * sizeof(struct claps_rcu_handle);
}

static const struct claps_traits claps_rcu_traits = {
    .id = {
        .name = "rcu",
        .title = "every clap publishes a new row of the post, freed after a grace period",
        .reference = "Desnoyers et al., User-Level Implementations of Read-Copy Update, 2012",
        .flags = CONTEND_TSAN_UNSOUND | CONTEND_LIB_ABORTS,
    },
    .clap = CONTEND_LOCK_FREE | CONTEND_MODULO_MALLOC | CONTEND_MODULO_SYSCALL,
    .unclap = CONTEND_LOCK_FREE | CONTEND_MODULO_MALLOC | CONTEND_MODULO_SYSCALL,
    .given = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .total = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .remove = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .grants = CLAPS_LINEARIZABLE,
    .totals = CLAPS_LINEARIZABLE,
    .max_readers = UINT64_MAX,
    .bytes = sizeof(struct claps_rcu),
    .bytes_per_post = sizeof(void *) + sizeof(struct claps_rcu_row),
    .bytes_per_reader = sizeof(uint8_t),
    .bytes_per_thread = sizeof(struct claps_rcu_handle),
};

CLAPS_STATIC_TRAITS(rcu)

#endif
