/*
 * owner_thread.h - one thread owns the data, and all others send it what they want done.
 *
 * Idea: the lock has a thread of its own, which looks at a line of each attached thread in
 *   turn.  A request is a store to the asking thread's line; an answer is one bit, and the
 *   answers of a whole round are one store, which all that wait read.  No locked
 *   instruction decides who is next, and the data never leave the owner's cache.
 * Invariant: bit 0 of a slot's `turn` differs from its bit in `answers` exactly while its
 *   thread has a request that was not answered.  Only the thread with that number writes a
 *   slot, and only the owner writes `answers`.  A section is a request without a function:
 *   the owner answers it, and then does nothing until the upper bits of `turn` have
 *   changed, which release does.  When the owner sleeps on `asleep`, no request came
 *   before it said so.
 * Progress: blocking.  The owner alone makes progress; when it is preempted, nobody does.
 * Cost: slower than mutex.h at every length of section that is acquired: the owner stands by
 *   until it is released; only what it executes can gain.  A processor for the owner.  A request is one line there and one back, and a full
 *   fence, because the owner may have gone to sleep; the paper's owner never sleeps and needs
 *   none.  A line pair for each of 64 threads, on the heap.
 * Breaks when: there is no processor to spare: then each request waits for the scheduler
 *   twice.  More than 64 handles are refused with -EAGAIN.  fork() leaves the owner behind.
 * Use when: many processors contend for data that are worth a processor of their own.
 * Reference: S. Roghanchi, J. Eriksson and N. Basu, "ffwd: Delegation Is (Much) Faster than
 *   You Think", SOSP 2017.
 */
#ifndef CONTEND_LOCKS_OWNER_THREAD_H
#define CONTEND_LOCKS_OWNER_THREAD_H

#include <pthread.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "locks/parts/thread_number.h"
#include "locks/parts/waiting.h"

enum { LOCK_OWNER_THREAD_SLOTS = THREAD_NUMBERS_WORD }; /* a bit of `answers` each */

/* What a thread asks for.  A request flips bit 0 of `turn`; the bits above count releases. */
struct lock_owner_thread_slot {
    CONTEND_ALIGNED _Atomic uint32_t turn;
    void (*fn)(void *ctx); /* NULL: a section */
    void *ctx;
};

struct lock_owner_thread {
    CONTEND_ALIGNED _Atomic uint64_t answers; /* a bit of each slot, flipped with each answer */
    CONTEND_ALIGNED _Atomic uint32_t asleep;  /* the owner sleeps, or is about to */
    _Atomic uint32_t held;                    /* a section has not ended: for fini */
    _Atomic uint32_t stop;
    uint32_t idle; /* constant after init, as is all below but the numbers */
    struct waiting waiting;
    struct lock_owner_thread_slot *slots;
    pthread_t thread;
    const struct contend_allocator *allocator;
    struct thread_numbers numbers;
};

struct lock_owner_thread_handle {
    uint32_t number;
};

/* No LOCK_INIT_owner_thread: the owner must be started. */

#define LOCK_OWNER_THREAD_IDLE 1000
#define LOCK_OPTIONS_owner_thread(part)                                                       \
    { part "idle", LOCK_OWNER_THREAD_IDLE, 0, 1000000,                                        \
      "rounds without a request before the owner sleeps" },                                   \
    WAITING_AWAKE_OPTIONS(part)

LOCK_OPTIONS_LIST(owner_thread)

/* ---- the owner ---- */

/*
 * One turn of the owner without work; *turns counts them.  It first says that it will sleep,
 * then its caller looks once more, and only then it sleeps.
 */
static inline void lock_owner_thread_rest(struct lock_owner_thread *l, uint32_t *turns)
{
    if (*turns < l->idle) {
        ++*turns;
        contend_cpu_relax();
    } else if (*turns == l->idle) {
        ++*turns;
        /* relaxed: the fence orders it. */
        atomic_store_explicit(&l->asleep, 1, memory_order_relaxed);
        /*
         * seq_cst: with the fence in lock_owner_thread_ring.  If that thread misses `asleep`, our
         * next look finds what it has stored.
         */
        atomic_thread_fence(memory_order_seq_cst);
    } else {
        *turns = 0;
        contend_futex_wait(&l->asleep, 1);
    }
}

