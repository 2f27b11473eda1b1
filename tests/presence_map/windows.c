/*
 * windows.c - stamps that wrap (P22), and time that goes far; for every map.
 *
 * Maps whose stamps do not wrap answer by the same rules, without the exceptions.
 */
#include "bench/check/map_model.h"
#include "tests/support/support.h"

enum { USERS = 16, STEPS = 3000 };

static uint64_t rounded(const struct map_rig *r, uint64_t t)
{
    return t - t % r->traits.granularity_ms;
}

/* The least and the greatest retention that the map takes. */
static uint64_t window_of(const struct presence_ops *ops, bool most)
{
    uint64_t longest = ops->traits->max_retain;

    return !most ? 0 : longest < UINT64_MAX ? longest - TTL : 10 * TTL;
}

/* Whether last_seen answers as it may: what is older than max_retain may be gone. */
static bool shows(const struct map_rig *r, uint64_t user, uint64_t stamp, uint64_t latest)
{
    int64_t seen = r->ops->last_seen(r->object, r->handle, user);
    bool old = latest > stamp && latest - stamp > r->traits.max_retain;

    if (!tells(r->ops))
        return seen == -ENOTSUP;
    return seen == (int64_t)rounded(r, stamp) || (old && seen == -ENOENT);
}

static uint64_t entries(const struct map_rig *r)
{
    struct presence_stats s;

    r->ops->stats(r->object, &s);
    return s.entries;
}

/*
 * After a silent span of any power of two seconds nobody is taken for online, neither before a
 * heartbeat tells the map how late it is nor after; and reading removes nothing.
 */
static void brings_nobody_back(void **state)
{
    struct presence_config config = small();
    uint64_t t = EPOCH;
    struct map_rig r;

    map_rig_up(&r, *state, &config);
    for (unsigned bits = 6; bits <= 20; bits++) {
        uint64_t span = (uint64_t)1000 << bits;
        for (int more = -1; more <= 1; more++) {
            uint64_t later = t + span + (uint64_t)more * 1000;
            assert_int_equal(r.ops->heartbeat(r.object, r.handle, 1, t), PRESENCE_CAME_ONLINE);
            assert_int_equal(r.ops->is_online(r.object, r.handle, 1, t), 1);
            assert_int_equal(r.ops->is_online(r.object, r.handle, 1, later), 0);
            assert_int_equal(r.ops->count_online(r.object, r.handle, later), 0);
            assert_int_equal(entries(&r), 1);
            assert_true(shows(&r, 1, t, t));
            assert_int_equal(r.ops->heartbeat(r.object, r.handle, 2, later), PRESENCE_CAME_ONLINE);
            assert_int_equal(r.ops->is_online(r.object, r.handle, 1, later), 0);
            assert_int_equal(r.ops->count_online(r.object, r.handle, later), 1);
            assert_true(shows(&r, 1, t, later));
            map_rig_assert_balance(&r);
            r.ops->leave(r.object, r.handle, 1, later);
            assert_int_equal(r.ops->leave(r.object, r.handle, 2, later), 1);
            assert_int_equal(entries(&r), 0);
            t = later;
        }
    }
    map_rig_down(&r);
}

/* P1: the axis begins at 1 ms. */
static void begins_with_the_axis(void **state)
{
    struct presence_config config = { .expected = MODEL_USERS };
    struct map_rig r;

    map_rig_up(&r, *state, &config);
    uint64_t end = rounded(&r, 1) + TTL + r.traits.granularity_ms;
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 3, 1), PRESENCE_CAME_ONLINE);
    assert_int_equal(r.ops->is_online(r.object, r.handle, 3, end - 1), 1);
    assert_int_equal(r.ops->is_online(r.object, r.handle, 3, end), 0);
    map_rig_down(&r);
}

/* A heartbeat from behind the window may be forgotten or refused; one from inside it is not. */
static void serves_what_is_late(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    struct map_rig r;

    config.origin = 1;
    map_rig_up(&r, ops, &config);
    uint64_t window = r.traits.max_retain < UINT64_MAX ? r.traits.max_retain : 50 * TTL;
    uint64_t behind[] = { 0, TTL, window - 1, window, 2 * window, 3 * window, 5 * window };
    for (uint64_t t = EPOCH, turn = 0; turn < 40; turn++, t += window / 7) {
        assert_true(ops->heartbeat(r.object, r.handle, 2, t) >= 0);
        for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
            int result = ops->heartbeat(r.object, r.handle, 3, t - behind[i]);
            if (behind[i] > r.traits.max_retain && result == -ERANGE) {
                assert_int_equal(ops->last_seen(r.object, r.handle, 3),
                                 tells(ops) ? -ENOENT : -ENOTSUP);
                continue;
            }
            assert_int_equal(result, PRESENCE_CAME_ONLINE);
            assert_true(shows(&r, 3, t - behind[i], t));
            assert_int_equal(ops->is_online(r.object, r.handle, 3, t), behind[i] <= TTL);
            ops->leave(r.object, r.handle, 3, t);
        }
        assert_int_equal(ops->is_online(r.object, r.handle, 2, t), 1);
        map_rig_assert_balance(&r);
    }
    map_rig_down(&r);
}

/* Whatever steps time makes, what is not too old is told exactly. */
static void keeps_times_over_long_runs(void **state)
{
    const struct presence_ops *ops = *state;
    struct support_random random = { support_seed() };
    struct presence_config config = small();
    struct map_rig r;

    for (int most = 0; most <= 1; most++) {
        uint64_t last[USERS] = { 0 }, now = EPOCH;
        config.retain_ms = window_of(ops, most);
        map_rig_up(&r, ops, &config);
        uint64_t window = r.traits.max_retain < 100 * TTL ? r.traits.max_retain : 100 * TTL;
        for (int step = 0; step < STEPS; step++) {
            uint64_t user = support_below(&random, USERS);
            assert_true(ops->heartbeat(r.object, r.handle, user, now) >= 0);
            last[user] = now;
            for (user = 0; user < USERS; user++)
                if (last[user] && !shows(&r, user, last[user], now))
                    fail_msg("step %d of seed %llu: user %llu of %llu ms ago", step,
                             (unsigned long long)support_seed(), (unsigned long long)user,
                             (unsigned long long)(now - last[user]));
            now += support_below(&random, 4) ? support_below(&random, TTL)
                                             : support_below(&random, window / 2);
        }
        map_rig_assert_balance(&r);
        map_rig_down(&r);
    }
}

int main(void)
{
    static const struct check checks[] = {
        { "begins with the axis", begins_with_the_axis },
        { "brings nobody back", brings_nobody_back },
        { "serves what is late", serves_what_is_late },
        { "keeps times over long runs", keeps_times_over_long_runs },
    };

    return support_run_maps("map windows", checks, sizeof checks / sizeof *checks, 0);
}
