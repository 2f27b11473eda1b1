/*
 * park.h - stops another thread at whatever instruction it has come to.
 *
 * A signal handler keeps the thread until it is released or its time is over.  The
 * thread keeps whatever it holds: a lock, a section of RCU, a half-written entry.  The
 * signal is SIGRTMIN + 3; its handler belongs to the process, and stays installed after
 * the first use.
 */
#ifndef CONTEND_BENCH_ENGINE_PARK_H
#define CONTEND_BENCH_ENGINE_PARK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* One for each thread that may be parked.  All zero at first. */
struct parking {
    _Atomic uint32_t state; /* also the word on which the thread sleeps */
    _Atomic uint64_t until_ns;
};

/* Whether the calling thread can be parked from here on; a request that arrives before waits. */
void park_allow(bool allowed);

/*
 * Asks a thread that belongs to `p` to stop for `ns`; one thread at a time may ask.  0 or a
 * negative errno value.  The thread stops once it allows it and the signal reaches it.
 */
int park_ask(struct parking *p, pthread_t thread, uint64_t ns);

/* Whether the thread has been asked and has not stopped yet. */
bool park_is_pending(const struct parking *p);
/* Whether it stands still now. */
bool park_holds(const struct parking *p);

/* Takes a pending request back, or lets the thread go on.  False: it was free already. */
bool park_release(struct parking *p);

#endif
