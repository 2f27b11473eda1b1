/*
 * parking_lot.h - a lock of two bits, whose waiters queue elsewhere.
 *
 * Idea: one bit says that the lock is held, another that a thread may be parked for it.  It
 *   then stands in a queue of the process's parking lot, which is found by the lock's
 *   address (locks/parts/parking.h).  The release looks there only if it finds that bit.
 * Invariant: while a thread is parked for the lock, PARKED is set, or the release that clears
 *   it is about to wake the last one.  The bit is set and cleared for good under the
 *   queue's own lock, so that it cannot be cleared between a look at it and the sleep.
 * Progress: blocking.  A preempted holder stops everybody; waiters spin a little, then sleep.
 *   A thread that comes by may pass one that was woken, which then parks again, at the end.
 * Cost: two locked instructions a pair while nobody waits; a byte, one more for its option,
 *   and a table of 8 KB for all locks of the process.
 * Breaks when: sections are long and contended: each release walks a queue and makes a
 *   system call, and locks whose addresses meet share a queue.  Memory that processes share:
 *   the table is one process's.
 * Use when: there are very many locks, as one in each object or row.
 * Reference: F. Pizlo, "Locking in WebKit", 2016; A. d'Antras, parking_lot for Rust, 2016.
 */
#ifndef CONTEND_LOCKS_PARKING_LOT_H
#define CONTEND_LOCKS_PARKING_LOT_H

#include "locks/lock.h"
#include "locks/parts/parking.h"
#include "locks/parts/platform.h"

enum {
    PARKING_LOT_HELD = 1,
    PARKING_LOT_PARKED = 2,
    PARKING_LOT_SPINS_MOST = 12,
};

struct lock_parking_lot {
    _Atomic uint8_t bits;
    uint8_t spins; /* constant after init */
};

#define LOCK_PARKING_LOT_SPINS 6
#define LOCK_OPTIONS_parking_lot(part)                                                        \
    { part "spins", LOCK_PARKING_LOT_SPINS, 0, PARKING_LOT_SPINS_MOST,                        \
      "looks before parking, each after twice as many pauses as the last" },

LOCK_OPTIONS_LIST(parking_lot)

#define LOCK_INIT_parking_lot { 0, LOCK_PARKING_LOT_SPINS }

LOCK_STATELESS_HANDLE(parking_lot)

static inline int lock_parking_lot_init(struct lock_parking_lot *l,
                                        const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_parking_lot_options);

    if (error)
        return error;
    atomic_init(&l->bits, 0);
    l->spins = (uint8_t)contend_option_value(&c.settings, lock_parking_lot_options, "spins");
    return 0;
}

static inline int lock_parking_lot_fini(struct lock_parking_lot *l)
{
    /* relaxed: value only; no other thread is left. */
    return atomic_load_explicit(&l->bits, memory_order_relaxed) ? -EBUSY : 0;
}

/* Sets HELD if it is not set, and leaves PARKED as it is.  Returns what it found. */
static inline uint8_t lock_parking_lot_take(struct lock_parking_lot *l)
{
    /* relaxed: a first guess; the swap decides. */
    uint8_t bits = atomic_load_explicit(&l->bits, memory_order_relaxed);

    while (!(bits & PARKING_LOT_HELD))
        /*
         * acquire: pairs with the releases in lock_parking_lot_release and _settle; relaxed on
         * failure: look again.
         */
        if (atomic_compare_exchange_weak_explicit(&l->bits, &bits,
                                                  (uint8_t)(bits | PARKING_LOT_HELD),
                                                  memory_order_acquire, memory_order_relaxed))
            break;
    return bits;
}

static inline int lock_parking_lot_try_acquire(struct lock_parking_lot *l,
                                               struct lock_parking_lot_handle *h)
{
    (void)h;
    return lock_parking_lot_take(l) & PARKING_LOT_HELD ? -EBUSY : 0;
}

/* With the queue's lock: the holder will look for us when it releases. */
static inline bool lock_parking_lot_still(void *lock)
{
    struct lock_parking_lot *l = lock;

    /* relaxed: value only; what clears the bits for good holds the queue's lock, too. */
    return atomic_load_explicit(&l->bits, memory_order_relaxed) ==
           (PARKING_LOT_HELD | PARKING_LOT_PARKED);
}

static inline int lock_parking_lot_acquire(struct lock_parking_lot *l,
                                           struct lock_parking_lot_handle *h)
{
    (void)h;
    for (uint32_t spins = 0;;) {
        uint8_t bits = lock_parking_lot_take(l);
        if (!(bits & PARKING_LOT_HELD))
            return 0;
        /* Where others are parked already, the lock is not about to become free. */
        if (!(bits & PARKING_LOT_PARKED) && spins < l->spins) {
            for (uint32_t i = 0; i < 1u << spins; i++)
                contend_cpu_relax();
            spins++;
            continue;
        }
        /* relaxed: it only asks for a wake-up; on failure the bits have changed: look again. */
        if (!(bits & PARKING_LOT_PARKED) &&
            !atomic_compare_exchange_strong_explicit(&l->bits, &bits,
                                                     PARKING_LOT_HELD | PARKING_LOT_PARKED,
                                                     memory_order_relaxed, memory_order_relaxed))
            continue;
        CONTEND_STEP("parking_lot: marked, not parked");
        parking_wait(l, lock_parking_lot_still, l);
    }
}

/* With the queue's lock: frees the lock, and says whether another thread is still parked. */
static inline void lock_parking_lot_settle(void *lock, bool more)
{
    struct lock_parking_lot *l = lock;

    /* release: pairs with the acquire in lock_parking_lot_take. */
    atomic_store_explicit(&l->bits, more ? PARKING_LOT_PARKED : 0, memory_order_release);
}

static inline void lock_parking_lot_release(struct lock_parking_lot *l,
                                            struct lock_parking_lot_handle *h)
{
    uint8_t held = PARKING_LOT_HELD;

    (void)h;
    /*
     * release: pairs with the acquire in lock_parking_lot_take; relaxed on failure: PARKED is set,
     * and stays set until we clear it.
     */
    if (!atomic_compare_exchange_strong_explicit(&l->bits, &held, 0, memory_order_release,
                                                 memory_order_relaxed))
        parking_wake_one(l, lock_parking_lot_settle, l);
}

LOCK_EXCLUSIVE_ONLY(parking_lot)
LOCK_READERS_HOLD_IT(parking_lot)
LOCK_CALLER_EXECUTES(parking_lot)

enum {
    lock_parking_lot_flags = 0,
    lock_parking_lot_features =
        LOCK_SLEEPS | LOCK_TRY | LOCK_TRY_SHARED | LOCK_KNOWS_HOLDER | LOCK_ANY_HANDLE,
};

static const struct lock_traits lock_parking_lot_traits = {
    .id = {
        .name = "parking_lot",
        .title = "a lock of two bits, whose waiters queue elsewhere",
        .reference = "Pizlo, Locking in WebKit, 2016",
        .flags = lock_parking_lot_flags,
        .options = lock_parking_lot_options,
    },
    .features = lock_parking_lot_features,
    .bytes = sizeof(struct lock_parking_lot),
};

LOCK_STATIC_TRAITS(parking_lot)

#endif
