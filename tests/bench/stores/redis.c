/*
 * redis.c - what is special to some maps in Redis: the ring of bitmaps forgets what is too old, and a
 * further server takes over its part of the users and nobody else.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/stores/redis/sharded.h"
#include "bench/stores/redis/slots.h"
#include "tests/bench/stores/ready.h"

enum { USERS = 100000, FEW = 600, INTERVAL = 10000 };

/* The examples of the cluster's specification, and the check value of the CRC. */
static void slots_are_those_of_the_specification(void **state)
{
    (void)state;
    assert_int_equal(redis_slot("123456789"), 0x31c3);
    assert_int_equal(redis_slot(""), 0);
    assert_int_equal(redis_slot("{user1000}.following"), redis_slot("{user1000}.followers"));
    assert_int_equal(redis_slot("{user1000}.following"), redis_slot("user1000"));
    assert_int_equal(redis_slot("foo{{bar}}zap"), redis_slot("{bar"));
    assert_int_equal(redis_slot("foo{bar}{zap}"), redis_slot("bar"));
    assert_int_not_equal(redis_slot("foo{}{bar}"), redis_slot("bar")); /* the whole key counts */
}

/* From k nodes to k + 1: only the new one gets users, and about 1/(k + 1) of them. */
static void a_further_node_moves_its_part(void **state)
{
    static struct ring ring;
    static unsigned char before[USERS];

    (void)state;
    ring_init(&ring);
    assert_int_equal(ring_add(&ring), 0);
    for (unsigned nodes = 1; nodes < 12; nodes++) {
        unsigned moved = 0, modulo = 0;
        for (unsigned u = 0; u < USERS; u++)
            before[u] = (unsigned char)ring_node(&ring, u);
        assert_int_equal(ring_add(&ring), nodes);
        for (unsigned u = 0; u < USERS; u++) {
            unsigned now = ring_node(&ring, u);
            if (now != before[u])
                assert_int_equal(now, nodes);
            moved += now != before[u];
            modulo += u % nodes != u % (nodes + 1);
        }
        double part = (double)moved / USERS, equal = 1.0 / (nodes + 1);
        if (part < 0.6 * equal || part > 1.4 * equal)
            fail_msg("%u nodes: %.4f of the users move, not about %.4f", nodes, part, equal);
        if (nodes > 2)
            assert_true(modulo > 2 * moved); /* which is why it is not the number modulo k */
    }
    /* The first ids are not one node's: each of four has at least a tenth of 200. */
    ring_init(&ring);
    unsigned of[4] = { 0 };
    while (ring.nodes < 4)
        ring_add(&ring);
    for (unsigned u = 0; u < 200; u++)
        of[ring_node(&ring, u)]++;
    for (unsigned node = 0; node < 4; node++)
        assert_true(of[node] >= 20);
    while (ring.nodes < RING_NODES)
        ring_add(&ring);
    assert_int_equal(ring_add(&ring), -ENOSPC);
}

/* Those whom a new server takes over are offline until they beat again; nobody else is. */
static void a_further_server_takes_users_over(void **state)
{
    static const struct contend_setting two = { "nodes", 2 };
    static const struct presence_config config = { .settings = { .list = &two, .count = 1 } };
    unsigned char stays[FEW];
    unsigned taken = 0;
    struct map_rig r;

    (void)state;
    map_rig_up(&r, ready_store(&family_presence, "redis_sharded"), &config);
    struct redis_sharded_place *place = r.object; /* the object begins with it */
    for (unsigned u = 0; u < FEW; u++) {
        assert_int_equal(r.ops->heartbeat(r.object, r.handle, u, 5000), PRESENCE_CAME_ONLINE);
        stays[u] = (unsigned char)ring_node(&place->ring, u);
    }
    assert_int_equal(r.ops->count_online(r.object, r.handle, 5000), FEW);
    map_rig_assert_balance(&r);
    assert_int_equal(redis_sharded_grow(place), 0);
    for (unsigned u = 0; u < FEW; u++) {
        bool moved = ring_node(&place->ring, u) != stays[u];
        assert_int_equal(r.ops->is_online(r.object, r.handle, u, 5000), !moved);
        taken += moved;
    }
    assert_true(taken > FEW / 6 && taken < FEW / 2);
    for (unsigned u = 0; u < FEW; u++)
        assert_true(r.ops->heartbeat(r.object, r.handle, u, 15000) >= 0);
    for (unsigned u = 0; u < FEW; u++)
        assert_int_equal(r.ops->is_online(r.object, r.handle, u, 15000), 1);
    /* What they left behind is on no way that leads there, and goes with the next sweep. */
    assert_int_equal(r.ops->count_online(r.object, r.handle, 36000), FEW);
    map_rig_down(&r);
}

static uint64_t entries(const struct map_rig *r)
{
    struct presence_stats s;

    r->ops->stats(r->object, &s);
    return s.entries;
}

/* Sixteen intervals are told apart; the seventeenth drops the first, and a beat of then is refused. */
static void the_ring_forgets_what_is_too_old(void **state)
{
    static const struct presence_config config = { .expected = 100 };
    const uint64_t begin = 100 * INTERVAL;
    struct map_rig r;
    bool complete;

    (void)state;
    map_rig_up(&r, ready_store(&family_presence, "redis_bitmap"), &config);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(r.ops->heartbeat(r.object, r.handle, i, begin + i * INTERVAL + i),
                         PRESENCE_CAME_ONLINE);
    assert_int_equal(entries(&r), 16);
    assert_int_equal(r.ops->is_online(r.object, r.handle, 0, begin + 39999), 1);
    assert_int_equal(r.ops->is_online(r.object, r.handle, 0, begin + 40000), 0);
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 50, begin), PRESENCE_CAME_ONLINE);
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 51, begin - 1), -ERANGE);
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 15, begin + 16 * INTERVAL),
                     PRESENCE_REFRESHED);
    assert_int_equal(entries(&r), 15); /* 0 and 50 are gone, 15 has moved */
    map_rig_assert_balance(&r);
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 0, begin), -ERANGE);
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 100, begin + 16 * INTERVAL), -ERANGE);
    /* A budget that ends within a bitmap. */
    for (unsigned u = 60; u < 70; u++)
        assert_int_equal(r.ops->heartbeat(r.object, r.handle, u, begin + INTERVAL), PRESENCE_CAME_ONLINE);
    assert_int_equal(r.ops->sweep(r.object, r.handle, begin + 6 * INTERVAL, 4, &complete), 4);
    assert_false(complete);
    assert_int_equal(r.ops->sweep(r.object, r.handle, begin + 6 * INTERVAL, 100, &complete), 8);
    assert_true(complete);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_those_of_the_specification),
        cmocka_unit_test(a_further_node_moves_its_part),
        cmocka_unit_test(a_further_server_takes_users_over),
        cmocka_unit_test(the_ring_forgets_what_is_too_old),
    };
    int failed = cmocka_run_group_tests_name("maps in Redis", tests, NULL, NULL);

    stores_end();
    return failed ? 1 : 0;
}
