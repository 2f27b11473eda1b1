/*
 * cache.c - every cache is held to its contract, and the oracle of staleness to what it should find.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/serve/cache/cache.h"
#include "bench/serve/cache/file.h"
#include "bench/serve/labs/slow_store.h"
#include "bench/serve/labs/staleness.h"

/* ---- the oracle ---- */

static struct stale_verdict judged(const struct stale_event *writes, size_t n,
                                   const struct stale_event *reads, size_t m, uint64_t bound)
{
    struct stale_event copy[8];
    struct stale_verdict v;

    memcpy(copy, writes, n * sizeof *writes);
    assert_int_equal(staleness_judge(copy, n, reads, m, bound, &v), 0);
    return v;
}

static void the_oracle_knows_what_is_stale(void **state)
{
    /* Version 3 returned at 60, before version 2 did, and both are older than a read from 70 on. */
    static const struct stale_event writes[] = {
        { 9, 2, 0, 5 }, { 7, 3, 30, 60 }, { 7, 2, 10, 65 },
    };
    static const struct stale_event right[] = {
        { 7, 1, 5, 8 }, { 7, 1, 60, 61 }, { 7, 2, 11, 12 }, { 7, 3, 70, 71 }, { 8, 1, 99, 100 },
        { 7, 3, 31, 31 },
    };
    static const struct stale_event old = { 7, 2, 70, 71 }, older = { 7, 1, 90, 91 };
    static const struct stale_event nowhere[] = { { 7, 2, 1, 9 }, { 7, 4, 70, 71 }, { 5, 2, 1, 2 } };
    struct stale_verdict v = judged(writes, 3, right, 6, 0);

    (void)state;
    assert_true(v.stale == 0 && v.from_nowhere == 0 && v.worst_ns == 0 && v.reads == 6);
    v = judged(writes, 3, &old, 1, 9);
    assert_true(v.stale == 1 && v.worst_ns == 10);
    v = judged(writes, 3, &old, 1, 10);
    assert_true(v.stale == 0 && v.worst_ns == 10);
    v = judged(writes, 3, &older, 1, 0);
    assert_true(v.stale == 1 && v.worst_ns == 30);
    v = judged(writes, 3, nowhere, 3, 0);
    assert_true(v.stale == 0 && v.from_nowhere == 3);
}

/* ---- the caches ---- */

struct rig {
    const struct cache_ops *ops;
    struct slow_store store;
    struct cache_source source;
    void *cache, *handles[2];
};

enum { TTL = 1000, BEGIN = 1000000 };

static void rig_up(struct rig *r, const struct cache_ops *ops)
{
    *r = (struct rig){ .ops = ops, .cache = contend_alloc(CONTEND_CACHE_LINE, ops->size) };
    assert_int_equal(slow_store_make(&r->store, 100, 0), 0);
    r->source = slow_store_source(&r->store);
    const struct cache_config config = { .source = &r->source, .slots = 8, .ttl_ns = TTL };
    assert_int_equal(ops->init(r->cache, &config), 0);
    for (unsigned i = 0; i < 2; i++) {
        r->handles[i] = contend_alloc(CONTEND_CACHE_LINE, ops->handle_size);
        assert_int_equal(ops->attach(r->cache, r->handles[i]), 0);
    }
}

static void rig_down(struct rig *r)
{
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(r->ops->fini(r->cache), -EBUSY);
        r->ops->detach(r->cache, r->handles[i]);
        free(r->handles[i]);
    }
    assert_int_equal(r->ops->fini(r->cache), 0);
    free(r->cache);
    slow_store_free(&r->store);
}

static uint64_t version_of(struct rig *r, unsigned thread, uint64_t key, uint64_t now)
{
    struct cache_value v;
    int level = r->ops->get(r->cache, r->handles[thread], key, now, &v);

    assert_in_range(level, CACHE_LEVEL_1, CACHE_SOURCE);
    assert_true(slow_store_made(key, &v));
    return v.version;
}

/* A second get does not ask the store; another thread's neither; other keys do not disturb. */
static void hits_spare_the_store(const struct cache_ops *ops)
{
    struct rig r;

    rig_up(&r, ops);
    assert_int_equal(version_of(&r, 0, 5, BEGIN), 1);
    uint64_t loads = atomic_load(&r.store.loads);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(version_of(&r, i % 2, 5, BEGIN + i), 1);
    if (ops->traits->id.flags & CONTEND_FLOOR)
        assert_int_equal(atomic_load(&r.store.loads), loads + 4);
    else
        assert_int_equal(atomic_load(&r.store.loads), loads);
    for (uint64_t key = 0; key < 100; key++)
        assert_int_equal(version_of(&r, key % 2, key, BEGIN + 10), 1);
    rig_down(&r);
}

/* What another thread has put is seen at once, or after as many TTLs as are declared. */
static void puts_are_seen_in_time(const struct cache_ops *ops)
{
    struct cache_value v;
    struct rig r;

    rig_up(&r, ops);
    for (uint64_t round = 1; round < 20; round++) {
        uint64_t now = BEGIN + round * 10 * TTL;
        assert_int_equal(version_of(&r, 0, 5, now), round);
        assert_int_equal(version_of(&r, 1, 5, now), round);
        assert_int_equal(ops->put(r.cache, r.handles[0], 5, now + 1, &v), 0);
        assert_int_equal(v.version, round + 1);
        uint64_t seen = now + 2 + ops->traits->stale_ttls * TTL;
        assert_int_equal(version_of(&r, 1, 5, seen), round + 1);
        assert_int_equal(version_of(&r, 0, 5, seen), round + 1);
    }
    rig_down(&r);
}

