/*
 * cache.h - the contract of a cache of two levels before a store.
 *
 * A means NAME is one header, bench/serve/cache/HEADER.h, with `struct cache_HEADER`, a per-thread
 * `struct cache_HEADER_handle` (the first level), the operations below as `static inline` functions
 * `cache_HEADER_get(cache, handle, key, now, out)` and so on, and its traits.  The store is a source
 * that the configuration names.
 *
 * Guarantees
 *
 *  C0  Keys are from 0 to UINT64_MAX - 1.
 *  C1  Each put of a key gives the key a new version in the store, and versions of a key rise.
 *  C2  get(key, now, out) gives a value that the store had for the key, whole, and returns the level
 *      that it came from.  `now` is the caller's monotonic clock in nanoseconds, read when the
 *      call began.
 *  C3  Staleness: the value was the store's newest at some instant that is at least
 *      `now` - staleness, where the staleness is `stale_ttls` of the traits times the
 *      configuration's ttl_ns.  With 0: a put that returned before the get began is seen.
 *  C4  put(key, now, value) saves the value in the store, and returns the source's answer.  The
 *      value's version and its times are the source's to set.
 *  C5  What a failing source returns is returned: a negative errno value, and nothing is cached.
 *  C6  With CACHE_SINGLE_FLIGHT, of gets of one key that miss at once, with no put between, one
 *      alone asks the source; the others wait for it.
 *  C7  A thread attaches before it uses a cache and detaches after.  fini returns -EBUSY while one is
 *      attached; it and init are called by one thread while nothing else is under way.  init may
 *      return -ENOMEM, attach -ENOMEM or -EAGAIN.
 */
#ifndef CONTEND_BENCH_SERVE_CACHE_H
#define CONTEND_BENCH_SERVE_CACHE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bench/serve/means.h"
#include "locks/parts/allocator.h"

enum { CACHE_WORDS = 2 };

struct cache_value {
    uint64_t version;   /* of its key, from 1 on */
    uint64_t loaded_ns; /* before the store was asked for it */
    uint64_t took_ns;   /* about how long the store takes */
    uint64_t data[CACHE_WORDS];
};

/* Where values come from and go to.  Both may be called by several threads at once, and may sleep. */
struct cache_source {
    int (*load)(void *ctx, uint64_t key, uint64_t now, struct cache_value *out); /* 0 or an error */
    int (*save)(void *ctx, uint64_t key, uint64_t now, struct cache_value *value);
    void *ctx;
};

struct cache_config {
    const struct cache_source *source;
    uint64_t slots;  /* of the second level; rounded up to a power of two; 0 = 1024 */
    uint64_t ttl_ns; /* how long a value may be used, for means that go by time; 0 = 1 s */
    const struct contend_allocator *allocator; /* NULL = the C library's */
};

/* Which level a get was answered from. */
enum cache_level { CACHE_LEVEL_1, CACHE_LEVEL_2, CACHE_SOURCE, CACHE_LEVELS };

enum cache_features {
    CACHE_SINGLE_FLIGHT = 1, /* C6 */
    CACHE_EXPIRES = 2,       /* goes by ttl_ns */
};

struct cache_traits {
    struct contend_identity id;
    unsigned hit;        /* progress of a get that hits, enum contend_progress */
    unsigned stale_ttls; /* C3 */
    unsigned features;
};

#define CACHE_OPERATIONS(GIVES, DOES)                                                         \
    GIVES(int, init, (void *cache, const struct cache_config *config), (cache, config))       \
    GIVES(int, fini, (void *cache), (cache))                                                  \
    GIVES(int, attach, (void *cache, void *handle), (cache, handle))                          \
    DOES(detach, (void *cache, void *handle), (cache, handle))                                \
    GIVES(int, get,                                                                           \
          (void *cache, void *handle, uint64_t key, uint64_t now, struct cache_value *out),   \
          (cache, handle, key, now, out))                                                     \
    GIVES(int, put,                                                                           \
          (void *cache, void *handle, uint64_t key, uint64_t now, struct cache_value *value), \
          (cache, handle, key, now, value))

/* The loops of benchmarks: none, since the source's latency is most of what is measured. */
struct cache_loops {
    const void *none;
};

/* The table, and the registry. */
SERVE_MEANS(cache, CACHE_OPERATIONS);

#endif
