/*
 * quotient_nonces.h - numbers by which threads tell their reservations apart, so few that they fit
 * into a row.
 *
 * Idea: each thread has a nonce of its own, with which it makes one reservation after the other.  So
 *   two threads' reservations of one user never look alike, but two of one thread do.  That
 *   matters to other threads alone, which may complete a reservation that they have found: so a thread
 *   that helps counts itself at the nonce, and the owner of a nonce at which others are counted
 *   takes another one before it makes its next reservation.
 * Invariant (N): from the instant at which a helper has counted itself and then found the reservation in
 *   its place, until it has ended its help, a word that equals the reservation is that reservation.
 *   The owner alone makes such words, one at a time; and before it makes the next one it looks at
 *   the count, which names the helper by then.
 * How many: a thread owns one nonce and helps with one other at most, so with twice as many nonces as
 *   threads there is always a free one.
 *
 * Memory order.  Helper: count, then load the place.  Owner: see the reservation gone from the place,
 * then load the count.  One of them must see the other (store buffering), so all four are
 * seq_cst: if the helper's load found the reservation, it came before its removal in their one order, and
 * then the count is seen.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_NONCES_H
#define CONTEND_PRESENCE_MAP_PARTS_QUOTIENT_NONCES_H

#include "locks/parts/platform.h"

enum { QUOTIENT_NONCES = 1024 }; /* at most */

struct quotient_nonces {
    _Atomic uint32_t *states; /* of each nonce: whether a thread owns it, and how many help with it */
    uint32_t count;
    const struct contend_allocator *allocator;
    CONTEND_ALIGNED _Atomic uint32_t threads; /* attached */
};

#define QUOTIENT_OWNED (UINT32_C(1) << 31)

static inline size_t quotient_nonces_bytes(const struct quotient_nonces *n)
{
    return n->count * sizeof *n->states;
}

/* As many as a reservation can tell apart, but not more than anybody needs.  0 or -ENOMEM. */
static inline int quotient_nonces_init(struct quotient_nonces *n, uint64_t distinct,
                                       const struct contend_allocator *allocator)
{
    n->count = distinct < QUOTIENT_NONCES ? (uint32_t)distinct : QUOTIENT_NONCES;
    n->allocator = allocator;
    n->states = contend_allocate(allocator, CONTEND_CACHE_LINE, quotient_nonces_bytes(n));
    if (!n->states)
        return -ENOMEM;
    for (uint32_t i = 0; i < n->count; i++)
        atomic_init(&n->states[i], 0);
    atomic_init(&n->threads, 0);
    return 0;
}

static inline void quotient_nonces_fini(struct quotient_nonces *n)
{
    contend_release(n->allocator, n->states, quotient_nonces_bytes(n));
}

/* A nonce that nobody owns or helps with.  Each turn that finds none meets a change by another thread. */
static CONTEND_RARE inline uint32_t quotient_nonces_take(struct quotient_nonces *n)
{
    for (uint32_t i = 0;; i = (i + 1) % n->count) {
        uint32_t unused = 0;
        /*
         * seq_cst: all threads that helped with it are gone, and the swap is in the one order.
         * relaxed: the next one is tried.
         */
        if (atomic_compare_exchange_strong_explicit(&n->states[i], &unused, QUOTIENT_OWNED,
                                                    memory_order_seq_cst, memory_order_relaxed))
            return i;
    }
}

static inline void quotient_nonces_give_back(struct quotient_nonces *n, uint32_t nonce)
{
    /* release: what was done under this nonce comes first; pairs with the swap of its next owner. */
    atomic_fetch_and_explicit(&n->states[nonce], ~QUOTIENT_OWNED, memory_order_release);
}

/* A thread's first nonce: 0, or -EAGAIN if there would be too few. */
static inline int quotient_nonces_enter(struct quotient_nonces *n, uint32_t *nonce)
{
    /* acquire: what a thread gave back before it left is free; pairs with quotient_nonces_leave. */
    if (atomic_fetch_add_explicit(&n->threads, 1, memory_order_acquire) >= n->count / 2) {
        /* relaxed: nothing was given back. */
        atomic_fetch_sub_explicit(&n->threads, 1, memory_order_relaxed);
        return -EAGAIN;
    }
    *nonce = quotient_nonces_take(n);
    return 0;
}

static inline void quotient_nonces_leave(struct quotient_nonces *n, uint32_t nonce)
{
    quotient_nonces_give_back(n, nonce);
    /* release: pairs with the acquire in quotient_nonces_enter. */
    atomic_fetch_sub_explicit(&n->threads, 1, memory_order_release);
}

/* N: the owner, which has no reservation, is about to make one: with its nonce, or with another. */
static inline void quotient_nonces_renew(struct quotient_nonces *n, uint32_t *nonce)
{
    /* seq_cst: see the head; pairs with the addition in quotient_nonces_help. */
    if (atomic_load_explicit(&n->states[*nonce], memory_order_seq_cst) == QUOTIENT_OWNED)
        return;
    quotient_nonces_give_back(n, *nonce);
    *nonce = quotient_nonces_take(n);
}

/* N: to be called before the reservation is looked for again. */
static inline void quotient_nonces_help(struct quotient_nonces *n, uint32_t nonce)
{
    /* seq_cst: see the head; pairs with the load in quotient_nonces_renew. */
    atomic_fetch_add_explicit(&n->states[nonce], 1, memory_order_seq_cst);
}

static inline void quotient_nonces_stop_helping(struct quotient_nonces *n, uint32_t nonce)
{
    /* release: our last swap comes first; pairs with the load and the swap of an owner. */
    atomic_fetch_sub_explicit(&n->states[nonce], 1, memory_order_release);
}

#endif
