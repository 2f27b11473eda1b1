/*
 * segments.c - what the segments of presence_map/segments.h are for, in one thread: places stay within
 * their bound, segments that are due or empty go back as a whole, and neighbours become one.
 */
#include <errno.h>

#include "bench/check/map_model.h"
#include "presence_map/segments.h"
#include "tests/support/failing_heap.h"
#include "tests/support/support.h"

enum { USERS = 600, SIZE = 16 };

struct rig {
    struct presence_segments map;
    struct presence_segments_handle handle;
    struct presence_segments_shard *shard; /* the only one */
};

/* One shard, made for few users. */
static void rig_up(struct rig *r, int64_t size, uint64_t expected)
{
    const struct contend_setting list[] = { { "stripes", 1 }, { "segment", size } };
    const struct presence_config config = { .expected = expected, .settings = { .list = list, .count = 2 } };

    assert_int_equal(presence_segments_init(&r->map, &config), 0);
    assert_int_equal(presence_segments_attach(&r->map, &r->handle), 0);
    r->shard = r->map.shards;
}

static void rig_down(struct rig *r)
{
    presence_segments_detach(&r->map, &r->handle);
    assert_int_equal(presence_segments_fini(&r->map), 0);
}

static int beat(struct rig *r, uint64_t user, uint64_t now)
{
    return presence_segments_heartbeat(&r->map, &r->handle, user, now);
}

static int64_t sweep(struct rig *r, uint64_t now, uint64_t budget, bool *complete)
{
    return presence_segments_sweep(&r->map, &r->handle, now, budget, complete);
}

/* Users beat at random, so that no segment dies as a whole. */
static void places_are_bounded(void **state)
{
    struct support_random random = { support_seed() };
    struct rig r;

    (void)state;
    rig_up(&r, SIZE, 1);
    for (uint64_t n = 0; n < 40 * USERS; n++) {
        assert_true(beat(&r, support_below(&random, USERS), EPOCH + n) >= 0);
        assert_true((uint64_t)r.shard->in_use * SIZE <= 2 * r.shard->used + 2 * SIZE);
    }
    assert_int_equal(r.shard->used, USERS);
    for (uint64_t u = 0; u < USERS; u++)
        assert_int_equal(presence_segments_leave(&r.map, &r.handle, u, EPOCH + 40 * USERS), 1);
    assert_int_equal(r.shard->in_use, 1); /* the open one */
    assert_true(r.shard->made <= 2);
    rig_down(&r);
}

/* Users beat in turn: all segments but the last round's are free. */
static void a_dead_segment_is_free(void **state)
{
    struct rig r;

    (void)state;
    rig_up(&r, SIZE, USERS);
    for (uint64_t n = 0; n < 10 * USERS; n++)
        assert_true(beat(&r, n % USERS, EPOCH + n) >= 0);
    assert_true(r.shard->in_use <= USERS / SIZE + 2);
    rig_down(&r);
}

/* A round with a budget of one counts what is examined: segments if nobody is due, else entries. */
static uint64_t steps_of_a_round(struct rig *r, uint64_t now, int64_t *removed)
{
    uint64_t steps = 0;
    bool complete = false;

    for (*removed = 0; !complete; steps++)
        *removed += sweep(r, now, 1, &complete);
    return steps;
}

static void a_sweep_looks_at_segments(void **state)
{
    int64_t removed;
    struct rig r;

    (void)state;
    rig_up(&r, SIZE, USERS);
    for (uint64_t u = 0; u < USERS; u++)
        assert_int_equal(beat(&r, u, u < 2 * SIZE ? EPOCH : EPOCH + TTL), PRESENCE_CAME_ONLINE);
    assert_true(steps_of_a_round(&r, EPOCH + TTL, &removed) <= USERS / SIZE + 2);
    assert_int_equal(removed, 0);
    assert_true(steps_of_a_round(&r, EPOCH + TTL + 1, &removed) <= USERS / SIZE + 2 + 2 * SIZE);
    assert_int_equal(removed, 2 * SIZE);
    rig_down(&r);
}

/* The first of a segment has beaten again: that it was old is forgotten by a sweep that looks. */
static void a_sweep_learns_who_is_oldest(void **state)
{
    const uint64_t late = EPOCH + TTL + 1;
    int64_t removed;
    struct rig r;
    bool complete;

    (void)state;
    rig_up(&r, SIZE, USERS);
    for (uint64_t u = 0; u < SIZE; u++)
        assert_int_equal(beat(&r, u, EPOCH + (u > 0)), PRESENCE_CAME_ONLINE);
    assert_int_equal(beat(&r, 0, late), PRESENCE_CAME_ONLINE);
    assert_int_equal(sweep(&r, late, UINT64_MAX, &complete), 0);
    assert_true(steps_of_a_round(&r, late, &removed) <= 3);
    rig_down(&r);
}

/* The segment in which a budgeted round has stopped is gone when it goes on: with the next one. */
static void a_round_outlives_its_segment(void **state)
{
    const uint64_t late = EPOCH + TTL + 1;
    int64_t removed;
    struct rig r;
    bool complete;

    (void)state;
    rig_up(&r, SIZE, USERS);
    for (uint64_t u = 0; u < 3 * SIZE; u++)
        assert_int_equal(beat(&r, u, EPOCH), PRESENCE_CAME_ONLINE);
    assert_int_equal(sweep(&r, late, 1, &complete), 1);
    assert_false(complete);
    for (uint64_t u = 1; u < SIZE; u++) /* all others of the first segment */
        assert_int_equal(beat(&r, u, late), PRESENCE_CAME_ONLINE);
    steps_of_a_round(&r, late, &removed);
    assert_int_equal(removed, 2 * SIZE);
    rig_down(&r);
}

