/*
 * meters.h - what requests cost on the wire that say whose they are: ?meter=7.
 *
 * A browser tells a page neither the heads that it sends nor the frames that keep a WebSocket alive, so the service
 * counts: all bytes of such a request, and all that it is answered with, as long as that goes on.
 * Invariant: a place has the key that came last; another one with the same place begins at 0 and ends it.  So there
 *   are METERS at once, those of up to METERS keys that follow each other, and nothing grows.
 * Thread-safety: any thread may do anything.  Where two keys want one place at once, bytes of one may be counted for
 *   the other, or for none: it is a display, and not the service's own account.
 */
#ifndef CONTEND_BENCH_SERVE_METERS_H
#define CONTEND_BENCH_SERVE_METERS_H

#include <stdatomic.h>
#include <stdint.h>

enum { METERS = 1024 };

struct meter {
    _Atomic uint64_t key, in, out; /* bytes from the client, and to it; key 0: nobody's */
};

/* The key's place, which is another key's from now on; key is not 0. */
static inline struct meter *meter_claim(struct meter *all, uint64_t key)
{
    struct meter *m = &all[key % METERS];

    /* relaxed, here and below: figures that stand for themselves. */
    if (atomic_load_explicit(&m->key, memory_order_relaxed) != key) {
        atomic_store_explicit(&m->in, 0, memory_order_relaxed);
        atomic_store_explicit(&m->out, 0, memory_order_relaxed);
        atomic_store_explicit(&m->key, key, memory_order_relaxed);
    }
    return m;
}

/* Adds bytes, unless the place is another key's by now; key 0 is nobody's. */
static inline void meter_add(struct meter *all, uint64_t key, uint64_t in, uint64_t out)
{
    struct meter *m = &all[key % METERS];

    if (key == 0 || atomic_load_explicit(&m->key, memory_order_relaxed) != key)
        return;
    atomic_fetch_add_explicit(&m->in, in, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->out, out, memory_order_relaxed);
}

/* What a key has cost; 0 and 0 of one that has no place. */
static inline void meter_read(struct meter *all, uint64_t key, uint64_t *in, uint64_t *out)
{
    const struct meter *m = &all[key % METERS];
    int known = key && atomic_load_explicit(&m->key, memory_order_relaxed) == key;

    *in = known ? atomic_load_explicit(&m->in, memory_order_relaxed) : 0;
    *out = known ? atomic_load_explicit(&m->out, memory_order_relaxed) : 0;
}

#endif
