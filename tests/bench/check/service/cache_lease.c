/*
 * cache_lease.c - two gets and a put of one key, of the cache with single flight.
 *
 * A get that begins after the put has returned must see its version, whichever thread fills the slot; and of
 * gets that miss together none sleeps for ever.
 */
#include "bench/serve/cache/lease.h"
#include "bench/check/textbook/textbook.h"

enum { KEY = 3 };

static struct cache_lease *cache;
static _Atomic uint64_t newest; /* the store */
static struct cache_source source;

static int load(void *unused, uint64_t key, uint64_t now, struct cache_value *out)
{
    (void)unused, (void)key;
    out->version = LD(newest, rlx);
    out->loaded_ns = now;
    return 0;
}

static int save(void *unused, uint64_t key, uint64_t now, struct cache_value *value)
{
    (void)unused, (void)key, (void)now;
    value->version = ADD(newest, 1, rlx) + 1;
    return 0;
}

static void setup(void *unused)
{
    (void)unused;
    source = (struct cache_source){ load, save, NULL };
    const struct cache_config config = { .source = &source, .slots = 1 };
    atomic_init(&newest, 1);
    cache = aligned_alloc(CONTEND_CACHE_LINE, (sizeof *cache + 127) / 128 * 128);
    check_that(cache_lease_init(cache, &config) == 0);
}

static struct cache_lease_handle *attached(void)
{
    struct cache_lease_handle *h = malloc(sizeof *h);

    check_that(cache_lease_attach(cache, h) == 0);
    return h;
}

static uint64_t version_seen(struct cache_lease_handle *h)
{
    struct cache_value value = { 0 };

    check_that(cache_lease_get(cache, h, KEY, 1, &value) >= 0);
    return value.version;
}

static void get(void *unused)
{
    struct cache_lease_handle *h = attached();
    uint64_t first = version_seen(h);

    (void)unused;
    check_that(first == 1 || first == 2);
    cache_lease_detach(cache, h);
    free(h);
}

static void put(void *unused)
{
    struct cache_lease_handle *h = attached();
    struct cache_value value = { 0 };

    (void)unused;
    check_that(cache_lease_put(cache, h, KEY, 1, &value) == 0 && value.version == 2);
    check_that(version_seen(h) == 2);
    cache_lease_detach(cache, h);
    free(h);
}

static void finally(void *unused)
{
    struct cache_lease_handle *h = attached();

    (void)unused;
    check_that(version_seen(h) == 2);
    cache_lease_detach(cache, h);
    check_that(cache_lease_fini(cache) == 0);
    free(h);
    free(cache);
}

const struct check_test textbook = { .name = "cache_lease", .setup = setup,
                                     .threads = { get, get, put }, .finally = finally };
