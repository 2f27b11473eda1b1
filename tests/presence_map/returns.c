/*
 * returns.c - a full map whose users come and go: each place is one place, however often it is taken.
 */
#include "bench/check/map_model.h"
#include "tests/support/support.h"

enum { PLACES = 96, TURNS = 5, CROWD = 200 };

/* Everybody at once: as many as the capacity, then none whom it does not have, or few. */
static void fills(struct map_rig *r, uint64_t now)
{
    for (uint64_t u = 0; u < PLACES; u++)
        assert_int_equal(r->ops->heartbeat(r->object, r->handle, u, now), PRESENCE_CAME_ONLINE);
    int64_t result = 0;
    for (uint64_t u = PLACES; u < 100 * PLACES && result >= 0; u++)
        result = r->ops->heartbeat(r->object, r->handle, u, now);
    assert_int_equal(result, dense(r->ops) ? -ERANGE : -ENOSPC);
}

static void up(struct map_rig *r, const struct presence_ops *ops)
{
    struct presence_config config = small();

    config.expected = 0;
    config.capacity = PLACES;
    map_rig_up(r, ops, &config);
}

static void one_who_leaves_and_returns_takes_one_place(void **state)
{
    const struct presence_ops *ops = *state;
    struct map_rig r;

    up(&r, ops);
    for (unsigned turn = 0; turn < TURNS; turn++) {
        assert_int_equal(ops->heartbeat(r.object, r.handle, 7, EPOCH), PRESENCE_CAME_ONLINE);
        assert_int_equal(ops->leave(r.object, r.handle, 7, EPOCH), 1);
    }
    fills(&r, EPOCH);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

static void one_who_is_swept_and_returns_takes_one_place(void **state)
{
    const struct presence_ops *ops = *state;
    uint64_t now = EPOCH;
    struct map_rig r;

    if (ops->traits->features & PRESENCE_SWEEP_MAY_MISS)
        return;
    up(&r, ops);
    for (unsigned turn = 0; turn < TURNS; turn++) {
        assert_int_equal(ops->heartbeat(r.object, r.handle, 7, now), PRESENCE_CAME_ONLINE);
        now += 2 * (uint64_t)TTL;
        assert_int_equal(ops->sweep(r.object, r.handle, now, UINT64_MAX, NULL), 1);
    }
    fills(&r, now);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/*
 * All go, some whom the map does not know come and go, and all return: a table that is full of those who are
 * gone is followed by one for those who are there, and then everybody is.
 */
static void a_crowd_returns(void **state)
{
    const struct presence_ops *ops = *state;
    const uint64_t later = EPOCH + 2 * (uint64_t)TTL;

    if (!(ops->traits->features & PRESENCE_GROWS) || ops->traits->features & PRESENCE_SWEEP_MAY_MISS)
        return;
    for (uint64_t newcomers = 1; newcomers < CROWD; newcomers += 5) {
        struct presence_config config = small();
        struct map_rig r;
        config.expected = 4;
        map_rig_up(&r, ops, &config);
        for (uint64_t u = 0; u < CROWD; u++)
            assert_int_equal(ops->heartbeat(r.object, r.handle, u, EPOCH), PRESENCE_CAME_ONLINE);
        assert_int_equal(ops->sweep(r.object, r.handle, later, UINT64_MAX, NULL), CROWD);
        for (uint64_t u = CROWD; u < CROWD + newcomers; u++) {
            assert_int_equal(ops->heartbeat(r.object, r.handle, u, later), PRESENCE_CAME_ONLINE);
            assert_int_equal(ops->leave(r.object, r.handle, u, later), 1);
        }
        for (uint64_t u = 0; u < CROWD; u++)
            assert_int_equal(ops->heartbeat(r.object, r.handle, u, later), PRESENCE_CAME_ONLINE);
        for (uint64_t u = 0; u < CROWD; u++)
            assert_int_equal(ops->is_online(r.object, r.handle, u, later), 1);
        map_rig_assert_balance(&r);
        map_rig_down(&r);
    }
}

int main(void)
{
    static const struct check checks[] = {
        { "one who leaves and returns takes one place", one_who_leaves_and_returns_takes_one_place },
        { "one who is swept and returns takes one place",
          one_who_is_swept_and_returns_takes_one_place },
        { "a crowd returns", a_crowd_returns },
    };

    return support_run_maps("users who come and go", checks, sizeof checks / sizeof *checks, 0);
}