static int refuse(void *ctx, uint64_t key, uint64_t now, struct cache_value *value)
{
    (void)ctx, (void)key, (void)now, (void)value;
    return -EIO;
}

static void what_fails_is_not_kept(const struct cache_ops *ops)
{
    struct cache_value v;
    struct rig r;

    rig_up(&r, ops);
    r.ops->detach(r.cache, r.handles[0]);
    r.ops->detach(r.cache, r.handles[1]);
    assert_int_equal(ops->fini(r.cache), 0);
    const struct cache_source broken = { refuse, refuse, NULL };
    const struct cache_config config = { .source = &broken, .slots = 8, .ttl_ns = TTL };
    assert_int_equal(ops->init(r.cache, &config), 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(ops->attach(r.cache, r.handles[i]), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ops->get(r.cache, r.handles[0], 5, BEGIN, &v), -EIO);
    assert_int_equal(ops->put(r.cache, r.handles[0], 5, BEGIN, &v), -EIO);
    assert_int_equal(ops->get(r.cache, r.handles[1], 5, BEGIN, &v), -EIO);
    rig_down(&r);
}

/* Neither level gives a value its time anew: after one TTL it is over everywhere. */
static void two_levels_are_no_staler_than_one(void **state)
{
    struct cache_value v;
    struct rig r;

    (void)state;
    rig_up(&r, contend_cache_find("ttl"));
    assert_int_equal(version_of(&r, 0, 5, BEGIN), 1);
    assert_int_equal(r.ops->put(r.cache, r.handles[0], 5, BEGIN + 1, &v), 0);
    assert_int_equal(version_of(&r, 1, 5, BEGIN + TTL - 1), 1); /* from the second level */
    assert_int_equal(version_of(&r, 1, 5, BEGIN + TTL), 2);
    rig_down(&r);
}

/* ---- the level on a disk ---- */

static void a_file_survives_and_is_not_trusted(void **state)
{
    char name[] = "/tmp/contend-test-XXXXXX";
    struct slow_store store;
    struct cache_file file;
    struct cache_value v;
    int fd = mkstemp(name);

    (void)state;
    assert_true(fd >= 0);
    unlink(name);
    assert_int_equal(slow_store_make(&store, 100, 0), 0);
    const struct cache_source direct = slow_store_source(&store);
    struct cache_source filed = cache_file_open(&file, fd, 16, TTL, &direct);
    for (uint64_t key = 0; key < 20; key++)
        assert_int_equal(filed.load(filed.ctx, key, BEGIN, &v), 0);
    filed = cache_file_open(&file, fd, 16, TTL, &direct); /* after a restart */
    uint64_t loads = atomic_load(&store.loads);
    assert_int_equal(filed.load(filed.ctx, 3, BEGIN + TTL - 1, &v), 0);
    assert_true(slow_store_made(3, &v) && atomic_load(&store.loads) == loads);
    assert_int_equal(filed.load(filed.ctx, 3, BEGIN + TTL, &v), 0);
    assert_int_equal(atomic_load(&store.loads), loads + 1);
    assert_int_equal(v.loaded_ns, BEGIN + TTL);
    assert_int_equal(filed.load(filed.ctx, 3, BEGIN, &v), 0); /* a record from the future */
    assert_int_equal(atomic_load(&store.loads), loads + 2);
    const off_t size = sizeof(struct cache_file_record);
    for (off_t at = 0; at < 16 * CACHE_FILE_WAYS * size; at += size) { /* a word of each is rubbish */
        const off_t word = offsetof(struct cache_file_record, value.data);
        uint64_t rubbish = 77;
        assert_int_equal(pwrite(fd, &rubbish, 8, at + word), 8);
    }
    loads = atomic_load(&store.loads);
    for (uint64_t key = 0; key < 20; key++) {
        assert_int_equal(filed.load(filed.ctx, key, BEGIN, &v), 0);
        assert_true(slow_store_made(key, &v));
    }
    assert_int_equal(atomic_load(&store.loads), loads + 20);
    close(fd);
    slow_store_free(&store);
}

/* ---- each of this build ---- */

static void (*const cases[])(const struct cache_ops *) = {
    hits_spare_the_store, puts_are_seen_in_time, what_fails_is_not_kept,
};

static void run(void **state)
{
    void (*const *one)(const struct cache_ops *) = *state;

    for (const struct cache_ops *const *ops = contend_cache_registry; *ops; ops++) {
#ifdef __SANITIZE_THREAD__
        if ((*ops)->traits->id.flags & CONTEND_TSAN_UNSOUND)
            continue;
#endif
        print_message("# %s\n", (*ops)->traits->id.name);
        (*one)(*ops);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "hits spare the store", run, NULL, NULL, (void *)&cases[0] },
        { "puts are seen in time", run, NULL, NULL, (void *)&cases[1] },
        { "what fails is not kept", run, NULL, NULL, (void *)&cases[2] },
        cmocka_unit_test(the_oracle_knows_what_is_stale),
        cmocka_unit_test(two_levels_are_no_staler_than_one),
        cmocka_unit_test(a_file_survives_and_is_not_trusted),
    };

    return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
