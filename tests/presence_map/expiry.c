/*
 * expiry.c - what sweeps remove, P6 to P9, however time runs; for every map.
 *
 * Heartbeats come with times that go forth and back, sweeps too, and now and then nobody calls for a
 * day or for years: whatever finds the expired entries must find these and no others.
 */
#include "tests/presence_map/follow.h"

enum { USERS = 40, LIVES = 60, STEPS = 400, SECOND = 1000, DAY = 86400 * SECOND };

/* One map's life: its TTL, how long it keeps entries, and what it is made with. */
struct life {
    struct map_rig rig;
    struct model model;
    struct support_random random;
    uint64_t origin, now, end; /* the axis of time, and how far it has gone */
};

static uint64_t one_of(struct support_random *random, const uint64_t *list, size_t count)
{
    return list[support_below(random, count)];
}
#define ONE_OF(RANDOM, LIST) one_of(RANDOM, LIST, sizeof(LIST) / sizeof *(LIST))

/* Stamps that wrap (P22) refuse times that are far behind: windows.c is for them. */
static bool wraps(const struct presence_ops *ops)
{
    return ops->traits->max_retain != UINT64_MAX;
}

static bool begin(struct life *l, const struct presence_ops *ops)
{
    static const uint64_t ttls[] = { 1, 2, 63, SECOND, TTL, TTL, DAY };
    static const uint64_t retentions[] = { 0, 0, 1, TTL, 3 * (uint64_t)DAY, UINT64_MAX };
    static const uint64_t starts[] = { 1, EPOCH, EPOCH + 777 };
    struct presence_config config = small();
    const struct contend_setting wanted[] = {
        { "stripes", 1 + (int64_t)support_below(&l->random, 4) },
        { "slots", 1 << support_below(&l->random, 6) },
        { "tick", 1 + (int64_t)support_below(&l->random, 50) },
        { "budget", 1 + (int64_t)support_below(&l->random, 5) },
    };
    const struct settings settings = settings_that_fit(ops->traits->id.options, wanted,
                                                       sizeof wanted / sizeof *wanted);

    config.settings = settings_as_given(&settings);
    config.hash_seed = support_random(&l->random);
    config.ttl_ms = ONE_OF(&l->random, ttls);
    config.retain_ms = ONE_OF(&l->random, retentions);
    config.origin = ONE_OF(&l->random, starts);
    if (ops->traits->features & PRESENCE_GROWS)
        config.expected = 1; /* tables move on the way */
    if (wraps(ops))
        return false;
    map_rig_up(&l->rig, ops, &config);
    l->model = (struct model){ .count = USERS, .ttl = config.ttl_ms, .retain = config.retain_ms,
                               .g = l->rig.traits.granularity_ms, .mute = !tells(ops) };
    for (unsigned i = 0; i < USERS; i++)
        l->model.users[i] = i;
    uint64_t span = ops->traits->max_span;
    l->now = l->origin = config.origin;
    l->end = span < PRESENCE_MAX_NOW - config.origin ? config.origin + span : PRESENCE_MAX_NOW;
    return true;
}

/* How far time goes: mostly a little, or to the edges of what the map was made for. */
static uint64_t stride(struct life *l)
{
    uint64_t kept = l->model.retain < PRESENCE_MAX_NOW ? l->model.ttl + l->model.retain : l->model.ttl;
    const uint64_t edges[] = { 1, 2, 63, 64, 65, SECOND, l->model.ttl, l->model.ttl + 1, kept, kept + 1,
                               kept + l->model.g, DAY, 20 * (uint64_t)DAY, 4000 * (uint64_t)DAY };

    return support_below(&l->random, 4) ? support_below(&l->random, 1 + l->model.ttl / 4)
                                        : ONE_OF(&l->random, edges);
}

/* Mostly the front of time; some callers are behind it. */
static uint64_t somebodys_now(struct life *l)
{
    uint64_t behind = support_below(&l->random, 3) ? 0 : stride(l);

    return behind < l->now - l->origin ? l->now - behind : l->now;
}

