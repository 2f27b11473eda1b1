/*
 * thread_number.h - small numbers for the threads that use an object.
 *
 * Locks and reclamation schemes that keep a slot for each thread need to know which slot.  The
 * object has a set of numbers; attach takes one and keeps it in the handle, detach gives
 * it back.  The numbers are dense: a thread gets the lowest that it finds free, so that
 * a thread that looks at all slots looks at few.
 *
 * Invariant: a bit is set exactly while one handle owns its number; only the atomic "or"
 *   that set it makes an owner, and only the owner clears it.
 * Progress: leave is one atomic "and" whose result is not used: wait-free on x86.  enter is
 *   lock-free.  It tries each number at most once: a number that it has seen taken it does not
 *   try again, although its owner may have left since.  But an "or" that tells what was there
 *   before is a compare-and-swap loop on x86, which starts again when another thread enters or
 *   leaves.
 * Density: enter takes number n only if it has seen each of 0 .. n - 1 taken.  While nobody
 *   leaves, n is therefore less than the number of handles.  With threads that come and go
 *   it may be greater: the owners were seen one after the other.
 * Memory order: leave releases and enter acquires, so that the new owner of a number finds
 *   in its slot what the previous one left there.
 */
#ifndef CONTEND_LOCKS_PARTS_THREAD_NUMBER_H
#define CONTEND_LOCKS_PARTS_THREAD_NUMBER_H

#include "locks/parts/platform.h"

enum { THREAD_NUMBERS_MAX = 1024, THREAD_NUMBERS_WORD = 64 };

struct thread_numbers {
    _Atomic uint64_t taken[THREAD_NUMBERS_MAX / THREAD_NUMBERS_WORD];
};

static inline void thread_numbers_init(struct thread_numbers *t)
{
    for (unsigned i = 0; i < THREAD_NUMBERS_MAX / THREAD_NUMBERS_WORD; i++)
        atomic_init(&t->taken[i], 0);
}

/* A number below `limit` that no other handle has, or -EAGAIN.  limit <= THREAD_NUMBERS_MAX. */
static inline int thread_numbers_enter(struct thread_numbers *t, unsigned limit)
{
    for (unsigned first = 0; first < limit; first += THREAD_NUMBERS_WORD) {
        _Atomic uint64_t *word = &t->taken[first / THREAD_NUMBERS_WORD];
        /* relaxed: a first guess; the "or" below decides. */
        uint64_t seen = atomic_load_explicit(word, memory_order_relaxed);
        CONTEND_STEP("thread_number: looked, not yet taken");
        for (unsigned i = 0; i < THREAD_NUMBERS_WORD && first + i < limit; i++) {
            uint64_t bit = UINT64_C(1) << i;
            if (seen & bit)
                continue;
            /* acquire: pairs with the release in thread_numbers_leave. */
            uint64_t before = atomic_fetch_or_explicit(word, bit, memory_order_acquire);
            if (!(before & bit))
                return (int)(first + i);
            seen |= before;
        }
    }
    return -EAGAIN;
}

/* Gives the number back; its slot must be as the next owner wants to find it. */
static inline void thread_numbers_leave(struct thread_numbers *t, int number)
{
    uint64_t bit = UINT64_C(1) << (number % THREAD_NUMBERS_WORD);

    /* release: pairs with the acquire in thread_numbers_enter. */
    atomic_fetch_and_explicit(&t->taken[number / THREAD_NUMBERS_WORD], ~bit, memory_order_release);
}

/* How many numbers are taken: exact while nobody enters or leaves. */
static inline unsigned thread_numbers_count(struct thread_numbers *t)
{
    unsigned count = 0;

    for (unsigned i = 0; i < THREAD_NUMBERS_MAX / THREAD_NUMBERS_WORD; i++) {
        /* acquire: pairs with the release in thread_numbers_leave, for a fini that goes on. */
        uint64_t taken = atomic_load_explicit(&t->taken[i], memory_order_acquire);
        for (; taken; taken &= taken - 1)
            count++;
    }
    return count;
}

#endif
