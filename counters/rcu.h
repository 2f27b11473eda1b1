/*
 * rcu.h - every thread counts its own; readers find the threads under RCU.
 *
 * Idea: per_thread.h without the readers' mutex.  The list of cells is an
 *   immutable snapshot behind one pointer.  Attach and detach publish a new
 *   snapshot and wait until no reader can hold the old one.
 * Invariant: for each snapshot that a reader may hold: departed + the counts of
 *   its cells = the sum, apart from the adds of threads that attached later.
 *   A cell in a snapshot stays valid until a grace period after the snapshot
 *   was replaced.  Claps move from a cell to `departed` only from one snapshot
 *   to the next, so no reader counts them twice or misses them.
 * Linearisation points: add when its store reaches the others, before the fence
 *   of the thread's next read at the latest.  read of unit claps: as striped.h.
 * Progress: add and read are wait-free, read apart from the system call that wakes
 *   a grace period that waits for it.  attach and detach block: they take a
 *   mutex and wait for a grace period, which a stalled reader holds up.
 * Read guarantee: unit claps: linearizable.  Larger claps: intermediate.  With
 *   undos: quiescent.
 * Cost: add: a load, an addition and a store on the thread's own line.  read: a
 *   fence, as dear as a locked instruction, an RCU section and one miss per thread.
 * Breaks when: threads come and go often (a grace period each), or a reader
 *   stalls (attach and detach wait for it; memory does not grow).
 * Use when: claps and reads are both frequent and threads live long.
 * Reference: P. McKenney, "Is Parallel Programming Hard, And, If So, What Can
 *   You Do About It?", 2023, section 13.5.1 (count_end_rcu); M. Desnoyers et
 *   al., "User-Level Implementations of Read-Copy Update", 2012.
 */
#ifndef CONTEND_COUNTERS_RCU_H
#define CONTEND_COUNTERS_RCU_H

#include <pthread.h>
#include <stdbool.h>

#include "counters/counter.h"
#include "locks/parts/platform.h"
#include "locks/parts/urcu_thread.h"

/* Threads that fit before the first growth; config->threads may ask for more. */
enum { COUNTER_RCU_INITIAL = 8 };

/* One for each thread: the object's memory, since a handle may vanish with its thread. */
struct counter_rcu_cell {
    CONTEND_ALIGNED _Atomic int64_t count; /* written by the owner only */
};

struct counter_rcu_handle {
    struct counter_rcu_cell *mine;
};

/* What a reader sees; immutable while it is published. */
struct counter_rcu_snapshot {
    int64_t departed; /* claps of threads that have left */
    uint32_t count;
    struct counter_rcu_cell *cells[]; /* as many as counter_rcu.capacity */
};

struct counter_rcu {
    _Atomic(struct counter_rcu_snapshot *) current;
    pthread_mutex_t mutex;              /* guards what follows and every change of current */
    struct counter_rcu_snapshot *spare; /* the next one to publish; no reader holds it */
    uint32_t capacity;                  /* cells that fit into either */
    const struct contend_allocator *allocator; /* constant after init */
};

static inline size_t counter_rcu_snapshot_bytes(uint32_t capacity)
{
    return sizeof(struct counter_rcu_snapshot) + capacity * sizeof(struct counter_rcu_cell *);
}

static inline void counter_rcu_release(const struct counter_rcu *c,
                                       struct counter_rcu_snapshot *snapshot, uint32_t capacity)
{
    contend_release(c->allocator, snapshot, counter_rcu_snapshot_bytes(capacity));
}

/* Two empty snapshots, or neither: detach must never need memory. */
static inline int counter_rcu_allocate(const struct counter_rcu *c, uint32_t capacity,
                                       struct counter_rcu_snapshot *pair[2])
{
    for (int i = 0; i < 2; i++) {
        pair[i] = contend_allocate(c->allocator, _Alignof(struct counter_rcu_snapshot),
                                   counter_rcu_snapshot_bytes(capacity));
        if (!pair[i]) {
            if (i == 1)
                counter_rcu_release(c, pair[0], capacity);
            return -ENOMEM;
        }
        pair[i]->departed = 0;
        pair[i]->count = 0;
    }
    return 0;
}

