/*
 * slow_store.h - a store that takes a stated time, and counts what it is asked.
 *
 * A call sleeps for half of the latency, does its work, and sleeps for the other half: what it read
 * may be old when it returns, as with any store behind a network.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_SLOW_STORE_H
#define CONTEND_BENCH_SERVE_LABS_SLOW_STORE_H

#include "bench/serve/cache/cache.h"

struct slow_store {
    uint64_t keys, latency_ns;
    _Atomic uint64_t *versions; /* of each key */
    _Atomic uint64_t loads, saves;
};

/* All keys get version 1.  0, or -ENOMEM. */
int slow_store_make(struct slow_store *s, uint64_t keys, uint64_t latency_ns);
void slow_store_free(struct slow_store *s);
struct cache_source slow_store_source(struct slow_store *s);

/* Whether a value is one that the store gave for the key. */
bool slow_store_made(uint64_t key, const struct cache_value *value);

#endif
