/*
 * owner.h - a thread that owns a part of a map, and the queue of what others ask of it.
 *
 * A letter is a function and what it is called with; the owner calls it, and its sender waits.
 * Senders push letters onto a list; the owner takes the whole list with one exchange, turns it
 * round, and serves it in the order in which it came.  So no letter overtakes another, and a
 * sender's locked instruction is shared with none but other senders.
 *
 * Invariant: a letter is in the list from its sender's swap until the owner's exchange; then it
 * is the owner's alone until its gate opens, and then its sender's.  When the owner sleeps on
 * `asleep`, the list was empty after it said so, or its first sender is about to ring.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_OWNER_H
#define CONTEND_PRESENCE_MAP_PARTS_OWNER_H

#include <pthread.h>

#include "locks/parts/platform.h"
#include "locks/parts/waiting.h"

struct presence_letter {
    struct presence_letter *next;
    void (*fn)(void *ctx);
    void *ctx;
    _Atomic uint32_t gate; /* the sender's: open when it has been served */
};

struct presence_owner {
    CONTEND_ALIGNED struct presence_letter *_Atomic letters; /* the newest first */
    CONTEND_ALIGNED _Atomic uint32_t asleep; /* the owner sleeps, or is about to */
    _Atomic uint32_t stop;
    uint32_t idle; /* constant after init, as is all below */
    struct waiting waiting;
    pthread_t thread;
};

#define PRESENCE_OWNER_OPTIONS                                                                \
    { "idle", 1000, 0, 1000000, "looks at an empty queue before its owner sleeps" },          \
    WAITING_OPTIONS("")

/* ---- the owner ---- */

/* One turn without a letter.  First it says that it will sleep, then it looks once more. */
static inline void presence_owner_rest(struct presence_owner *o, uint32_t *turns)
{
    if (*turns > o->idle) {
        *turns = 0;
        contend_futex_wait(&o->asleep, 1);
        return;
    }
    if (++*turns <= o->idle) {
        contend_cpu_relax();
        return;
    }
    /* relaxed: the fence orders it. */
    atomic_store_explicit(&o->asleep, 1, memory_order_relaxed);
    /*
     * seq_cst: with the fence in presence_owner_ring.  If that thread misses `asleep`, our next
     * look finds its letter.
     */
    atomic_thread_fence(memory_order_seq_cst);
}

/* Wakes the owner after a store that it may be asleep for. */
static inline void presence_owner_ring(struct presence_owner *o)
{
    /* seq_cst: with the fence in presence_owner_rest. */
    atomic_thread_fence(memory_order_seq_cst);
    /* relaxed, both: the fence orders the look; the futex the wake-up. */
    if (!atomic_load_explicit(&o->asleep, memory_order_relaxed))
        return;
    CONTEND_STEP("owner: seen asleep, not yet woken");
    atomic_store_explicit(&o->asleep, 0, memory_order_relaxed);
    contend_futex_wake(&o->asleep, 1);
}

/* All letters, the oldest first; NULL: there are none. */
static inline struct presence_letter *presence_owner_take(struct presence_owner *o)
{
    struct presence_letter *turned = NULL, *next;

    /* relaxed: a guess, which leaves the line to the senders; the exchange decides. */
    if (!atomic_load_explicit(&o->letters, memory_order_relaxed))
        return NULL;
    /* acquire: pairs with the release in presence_owner_send; the letters are there. */
    for (struct presence_letter *l =
             atomic_exchange_explicit(&o->letters, NULL, memory_order_acquire);
         l; l = next) {
        next = l->next;
        l->next = turned;
        turned = l;
    }
    return turned;
}

static inline void *presence_owner_run(void *owner)
{
    struct presence_owner *o = owner;
    uint32_t turns = 0;

    /* acquire: pairs with the release in presence_owner_fini. */
    while (!atomic_load_explicit(&o->stop, memory_order_acquire)) {
        struct presence_letter *l = presence_owner_take(o), *next;
        if (!l) {
            presence_owner_rest(o, &turns);
            continue;
        }
        turns = 0;
        for (; l; l = next) {
            next = l->next; /* once the gate is open, the letter is its sender's */
            l->fn(l->ctx);
            CONTEND_STEP("owner: served, not yet answered");
            gate_open(&o->waiting, &l->gate);
        }
    }
    return NULL;
}

/* 0 or -EAGAIN. */
static inline int presence_owner_init(struct presence_owner *o,
                                      const struct contend_settings *settings,
                                      const struct contend_option *options)
{
    atomic_init(&o->letters, NULL);
    atomic_init(&o->asleep, 0);
    atomic_init(&o->stop, 0);
    o->idle = (uint32_t)contend_option_value(settings, options, "idle");
    o->waiting = waiting_of(settings, options);
    return -pthread_create(&o->thread, NULL, presence_owner_run, o);
}

/* No letter is under way. */
static inline void presence_owner_fini(struct presence_owner *o)
{
    /* release: pairs with the acquire in presence_owner_run. */
    atomic_store_explicit(&o->stop, 1, memory_order_release);
    presence_owner_ring(o);
    pthread_join(o->thread, NULL);
}

/* ---- the senders ---- */

static inline void presence_owner_send(struct presence_owner *o, struct presence_letter *l,
                                       void (*fn)(void *ctx), void *ctx)
{
    l->fn = fn;
    l->ctx = ctx;
    gate_shut(&l->gate);
    /* relaxed: the swap decides. */
    struct presence_letter *seen = atomic_load_explicit(&o->letters, memory_order_relaxed);
    /*
     * release: the letter comes first; pairs with the acquire in presence_owner_take, for earlier
     * letters too, whose swaps this one continues.  relaxed on failure: it is only stored.
     */
    do {
        l->next = seen;
    } while (!atomic_compare_exchange_weak_explicit(&o->letters, &seen, l, memory_order_release,
                                                  memory_order_relaxed));
    CONTEND_STEP("owner: sent, not yet rung");
    presence_owner_ring(o);
}

static inline void presence_owner_await(struct presence_owner *o, struct presence_letter *l)
{
    gate_wait(&o->waiting, &l->gate);
}

/* Lets the owner do it, and waits. */
static inline void presence_owner_do(struct presence_owner *o, void (*fn)(void *ctx), void *ctx)
{
    struct presence_letter l;

    presence_owner_send(o, &l, fn, ctx);
    presence_owner_await(o, &l);
}

/* ---- a section: the owner does nothing until its end, and the sender may do as the owner does ---- */

struct presence_section {
    struct presence_letter letter;
    _Atomic uint32_t began, ended;
};

static inline void presence_section_stand_by(void *section)
{
    struct presence_section *s = section;

    /* release: pairs with the acquire in presence_section_begin; what was done is there. */
    atomic_store_explicit(&s->began, 1, memory_order_release);
    /* acquire: pairs with the release in presence_section_end. */
    while (!atomic_load_explicit(&s->ended, memory_order_acquire))
        contend_cpu_relax();
}

static inline void presence_section_begin(struct presence_owner *o, struct presence_section *s)
{
    atomic_init(&s->began, 0);
    atomic_init(&s->ended, 0);
    presence_owner_send(o, &s->letter, presence_section_stand_by, s);
    /* acquire: pairs with the release in presence_section_stand_by. */
    while (!atomic_load_explicit(&s->began, memory_order_acquire))
        contend_cpu_relax();
}

static inline void presence_section_end(struct presence_owner *o, struct presence_section *s)
{
    /* release: pairs with the acquire in presence_section_stand_by. */
    atomic_store_explicit(&s->ended, 1, memory_order_release);
    presence_owner_await(o, &s->letter);
}

#endif