static inline int counter_rcu_init(struct counter_rcu *c, const struct counter_config *config)
{
    struct counter_rcu_snapshot *pair[2];
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, NULL);

    if (error)
        return error;
    c->allocator = mine.allocator;
    c->capacity = mine.threads > COUNTER_RCU_INITIAL ? mine.threads : COUNTER_RCU_INITIAL;
    error = counter_rcu_allocate(c, c->capacity, pair);
    if (error)
        return error;
    error = -pthread_mutex_init(&c->mutex, NULL);
    if (error) {
        counter_rcu_release(c, pair[0], c->capacity);
        counter_rcu_release(c, pair[1], c->capacity);
        return error;
    }
    atomic_init(&c->current, pair[0]);
    c->spare = pair[1];
    return 0;
}

/* The published snapshot.  The caller holds the mutex. */
static inline struct counter_rcu_snapshot *counter_rcu_mine(struct counter_rcu *c)
{
    /* relaxed: only holders of the mutex change it. */
    return atomic_load_explicit(&c->current, memory_order_relaxed);
}

static inline int counter_rcu_fini(struct counter_rcu *c)
{
    pthread_mutex_lock(&c->mutex);
    bool busy = counter_rcu_mine(c)->count != 0;
    pthread_mutex_unlock(&c->mutex);
    if (busy)
        return -EBUSY;
    counter_rcu_release(c, counter_rcu_mine(c), c->capacity);
    counter_rcu_release(c, c->spare, c->capacity);
    return -pthread_mutex_destroy(&c->mutex);
}

/*
 * Publishes `next`, waits until no reader can hold what it replaces, and returns
 * that.  The caller holds the mutex and is not inside a read section.
 */
static inline struct counter_rcu_snapshot *counter_rcu_publish(struct counter_rcu *c,
                                                               struct counter_rcu_snapshot *next)
{
    struct counter_rcu_snapshot *old = counter_rcu_mine(c);

    /* release: the snapshot's contents come first; pairs with the acquire in counter_rcu_read. */
    atomic_store_explicit(&c->current, next, memory_order_release);
    urcu_memb_synchronize_rcu();
    return old;
}

static inline int counter_rcu_attach(struct counter_rcu *c, struct counter_rcu_handle *h)
{
    int error = 0;

    h->mine = contend_allocate(c->allocator, _Alignof(struct counter_rcu_cell), sizeof *h->mine);
    if (!h->mine)
        return -ENOMEM;
    contend_urcu_enter_thread();
    atomic_init(&h->mine->count, 0);
    pthread_mutex_lock(&c->mutex);
    struct counter_rcu_snapshot *now = counter_rcu_mine(c);
    struct counter_rcu_snapshot *pair[2] = { c->spare, NULL };
    uint32_t capacity = c->capacity;

    if (now->count == capacity) {
        capacity *= 2;
        error = counter_rcu_allocate(c, capacity, pair);
    }
    if (error == 0) {
        struct counter_rcu_snapshot *next = pair[0];
        next->departed = now->departed;
        for (uint32_t i = 0; i < now->count; i++)
            next->cells[i] = now->cells[i];
        next->cells[now->count] = h->mine;
        next->count = now->count + 1;
        struct counter_rcu_snapshot *old = counter_rcu_publish(c, next);
        if (pair[1]) { /* grown: both old ones are too small */
            counter_rcu_release(c, old, c->capacity);
            counter_rcu_release(c, c->spare, c->capacity);
            old = pair[1];
        }
        c->spare = old;
        c->capacity = capacity;
    }
    pthread_mutex_unlock(&c->mutex);
    if (error) {
        contend_urcu_leave_thread();
        contend_release(c->allocator, h->mine, sizeof *h->mine);
    }
    return error;
}

