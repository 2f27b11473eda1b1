/* slow_store.c - versions of keys, behind a latency. */
#include "bench/serve/labs/slow_store.h"

#include <stdlib.h>
#include <time.h>

#include "locks/parts/hash.h"
#include "locks/parts/platform.h"

static void sleep_ns(uint64_t ns)
{
    if (ns)
        nanosleep(&(struct timespec){ (time_t)(ns / 1000000000), (long)(ns % 1000000000) }, NULL);
}

static void fill(uint64_t key, struct cache_value *value)
{
    for (unsigned i = 0; i < CACHE_WORDS; i++)
        value->data[i] = presence_hash(key ^ value->version << 20, i);
}

static int load(void *ctx, uint64_t key, uint64_t now, struct cache_value *out)
{
    struct slow_store *s = ctx;

    /* relaxed: a count. */
    atomic_fetch_add_explicit(&s->loads, 1, memory_order_relaxed);
    sleep_ns(s->latency_ns / 2);
    out->loaded_ns = now;
    out->took_ns = s->latency_ns;
    /* seq_cst, here and below: a store is one place, whatever the cache does. */
    out->version = atomic_load_explicit(&s->versions[key % s->keys], memory_order_seq_cst);
    fill(key, out);
    sleep_ns(s->latency_ns - s->latency_ns / 2);
    return 0;
}

static int save(void *ctx, uint64_t key, uint64_t now, struct cache_value *value)
{
    struct slow_store *s = ctx;

    /* relaxed: a count. */
    atomic_fetch_add_explicit(&s->saves, 1, memory_order_relaxed);
    sleep_ns(s->latency_ns / 2);
    value->loaded_ns = now;
    value->took_ns = s->latency_ns;
    value->version = atomic_fetch_add_explicit(&s->versions[key % s->keys], 1, memory_order_seq_cst) + 1;
    fill(key, value);
    sleep_ns(s->latency_ns - s->latency_ns / 2);
    return 0;
}

int slow_store_make(struct slow_store *s, uint64_t keys, uint64_t latency_ns)
{
    *s = (struct slow_store){ .keys = keys, .latency_ns = latency_ns };
    s->versions = malloc(keys * sizeof *s->versions);
    for (uint64_t i = 0; s->versions && i < keys; i++)
        atomic_init(&s->versions[i], 1);
    return s->versions ? 0 : -ENOMEM;
}

void slow_store_free(struct slow_store *s)
{
    free(s->versions);
}

struct cache_source slow_store_source(struct slow_store *s)
{
    return (struct cache_source){ load, save, s };
}

bool slow_store_made(uint64_t key, const struct cache_value *value)
{
    struct cache_value wanted = *value;

    fill(key, &wanted);
    return value->version > 0 && memcmp(wanted.data, value->data, sizeof wanted.data) == 0;
}
