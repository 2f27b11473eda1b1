/*
 * park.h - a waiter sleeps in the kernel, and every announcement wakes.
 *
 * Idea: a futex on the number itself.  The kernel compares it before it lets the waiter sleep, so
 *   that no wake-up is lost.
 * Invariant: a sleeper has found the number that it waits to change, in the kernel, after which
 *   every announcement wakes it.
 * Linearisation points: as spin.h.
 * Pairings: parts/number.h; the kernel's own lock orders its comparison and the wake-up.
 * Progress: announce is wait-free apart from a system call.
 * Cost: a system call for each announcement, also when nobody waits; two switches to wake up.
 * Breaks when: news come so often that the announcer does nothing but wake.
 * Use when: news are rare.
 * Reference: H. Franke, R. Russell and M. Kirkwood, "Fuss, Futexes and Furwocks", 2002.
 */
#ifndef CONTEND_BENCH_SERVE_WAIT_PARK_H
#define CONTEND_BENCH_SERVE_WAIT_PARK_H

#include "bench/serve/wait/parts/number.h"

struct wait_park {
    _Atomic uint32_t number;
};

static inline void wait_park_init(struct wait_park *w)
{
    atomic_init(&w->number, 0);
}

static inline void wait_park_announce(struct wait_park *w)
{
    wait_number_raise(&w->number);
    contend_futex_wake(&w->number, INT_MAX);
}

static inline uint32_t wait_park_current(struct wait_park *w)
{
    return wait_number_now(&w->number);
}

static inline uint32_t wait_park_await(struct wait_park *w, uint32_t seen)
{
    uint32_t now;

    while ((now = wait_number_now(&w->number)) == seen)
        contend_futex_wait(&w->number, seen);
    return now;
}

static const struct wait_traits wait_park_traits = {
    .id = { .name = "park", .title = "sleeps; every announcement wakes",
            .reference = "Franke, Russell and Kirkwood, Fuss, Futexes and Furwocks, 2002" },
    .announce = CONTEND_WAIT_FREE | CONTEND_MODULO_SYSCALL,
    .sleeps = 1,
};

#endif