static inline void counter_rcu_detach(struct counter_rcu *c, struct counter_rcu_handle *h)
{
    pthread_mutex_lock(&c->mutex);
    struct counter_rcu_snapshot *now = counter_rcu_mine(c);
    struct counter_rcu_snapshot *next = c->spare;

    /* relaxed: our own count. */
    next->departed = counter_join(now->departed,
                                  atomic_load_explicit(&h->mine->count, memory_order_relaxed));
    next->count = 0;
    for (uint32_t i = 0; i < now->count; i++)
        if (now->cells[i] != h->mine)
            next->cells[next->count++] = now->cells[i];
    CONTEND_STEP("rcu: next snapshot ready, not published");
    c->spare = counter_rcu_publish(c, next);
    pthread_mutex_unlock(&c->mutex);
    contend_urcu_leave_thread();
    contend_release(c->allocator, h->mine, sizeof *h->mine); /* after the grace period */
}

static inline int counter_rcu_add(struct counter_rcu *c, struct counter_rcu_handle *h, int64_t n)
{
    (void)c;
    /* relaxed, both: value only, and a single writer, as in per_thread.h. */
    int64_t claps = atomic_load_explicit(&h->mine->count, memory_order_relaxed);
    atomic_store_explicit(&h->mine->count, counter_join(claps, n), memory_order_relaxed);
    return 0;
}

static inline int64_t counter_rcu_read(struct counter_rcu *c, struct counter_rcu_handle *h)
{
    (void)h;
    /*
     * seq_cst: our own last add leaves the store buffer before we read the others'
     * counts.  Pairs with the same fence in their reads: of two threads that add and
     * then read, one at least sees both.
     */
    atomic_thread_fence(memory_order_seq_cst);
    urcu_memb_read_lock();
    /* acquire: pairs with the release in counter_rcu_publish. */
    struct counter_rcu_snapshot *now = atomic_load_explicit(&c->current, memory_order_acquire);
    int64_t sum = now->departed;
    for (uint32_t i = 0; i < now->count; i++) {
        CONTEND_STEP("rcu: some threads read");
        /* relaxed: values only; each count is coherent by itself. */
        sum = counter_join(sum, atomic_load_explicit(&now->cells[i]->count,
                                                     memory_order_relaxed));
    }
    urcu_memb_read_unlock();
    return sum;
}

COUNTER_NO_ADD_GET(rcu)
COUNTER_NO_QUIESCENCE(rcu)

#define COUNTER_RCU_BYTES_PER_THREAD                                                          \
    (sizeof(struct counter_rcu_cell) + sizeof(struct counter_rcu_handle))

static inline void counter_rcu_stats(struct counter_rcu *c, struct counter_stats *out)
{
    pthread_mutex_lock(&c->mutex);
    out->attached = counter_rcu_mine(c)->count;
    out->bytes = sizeof *c + 2 * counter_rcu_snapshot_bytes(c->capacity) +
                 out->attached * COUNTER_RCU_BYTES_PER_THREAD;
    pthread_mutex_unlock(&c->mutex);
}

static const struct counter_traits counter_rcu_traits = {
    .id = {
        .name = "rcu",
        .title = "every thread counts its own, a reader adds up under RCU",
        .reference = "McKenney, Is Parallel Programming Hard, 2023 (count_end_rcu)",
        .flags = CONTEND_TSAN_UNSOUND,
    },
    .add = CONTEND_WAIT_FREE,
    .read = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_INTERMEDIATE },
    .undo = { .kind = COUNTER_QUIESCENT },
    .features = COUNTER_PLAIN_ADD,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_rcu) +
             2 * (sizeof(struct counter_rcu_snapshot) +
                  COUNTER_RCU_INITIAL * sizeof(struct counter_rcu_cell *)),
    .bytes_per_thread = COUNTER_RCU_BYTES_PER_THREAD,
};

COUNTER_STATIC_TRAITS(rcu)

#endif