static void sweep_whole(struct life *l, uint64_t at)
{
    bool complete = false;
    int64_t removed = l->rig.ops->sweep(l->rig.object, l->rig.handle, at, UINT64_MAX, &complete);

    assert_true(complete);
    follow_sweep(&l->rig, &l->model, at, removed, true);
}

/* A part of a round; or two ends of rounds, between which there is a whole one. */
static void sweep_some(struct life *l, uint64_t at, bool round)
{
    int64_t removed = 0;
    bool complete;

    for (unsigned ends = 0, calls = 0; ends < 2; calls++) {
        removed += l->rig.ops->sweep(l->rig.object, l->rig.handle, at,
                                     1 + support_below(&l->random, 9), &complete);
        ends += complete;
        if (!round)
            break;
        assert_true(calls < 1000000); /* it ends */
    }
    follow_sweep(&l->rig, &l->model, at, removed, round);
}

static void look(struct life *l)
{
    const struct presence_ops *ops = l->rig.ops;

    for (unsigned i = 0; i < USERS; i++) {
        assert_int_equal(ops->last_seen(l->rig.object, l->rig.handle, i),
                         model_last_seen(&l->model, i));
        assert_int_equal(ops->is_online(l->rig.object, l->rig.handle, i, l->now),
                         model_online_at(&l->model, i, l->now));
    }
    assert_int_equal(ops->count_online(l->rig.object, l->rig.handle, l->now),
                     model_count(&l->model, l->now));
    map_rig_assert_balance(&l->rig);
}

static void step(struct life *l)
{
    const struct presence_ops *ops = l->rig.ops;
    unsigned i = (unsigned)support_below(&l->random, USERS);
    uint64_t at = somebodys_now(l);

    switch (support_below(&l->random, 12)) {
    case 0:
        l->now += stride(l);
        break;
    case 1:
        assert_int_equal(ops->leave(l->rig.object, l->rig.handle, i, at),
                         model_leave(&l->model, i, at));
        break;
    case 2:
        sweep_whole(l, at);
        look(l);
        break;
    case 3:
        sweep_some(l, at, true);
        look(l);
        break;
    case 4:
        sweep_some(l, at, false);
        break;
    default:
        assert_int_equal(ops->heartbeat(l->rig.object, l->rig.handle, i, at),
                         model_heartbeat(&l->model, i, at));
    }
}

static void removes_what_is_due_whatever_the_time(void **state)
{
    struct life l = { .random = { support_seed() } };

    for (int life = 0; life < LIVES; life++) {
        if (!begin(&l, *state))
            continue;
        for (int k = 0; k < STEPS && l.now + 5000 * (uint64_t)DAY < l.end; k++)
            step(&l);
        look(&l);
        map_rig_down(&l.rig);
    }
}

/* The whole crowd expires at once, a day after anybody called; some have come back just before. */
static void finds_a_crowd_after_a_day(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    enum { CROWD = 3000, BACK = 100 };
    bool complete = false;
    struct map_rig r;

    if (wraps(ops))
        return;
    config.expected = CROWD;
    map_rig_up(&r, ops, &config);
    for (uint64_t u = 0; u < CROWD; u++)
        ops->heartbeat(r.object, r.handle, u, EPOCH + u % SECOND);
    for (uint64_t u = 0; u < BACK; u++)
        assert_int_equal(ops->heartbeat(r.object, r.handle, u * 7, EPOCH + DAY),
                         PRESENCE_CAME_ONLINE);
    assert_true(map_swept(ops, ops->sweep(r.object, r.handle, EPOCH + DAY, UINT64_MAX, &complete),
                          CROWD - BACK));
    assert_true(complete);
    assert_int_equal(ops->count_online(r.object, r.handle, EPOCH + DAY), BACK);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

int main(void)
{
    static const struct check checks[] = {
        { "removes what is due, whatever the time", removes_what_is_due_whatever_the_time },
        { "finds a crowd after a day", finds_a_crowd_after_a_day },
    };

    return support_run_maps("map expiry", checks, sizeof checks / sizeof *checks, 0);
}
