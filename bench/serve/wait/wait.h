/*
 * wait.h - the contract of waiting for another thread's news.
 *
 * News are numbered from 1 on.  A means NAME is one header, bench/serve/wait/HEADER.h, with `struct
 * wait_HEADER`, the operations below, and its traits.
 *
 * Guarantees
 *
 *  W1  announce() raises the number by one and wakes what sleeps for it.  Any thread may call it.
 *  W2  await(seen) returns once the number is not `seen` any more, with the number as it is then.
 *      What the announcer did before happens before what the waiter does after.
 *  W3  No wake-up is lost: an await whose condition holds returns, whatever the interleaving.
 *  W4  current() returns the number without waiting.
 *  W5  Several threads may wait at once; all of them see each change or a later one.
 */
#ifndef CONTEND_BENCH_SERVE_WAIT_H
#define CONTEND_BENCH_SERVE_WAIT_H

#include <stddef.h>
#include <stdint.h>

#include "bench/serve/means.h"

struct wait_traits {
    struct contend_identity id;
    unsigned announce; /* progress, enum contend_progress */
    int sleeps;        /* whether a waiter gives its processor up to the kernel until it is woken */
};

#define WAIT_OPERATIONS(GIVES, DOES)                                                          \
    DOES(init, (void *wait), (wait))                                                          \
    DOES(announce, (void *wait), (wait))                                                      \
    GIVES(uint32_t, await, (void *wait, uint32_t seen), (wait, seen))                         \
    GIVES(uint32_t, current, (void *wait), (wait))

/* The loop of benchmarks: announces `n` times, with nobody waiting. */
struct wait_loops {
    void (*announce)(void *wait, uint64_t n);
};

/* The table, and the registry. */
SERVE_MEANS(wait, WAIT_OPERATIONS);

#endif