/* Wakes the owner after a store that it may be asleep for. */
static inline void lock_owner_thread_ring(struct lock_owner_thread *l)
{
    /* seq_cst: with the fence in lock_owner_thread_rest. */
    atomic_thread_fence(memory_order_seq_cst);
    /* relaxed, both: the fence orders the look; the futex the wake-up. */
    if (!atomic_load_explicit(&l->asleep, memory_order_relaxed))
        return;
    CONTEND_STEP("owner_thread: seen asleep, not yet woken");
    atomic_store_explicit(&l->asleep, 0, memory_order_relaxed);
    contend_futex_wake(&l->asleep, 1);
}

/* A section: nothing else is done until its thread releases. */
static inline void lock_owner_thread_stand_by(struct lock_owner_thread *l,
                                              struct lock_owner_thread_slot *s, uint32_t turn)
{
    uint32_t turns = 0;

    /* acquire: pairs with the release in lock_owner_thread_release. */
    while (atomic_load_explicit(&s->turn, memory_order_acquire) >> 1 == turn >> 1)
        lock_owner_thread_rest(l, &turns);
}

/* Looks at each thread once; returns the answers as they are then. */
static inline uint64_t lock_owner_thread_round(struct lock_owner_thread *l, uint64_t answers)
{
    uint64_t before = answers;

    /* relaxed: a thread whose bit comes late rings, and is found in the next round. */
    for (uint64_t left = atomic_load_explicit(&l->numbers.taken[0], memory_order_relaxed); left;
         left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctzll(left);
        struct lock_owner_thread_slot *s = &l->slots[n];
        /* acquire: pairs with the release in lock_owner_thread_ask; the request is there. */
        uint32_t turn = atomic_load_explicit(&s->turn, memory_order_acquire);

        if (((turn ^ answers >> n) & 1) == 0)
            continue;
        answers ^= UINT64_C(1) << n;
        if (s->fn) {
            s->fn(s->ctx);
            continue;
        }
        /* release: pairs with the acquire in lock_owner_thread_ask; earlier ones go along. */
        atomic_store_explicit(&l->answers, answers, memory_order_release);
        before = answers;
        lock_owner_thread_stand_by(l, s, turn);
    }
    CONTEND_STEP("owner_thread: served, not yet answered");
    if (answers != before)
        /* release: pairs with the acquire in lock_owner_thread_ask; what was done is there. */
        atomic_store_explicit(&l->answers, answers, memory_order_release);
    return answers;
}

static inline void *lock_owner_thread_run(void *lock)
{
    struct lock_owner_thread *l = lock;
    uint64_t answers = 0;
    uint32_t turns = 0;

    /* acquire: pairs with the release in lock_owner_thread_fini. */
    while (!atomic_load_explicit(&l->stop, memory_order_acquire)) {
        uint64_t now = lock_owner_thread_round(l, answers);
        if (now != answers)
            turns = 0;
        else
            lock_owner_thread_rest(l, &turns);
        answers = now;
    }
    return NULL;
}

static inline int lock_owner_thread_init(struct lock_owner_thread *l,
                                         const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_owner_thread_options);

    if (error)
        return error;
    l->slots = contend_allocate(c.allocator, CONTEND_CACHE_LINE,
                                LOCK_OWNER_THREAD_SLOTS * sizeof *l->slots);
    if (!l->slots)
        return -ENOMEM;
    for (int i = 0; i < LOCK_OWNER_THREAD_SLOTS; i++)
        atomic_init(&l->slots[i].turn, 0);
    atomic_init(&l->answers, 0);
    atomic_init(&l->asleep, 0);
    atomic_init(&l->held, 0);
    atomic_init(&l->stop, 0);
    thread_numbers_init(&l->numbers);
    l->idle = (uint32_t)contend_option_value(&c.settings, lock_owner_thread_options, "idle");
    l->waiting = waiting_of(&c.settings, lock_owner_thread_options);
    l->allocator = c.allocator;
    error = pthread_create(&l->thread, NULL, lock_owner_thread_run, l);
    if (error)
        contend_release(l->allocator, l->slots, LOCK_OWNER_THREAD_SLOTS * sizeof *l->slots);
    return -error;
}

static inline int lock_owner_thread_fini(struct lock_owner_thread *l)
{
    /* relaxed: value only; no other thread than the owner is left. */
    if (atomic_load_explicit(&l->held, memory_order_relaxed))
        return -EBUSY;
    /* release: pairs with the acquire in lock_owner_thread_run. */
    atomic_store_explicit(&l->stop, 1, memory_order_release);
    lock_owner_thread_ring(l);
    pthread_join(l->thread, NULL);
    contend_release(l->allocator, l->slots, LOCK_OWNER_THREAD_SLOTS * sizeof *l->slots);
    return 0;
}

