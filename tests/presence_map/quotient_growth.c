/*
 * quotient_growth.c - what growth of quotient rows does, step by step: users keep their rows, lines stay as
 * full as was asked for, and a map without memory goes on with what it has.
 */
#include <errno.h>

#include "presence_map/quotient_growing.h"
#include "tests/support/failing_heap.h"
#include "tests/support/support.h"

enum { USERS = 3000, FEW = 20, ID_BITS = 48 };

struct rig {
    struct presence_quotient_growing map;
    struct presence_quotient_growing_handle handle;
};

/* A map for a few users, that is to hold many. */
static int rig_up(struct rig *r, int64_t pace, uint64_t capacity)
{
    const struct contend_setting list[] = { { "id_bits", ID_BITS }, { "stamp_bits", 8 },
                                            { "pace", pace } };
    const struct presence_config config = { .expected = FEW, .capacity = capacity,
                                            .settings = { .list = list, .count = 3 } };
    int error = presence_quotient_growing_init(&r->map, &config);

    if (error)
        return error;
    error = presence_quotient_growing_attach(&r->map, &r->handle);
    return error == -ENOMEM ? presence_quotient_growing_attach(&r->map, &r->handle) : error;
}

static void rig_down(struct rig *r)
{
    presence_quotient_growing_detach(&r->map, &r->handle);
    assert_int_equal(presence_quotient_growing_fini(&r->map), 0);
}

/* Sparse, and no two alike. */
static uint64_t user(uint64_t i)
{
    return (i * 1237) << 26;
}

static int beat(struct rig *r, uint64_t i, uint64_t second)
{
    return presence_quotient_growing_heartbeat(&r->map, &r->handle, user(i), second * 1000);
}

static int64_t seen(struct rig *r, uint64_t i)
{
    return presence_quotient_growing_last_seen(&r->map, &r->handle, user(i));
}

static bool splitting(struct rig *r)
{
    return quotient_growth_word(&r->map.growth) & 1;
}

static int meet(void *ctx, uint64_t id, uint64_t last_seen)
{
    unsigned char *met = ctx;
    uint64_t i = 0;

    while (i < USERS && user(i) != id)
        i++;
    assert_true(i < USERS);
    assert_int_equal(last_seen, (1000 + i % 7) * 1000);
    met[i]++;
    return 0;
}

/* In the middle of a part as well as between two, all users are there once, and nobody else is. */
static void keeps_everybody(void **state)
{
    static unsigned char met[USERS];
    unsigned middles = 0;
    struct rig r;

    (void)state;
    assert_int_equal(rig_up(&r, 1, 0), 0);
    for (uint64_t i = 0; i < USERS; i++) {
        assert_int_equal(beat(&r, i, 1000 + i % 7), PRESENCE_CAME_ONLINE);
        middles += splitting(&r);
        if (i % 97 != 96)
            continue;
        for (uint64_t u = 0; u <= i; u++)
            assert_int_equal(seen(&r, u), (1000 + u % 7) * 1000);
        assert_int_equal(seen(&r, i + 1), -ENOENT);
        assert_int_equal(presence_quotient_growing_count_online(&r.map, &r.handle, 1010000), i + 1);
        memset(met, 0, sizeof met);
        assert_int_equal(presence_quotient_growing_for_each_online(&r.map, &r.handle, 1010000, meet,
                                                                   met), 0);
        for (uint64_t u = 0; u < USERS; u++)
            assert_int_equal(met[u], u <= i);
    }
    assert_in_range(middles, USERS / 20, USERS - 1);
    /* Refreshes, leaves and a sweep find them where they have gone. */
    for (uint64_t i = 0; i < USERS; i += 2)
        assert_int_equal(beat(&r, i, 1020), PRESENCE_REFRESHED);
    for (uint64_t i = 0; i < USERS; i += 4)
        assert_int_equal(presence_quotient_growing_leave(&r.map, &r.handle, user(i), 1020000), 1);
    bool complete;
    assert_int_equal(presence_quotient_growing_sweep(&r.map, &r.handle, 1045000, UINT64_MAX,
                                                     &complete), USERS / 2);
    assert_true(complete);
    struct presence_stats s;
    presence_quotient_growing_stats(&r.map, &s);
    assert_int_equal(s.entries, USERS / 4);
    rig_down(&r);
}