/* Users who are there can beat, each in the place of the entry; a new user is refused. */
static void without_memory_users_beat_in_place(void **state)
{
    struct rig r;

    (void)state;
    rig_up(&r, SIZE, SIZE); /* one segment; the index serves as many */
    for (uint64_t u = 0; u < SIZE - 1; u++)
        assert_int_equal(beat(&r, u, EPOCH), PRESENCE_CAME_ONLINE);
    assert_int_equal(presence_segments_leave(&r.map, &r.handle, 1, EPOCH), 1);
    assert_int_equal(beat(&r, 1, EPOCH), PRESENCE_CAME_ONLINE);
    assert_int_equal(r.shard->filled, SIZE);
    heap_fails_after(0);
    assert_int_equal(beat(&r, 99, EPOCH), -ENOMEM);
    assert_true(heap_failed());
    assert_int_equal(beat(&r, 99, EPOCH), PRESENCE_CAME_ONLINE); /* in a second segment */
    assert_int_equal(beat(&r, 98, EPOCH), PRESENCE_CAME_ONLINE);
    while (r.shard->filled < SIZE) {
        assert_int_equal(presence_segments_leave(&r.map, &r.handle, 99, EPOCH), 1);
        assert_int_equal(beat(&r, 99, EPOCH), PRESENCE_CAME_ONLINE);
    }
    heap_fails_after(0);
    assert_int_equal(beat(&r, 0, EPOCH + 2), PRESENCE_REFRESHED);
    assert_true(heap_failed());
    assert_int_equal(r.shard->in_use, 2);
    assert_int_equal(presence_segments_last_seen(&r.map, &r.handle, 0), EPOCH + 2);
    rig_down(&r);
}

/* ---- the same answers as a table's, for random calls ---- */

static int meet(void *ctx, uint64_t user, uint64_t last_seen)
{
    uint64_t *seen_at = ctx;

    assert_true(user < USERS && seen_at[user] == 0);
    seen_at[user] = last_seen;
    return 0;
}

static uint64_t sweep_model(uint64_t *model, uint64_t now)
{
    uint64_t removed = 0;

    for (uint64_t u = 0; u < USERS; u++)
        if (model[u] && !presence_fresh(model[u], now, TTL)) {
            model[u] = 0;
            removed++;
        }
    return removed;
}

static void is_as_the_model(struct rig *r, const uint64_t *model, uint64_t now)
{
    uint64_t met[USERS] = { 0 };

    assert_int_equal(presence_segments_for_each_online(&r->map, &r->handle, now, meet, met), 0);
    for (uint64_t u = 0; u < USERS; u++) {
        int64_t last = presence_segments_last_seen(&r->map, &r->handle, u);
        assert_int_equal(last, model[u] ? (int64_t)model[u] : -ENOENT);
        assert_int_equal(met[u], model[u] && presence_fresh(model[u], now, TTL) ? model[u] : 0);
    }
}

static int expected_of(const uint64_t *stamp, uint64_t now)
{
    if (!*stamp || now < *stamp)
        return *stamp ? PRESENCE_STALE : PRESENCE_CAME_ONLINE;
    return presence_raised(*stamp, now, TTL);
}

/* Some beat ten times as often as others, and clocks differ by up to a TTL and a third. */
static void answers_as_a_table(void **state)
{
    struct support_random random = { support_seed() };

    (void)state;
    for (int64_t size = 1; size <= 64; size *= 2) {
        uint64_t model[USERS] = { 0 }, now = EPOCH;
        struct rig r;
        bool complete;
        rig_up(&r, size, 1);
        for (int n = 0; n < 6000; n++) {
            uint64_t u = support_below(&random, support_below(&random, 2) ? USERS : USERS / 10);
            now += support_below(&random, 100);
            uint64_t at = support_below(&random, 8) ? now : now - support_below(&random, 40000);
            uint64_t what = support_below(&random, 200);
            if (what > 60) {
                assert_int_equal(beat(&r, u, at), expected_of(&model[u], at));
                model[u] = at > model[u] ? at : model[u];
            } else if (what > 5) {
                bool goes = model[u] && model[u] <= at;
                assert_int_equal(presence_segments_leave(&r.map, &r.handle, u, at), goes);
                model[u] = goes ? 0 : model[u];
            } else if (what > 1) {
                assert_int_equal(sweep(&r, at, UINT64_MAX, &complete), sweep_model(model, at));
            } else {
                is_as_the_model(&r, model, at);
            }
        }
        is_as_the_model(&r, model, now);
        rig_down(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_bounded),
        cmocka_unit_test(a_dead_segment_is_free),
        cmocka_unit_test(a_sweep_looks_at_segments),
        cmocka_unit_test(a_sweep_learns_who_is_oldest),
        cmocka_unit_test(a_round_outlives_its_segment),
        cmocka_unit_test(without_memory_users_beat_in_place),
        cmocka_unit_test(answers_as_a_table),
    };

    return cmocka_run_group_tests_name("segments", tests, NULL, NULL);
}