/* ---- the other threads ---- */

static inline int lock_owner_thread_attach(struct lock_owner_thread *l,
                                           struct lock_owner_thread_handle *h)
{
    int number = thread_numbers_enter(&l->numbers, LOCK_OWNER_THREAD_SLOTS);

    h->number = (uint32_t)number;
    return number < 0 ? number : 0;
}

static inline void lock_owner_thread_detach(struct lock_owner_thread *l,
                                            struct lock_owner_thread_handle *h)
{
    thread_numbers_leave(&l->numbers, (int)h->number);
}

/* Sends a request and waits for its answer. */
static inline void lock_owner_thread_ask(struct lock_owner_thread *l,
                                         struct lock_owner_thread_handle *h,
                                         void (*fn)(void *ctx), void *ctx)
{
    struct lock_owner_thread_slot *s = &l->slots[h->number];
    /* relaxed: only this thread writes there. */
    uint32_t turn = atomic_load_explicit(&s->turn, memory_order_relaxed) ^ 1, turns = 0;

    s->fn = fn;
    s->ctx = ctx;
    /* release: pairs with the acquire in lock_owner_thread_round. */
    atomic_store_explicit(&s->turn, turn, memory_order_release);
    CONTEND_STEP("owner_thread: asked, not yet served");
    lock_owner_thread_ring(l);
    /* acquire: pairs with the release stores of `answers` in lock_owner_thread_round. */
    while ((turn ^ atomic_load_explicit(&l->answers, memory_order_acquire) >> h->number) & 1)
        waiting_turn(&l->waiting, &turns);
}

static inline int lock_owner_thread_execute(struct lock_owner_thread *l,
                                            struct lock_owner_thread_handle *h,
                                            void (*fn)(void *ctx), void *ctx)
{
    lock_owner_thread_ask(l, h, fn, ctx);
    return 0;
}

static inline int lock_owner_thread_acquire(struct lock_owner_thread *l,
                                            struct lock_owner_thread_handle *h)
{
    lock_owner_thread_ask(l, h, NULL, NULL);
    /* relaxed: for fini, which comes after all others. */
    atomic_store_explicit(&l->held, 1, memory_order_relaxed);
    return 0;
}

static inline int lock_owner_thread_try_acquire(struct lock_owner_thread *l,
                                                struct lock_owner_thread_handle *h)
{
    (void)l, (void)h;
    return -ENOTSUP;
}

static inline void lock_owner_thread_release(struct lock_owner_thread *l,
                                             struct lock_owner_thread_handle *h)
{
    struct lock_owner_thread_slot *s = &l->slots[h->number];
    /* relaxed, both: only this thread writes there; `held` is the holder's. */
    uint32_t turn = atomic_load_explicit(&s->turn, memory_order_relaxed);

    atomic_store_explicit(&l->held, 0, memory_order_relaxed);
    /* release: pairs with the acquire in lock_owner_thread_stand_by. */
    atomic_store_explicit(&s->turn, turn + 2, memory_order_release);
    lock_owner_thread_ring(l);
}

LOCK_EXCLUSIVE_ONLY(owner_thread)
LOCK_READERS_HOLD_IT(owner_thread)

enum {
    lock_owner_thread_flags = CONTEND_SPINS | CONTEND_RUNS_THREAD,
    lock_owner_thread_features = LOCK_KNOWS_HOLDER | LOCK_DELEGATES,
    lock_owner_thread_heap = LOCK_OWNER_THREAD_SLOTS * sizeof(struct lock_owner_thread_slot),
    lock_owner_thread_handle_heap = 0,
};

static const struct lock_traits lock_owner_thread_traits = {
    .id = {
        .name = "owner_thread",
        .title = "one thread owns the data, all others send it requests",
        .reference = "Roghanchi, Eriksson and Basu, ffwd: Delegation Is (Much) Faster, 2017",
        .flags = lock_owner_thread_flags,
        .options = lock_owner_thread_options,
    },
    .features = lock_owner_thread_features,
    .bytes = sizeof(struct lock_owner_thread) + lock_owner_thread_heap,
};

static inline void lock_owner_thread_traits_of(struct lock_owner_thread *l,
                                               struct lock_traits *out)
{
    (void)l;
    *out = lock_owner_thread_traits;
}

#endif