/* The lines stay as full as was asked for, and what they are part of is small beside them. */
static void is_as_full_as_asked(void **state)
{
    struct presence_stats s;
    struct rig r;

    (void)state;
    assert_int_equal(rig_up(&r, 2, 0), 0);
    for (uint64_t i = 0; i < USERS; i++) {
        assert_int_equal(beat(&r, i, 1000), PRESENCE_CAME_ONLINE);
        struct quotient_growth *g = &r.map.growth;
        uint64_t lines = quotient_growth_lines(g), part = UINT64_C(1) << g->shift;
        /* A thread tells after a batch, and the map grows by whole parts. */
        assert_true((int64_t)i + 1 - g->batch <= quotient_growth_limit(g, lines));
        assert_true(lines <= 2 * part || quotient_growth_limit(g, lines - 2 * part) <= (int64_t)i + 1);
    }
    presence_quotient_growing_stats(&r.map, &s);
    uint64_t lines = quotient_growth_lines(&r.map.growth);
    assert_true(s.bytes - sizeof r.map - 64 * sizeof(struct stripe_lock) <
                lines * QUOTIENT_LINE + lines * QUOTIENT_LINE / 20 + 1024);
    rig_down(&r);
}

/* All allocations fail once: the map goes on with what it has, and takes what comes later. */
static void survives_without_memory(void **state)
{
    struct presence_stats s;
    bool failed = true;
    struct rig r;
    int k = 0;

    (void)state;
    for (; failed; k = k < 20 ? k + 1 : k + k / 4) {
        unsigned errors = 0;
        heap_fails_after(k);
        int error = rig_up(&r, 1, 0);
        if (error) {
            assert_int_equal(error, -ENOMEM);
            continue;
        }
        for (uint64_t i = 0; i < USERS; i++) {
            int result = beat(&r, i, 1000);
            if (result == -ENOMEM) {
                errors++;
                assert_int_equal(seen(&r, i), -ENOENT);
                result = beat(&r, i, 1000);
            }
            assert_int_equal(result, PRESENCE_CAME_ONLINE);
        }
        failed = heap_failed();
        assert_true(errors <= 1);
        for (uint64_t i = 0; i < USERS; i++)
            assert_int_equal(seen(&r, i), 1000000);
        presence_quotient_growing_stats(&r.map, &s);
        assert_int_equal(s.entries, USERS);
        rig_down(&r);
    }
    assert_true(k > 20);
}

/* What a reserve has made is there, and with a capacity no line is added. */
static void grows_ahead_or_not_at_all(void **state)
{
    struct rig r;

    (void)state;
    assert_int_equal(rig_up(&r, 1, 0), 0);
    assert_int_equal(presence_quotient_growing_reserve(&r.map, &r.handle, USERS), 0);
    uint64_t lines = quotient_growth_lines(&r.map.growth);
    for (uint64_t i = 0; i < USERS; i++)
        assert_int_equal(beat(&r, i, 1000), PRESENCE_CAME_ONLINE);
    assert_int_equal(quotient_growth_lines(&r.map.growth), lines);
    rig_down(&r);
    assert_int_equal(rig_up(&r, 1, 100), 0);
    lines = quotient_growth_lines(&r.map.growth);
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(beat(&r, i, 1000), PRESENCE_CAME_ONLINE);
    assert_int_equal(beat(&r, 100, 1000), -ENOSPC);
    assert_int_equal(quotient_growth_lines(&r.map.growth), lines);
    rig_down(&r);
}

/* Rows that a new horizon cannot tell go from all the lines to which they were spread. */
static void forgets_in_all_lines(void **state)
{
    struct presence_stats s;
    struct rig r;

    (void)state;
    assert_int_equal(rig_up(&r, 1, 0), 0);
    for (uint64_t i = 0; i < USERS; i++)
        assert_int_equal(beat(&r, i, 1000), PRESENCE_CAME_ONLINE);
    for (uint64_t second = 1064; second < 1000 + 64 * 5; second += 64)
        assert_int_equal(beat(&r, 1, second), PRESENCE_CAME_ONLINE);
    presence_quotient_growing_stats(&r.map, &s);
    assert_int_equal(s.entries, 1);
    assert_int_equal(s.swept, s.inserts - 1);
    rig_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_everybody),
        cmocka_unit_test(is_as_full_as_asked),
        cmocka_unit_test(survives_without_memory),
        cmocka_unit_test(grows_ahead_or_not_at_all),
        cmocka_unit_test(forgets_in_all_lines),
    };

    return cmocka_run_group_tests_name("quotient_growth", tests, NULL, NULL);
}
