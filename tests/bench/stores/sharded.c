/*
 * sharded.c - a presence map on several files of SQLite: a further file takes over its part of the users, and
 * the capacity is of all files together.
 */
#include <stdlib.h>

#include "bench/stores/presence_map/sqlite_sharded.h"
#include "tests/bench/stores/ready.h"

enum { USERS = 600, BORN = 1000000, ANY = -1 };

static void beat_all(struct map_rig *r, uint64_t now, int wanted)
{
    static uint64_t ids[USERS];
    static int results[USERS];

    for (unsigned u = 0; u < USERS; u++)
        ids[u] = u;
    assert_int_equal(r->ops->heartbeat_many(r->object, r->handle, ids, USERS, now, results), 0);
    for (unsigned u = 0; u < USERS; u++)
        assert_true(wanted == ANY ? results[u] >= 0 : results[u] == wanted);
}

static void a_further_file_takes_over_its_part(void **state)
{
    struct presence_stats stats;
    struct map_rig r;
    bool complete;

    (void)state;
    map_rig_up(&r, ready_store(&family_presence, "sqlite_sharded"), NULL);
    struct presence_sqlite_sharded *m = r.object;
    beat_all(&r, BORN, PRESENCE_CAME_ONLINE);
    for (unsigned nodes = 4; nodes <= PRESENCE_SQLITE_SHARDS; nodes++) {
        uint64_t now = BORN + nodes;
        unsigned moved = 0;
        assert_int_equal(presence_sqlite_sharded_grow(m), 0);
        assert_int_equal(m->ring.nodes, nodes);
        for (uint64_t u = 0; u < USERS; u++) {
            bool there = r.ops->is_online(r.object, r.handle, u, now) == 1;
            /* The new file takes over those that are not found, and nobody moves between the others. */
            assert_int_equal(!there, ring_node(&m->ring, u) == nodes - 1);
            moved += !there;
        }
        /* A `nodes`th of them, as far as 128 points and so few users allow. */
        assert_true(moved > USERS / nodes / 2 && moved < USERS * 3 / 2 / nodes);
        beat_all(&r, now, ANY);
        for (uint64_t u = 0; u < USERS; u++)
            assert_int_equal(r.ops->is_online(r.object, r.handle, u, now), 1);
    }
    assert_int_equal(presence_sqlite_sharded_grow(m), -ENOSPC);
    /* What was left behind goes with a sweep, and nothing else. */
    uint64_t later = BORN + PRESENCE_SQLITE_SHARDS + PRESENCE_DEFAULT_TTL_MS;
    assert_true(r.ops->sweep(r.object, r.handle, later, UINT64_MAX, &complete) > 0);
    assert_true(complete);
    assert_int_equal(r.ops->count_online(r.object, r.handle, later), USERS);
    r.ops->stats(r.object, &stats);
    assert_int_equal(stats.entries, USERS);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

static void the_capacity_is_of_all_files(void **state)
{
    const struct presence_config config = { .capacity = 20 };
    struct map_rig r;
    unsigned in = 0;

    (void)state;
    map_rig_up(&r, ready_store(&family_presence, "sqlite_sharded"), &config);
    for (uint64_t u = 0; u < 30; u++) {
        int answer = r.ops->heartbeat(r.object, r.handle, u, BORN);
        assert_int_equal(answer, in < 20 ? PRESENCE_CAME_ONLINE : -ENOSPC);
        in += answer == PRESENCE_CAME_ONLINE;
    }
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 3, BORN + 1), PRESENCE_REFRESHED);
    map_rig_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_further_file_takes_over_its_part),
        cmocka_unit_test(the_capacity_is_of_all_files),
    };

    return cmocka_run_group_tests_name("files of SQLite on a ring", tests, NULL, NULL) ? 1 : 0;
}
