/*
 * real_time.c - presence maps whose expiry goes by the store's own clock (P21): with a short TTL, and
 * held only to what the test's clock leaves no doubt about, however busy the machine is.
 */
#include <stdlib.h>

#include "bench/stores/stores.h"
#include "locks/parts/platform.h"
#include "tests/support/support.h"

enum { TTL_MS = 400, TOLERANCE_MS = 100, USERS = 300 };

static uint64_t now_ms(void)
{
    return contend_clock_ns() / 1000000;
}

static void sleep_ms(unsigned ms)
{
    nanosleep(&(struct timespec){ ms / 1000, (long)(ms % 1000) * 1000000 }, NULL);
}

static const struct presence_config short_lived = { .ttl_ms = TTL_MS };

/* Online until the TTL is over, for certain; offline after it and the tolerance, for certain. */
static void expires_by_its_own_clock(void **state)
{
    struct map_rig r;
    bool seen_online = false;

    map_rig_up(&r, *state, &short_lived);
    for (unsigned i = 0; i < 20 && !seen_online; i++) {
        uint64_t begun = now_ms();
        assert_true(r.ops->heartbeat(r.object, r.handle, 7, 1000 + i) >= 0);
        int online = r.ops->is_online(r.object, r.handle, 7, 1000 + i);
        if (now_ms() - begun < TTL_MS) { /* else nothing is certain on this machine: once more */
            assert_int_equal(online, 1);
            seen_online = true;
        }
    }
    assert_true(seen_online);
    sleep_ms(TTL_MS + TOLERANCE_MS);
    /* The caller's time has not moved: it decides nothing. */
    assert_int_equal(r.ops->is_online(r.object, r.handle, 7, 1000), 0);
    assert_int_equal(r.ops->last_seen(r.object, r.handle, 7), -ENOENT);
    assert_int_equal(r.ops->count_online(r.object, r.handle, 1000), 0);
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 7, 1001), PRESENCE_CAME_ONLINE);
    map_rig_down(&r);
}

static int meet(void *ctx, uint64_t user, uint64_t last)
{
    unsigned char *met = ctx;

    if (user >= USERS || last != 5000 + user)
        return 1;
    met[user]++;
    return 0;
}

/* What does not hang on the time: with a TTL that no test outlasts. */
static void keeps_whom_it_was_told(void **state)
{
    static const struct presence_config long_lived = { .ttl_ms = 3600000 };
    const struct presence_ops *ops = *state;
    unsigned char met[USERS] = { 0 };
    uint64_t users[USERS];
    int results[USERS];
    struct presence_stats s;
    struct map_rig r;
    bool complete;

    map_rig_up(&r, ops, &long_lived);
    for (unsigned i = 0; i < USERS; i++)
        users[i] = i;
    users[3] = PRESENCE_NO_USER;
    for (unsigned i = 0; i < USERS; i++)
        if (i != 3)
            assert_int_equal(ops->heartbeat(r.object, r.handle, i, 5000 + i), PRESENCE_CAME_ONLINE);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 4, 5004), PRESENCE_REFRESHED);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 4, 0), -EINVAL);
    assert_int_equal(ops->last_seen(r.object, r.handle, 9), 5009);
    assert_int_equal(ops->is_online_many(r.object, r.handle, users, USERS, 1, results), 0);
    for (unsigned i = 0; i < USERS; i++)
        assert_int_equal(results[i], i == 3 ? -EINVAL : 1);
    assert_int_equal(ops->count_online(r.object, r.handle, 1), USERS - 1);
    assert_int_equal(ops->for_each_online(r.object, r.handle, 1, meet, met), 0);
    for (unsigned i = 0; i < USERS; i++)
        assert_int_equal(met[i], i != 3);
    assert_int_equal(ops->sweep(r.object, r.handle, PRESENCE_MAX_NOW, UINT64_MAX, &complete), 0);
    assert_true(complete);
    assert_int_equal(ops->leave(r.object, r.handle, 9, 5008), 0); /* a later heartbeat wins */
    assert_int_equal(ops->leave(r.object, r.handle, 9, 5009), 1);
    assert_int_equal(ops->is_online(r.object, r.handle, 9, 1), 0);
    assert_int_equal(ops->heartbeat_many(r.object, r.handle, users, 20, 6000, results), 0);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(results[i], i == 3   ? -EINVAL
                                     : i == 9 ? PRESENCE_CAME_ONLINE
                                              : PRESENCE_REFRESHED);
    ops->stats(r.object, &s);
    assert_int_equal(s.entries, USERS - 1);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/* A user is kept for last_seen, and is offline meanwhile. */
static void keeps_expired_users_as_long_as_asked(void **state)
{
    static const struct presence_config kept = { .ttl_ms = 100, .retain_ms = 3600000 };
    struct map_rig r;

    map_rig_up(&r, *state, &kept);
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 1, 77), PRESENCE_CAME_ONLINE);
    sleep_ms(100 + TOLERANCE_MS);
    assert_int_equal(r.ops->is_online(r.object, r.handle, 1, 77), 0);
    assert_int_equal(r.ops->last_seen(r.object, r.handle, 1), 77);
    assert_int_equal(r.ops->count_online(r.object, r.handle, 77), 0);
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 1, 78), PRESENCE_CAME_ONLINE);
    map_rig_down(&r);
}

int main(void)
{
    static const struct check checks[] = {
        { "expires by its own clock", expires_by_its_own_clock },
        { "keeps whom it was told", keeps_whom_it_was_told },
        { "keeps expired users as long as asked", keeps_expired_users_as_long_as_asked },
    };
    int failed = support_run_maps("maps by their own clock", checks, sizeof checks / sizeof *checks, 0);

    stores_end();
    return failed;
}
