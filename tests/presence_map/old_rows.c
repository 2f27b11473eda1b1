/*
 * old_rows.c - rows that are written again in coarse units (P13), where a map has the option: for
 * weeks of time, in one thread, beside a list of who was last heard of when.
 *
 * The list says what a row may tell: the time of a user who is online, and of one who has long been
 * silent that time or the beginning of its unit.  What a row did tell just before a call decides what the
 * call must answer.
 */
#include "bench/check/map_model.h"
#include "tests/support/support.h"

enum { USERS = 24, STEPS = 6000, SECOND = 1000 };

struct rows {
    struct map_rig rig;
    uint64_t last[USERS]; /* exact; 0: no entry */
    uint64_t now, kept, unit, most;
};

static void up(struct rows *r, const struct presence_ops *ops, int64_t shift, bool long_kept)
{
    const struct contend_setting list[] = { { "stamp_bits", 8 }, { "old", shift } };
    struct presence_config config = small();

    config.settings = (struct contend_settings){ .list = list, .count = 2 };
    config.expected = USERS; /* what more there is to look at slows this down only */
    *r = (struct rows){ .now = EPOCH, .unit = (uint64_t)SECOND << shift };
    map_rig_up(&r->rig, ops, &config);
    r->most = r->rig.traits.max_retain;
    assert_int_equal(r->rig.traits.granularity_old_ms, r->unit);
    if (long_kept) {
        map_rig_down(&r->rig);
        config.retain_ms = r->most - TTL;
        map_rig_up(&r->rig, ops, &config);
    }
    r->kept = TTL + config.retain_ms;
}

static uint64_t age(const struct rows *r, uint64_t time)
{
    return r->now - time;
}

static bool online(uint64_t last, uint64_t now)
{
    return last && (now <= last || now - last <= TTL + SECOND - 1);
}

/* What the row of a user tells, 0 if there is none, after a look at whether it may. */
static uint64_t told(struct rows *r, uint64_t user)
{
    int64_t seen = r->rig.ops->last_seen(r->rig.object, r->rig.handle, user);
    uint64_t last = r->last[user];

    if (seen == -ENOENT) {
        if (last && age(r, last) <= r->most)
            fail_msg("user %llu, silent for %llu s, is gone", (unsigned long long)user,
                     (unsigned long long)age(r, last) / SECOND);
        return r->last[user] = 0;
    }
    if (seen != (int64_t)last && (online(last, r->now) || seen != (int64_t)(last - last % r->unit)))
        fail_msg("user %llu, of %llu s ago: %lld s ago is told", (unsigned long long)user,
                 (unsigned long long)age(r, last) / SECOND,
                 (long long)((int64_t)r->now - seen) / SECOND);
    return (uint64_t)seen;
}

static void beat(struct rows *r, uint64_t user, uint64_t now)
{
    uint64_t seen = told(r, user), stamp = now - now % SECOND;
    int expected = stamp < seen ? PRESENCE_STALE
                   : online(seen, now) ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;

    if (r->now < now)
        r->now = now;
    assert_int_equal(r->rig.ops->heartbeat(r->rig.object, r->rig.handle, user, now), expected);
    if (expected != PRESENCE_STALE)
        r->last[user] = stamp;
}

static void leave(struct rows *r, uint64_t user)
{
    bool is_there = told(r, user) != 0;

    assert_int_equal(r->rig.ops->leave(r->rig.object, r->rig.handle, user, r->now), is_there);
    r->last[user] = 0;
}

/* P13: never too early, and at most a unit too late. */
static void sweep(struct rows *r)
{
    bool complete = false;

    assert_true(r->rig.ops->sweep(r->rig.object, r->rig.handle, r->now, UINT64_MAX, &complete) >= 0);
    assert_true(complete);
    for (uint64_t user = 0; user < USERS; user++) {
        uint64_t last = r->last[user];
        int64_t seen = r->rig.ops->last_seen(r->rig.object, r->rig.handle, user);
        if (!last)
            continue;
        if (seen < 0 && age(r, last) <= r->kept)
            fail_msg("a sweep takes who was silent for %llu s", (unsigned long long)age(r, last) / SECOND);
        if (seen >= 0 && age(r, last) >= r->kept + SECOND + r->unit)
            fail_msg("a sweep leaves who was silent for %llu s", (unsigned long long)age(r, last) / SECOND);
        if (seen < 0)
            r->last[user] = 0;
    }
}

static int meet(void *argument, uint64_t user, uint64_t last_seen)
{
    struct rows *r = argument;

    assert_true(user < USERS);
    assert_true(online(r->last[user], r->now));
    assert_int_equal(last_seen, r->last[user]);
    return 0;
}

static void look_at_all(struct rows *r)
{
    int64_t count = 0;

    for (uint64_t user = 0; user < USERS; user++) {
        told(r, user);
        bool is = online(r->last[user], r->now);
        assert_int_equal(r->rig.ops->is_online(r->rig.object, r->rig.handle, user, r->now), is);
        count += is;
    }
    assert_int_equal(r->rig.ops->count_online(r->rig.object, r->rig.handle, r->now), count);
    assert_int_equal(r->rig.ops->for_each_online(r->rig.object, r->rig.handle, r->now, meet, r), 0);
    map_rig_assert_balance(&r->rig);
}

/* Mostly seconds, now and then minutes, seldom as long as anybody is kept, or longer. */
static uint64_t pause_of(const struct rows *r, struct support_random *random)
{
    switch (support_below(random, 64)) {
    case 0: return support_below(random, 3 * r->most);
    case 1: case 2: case 3: return support_below(random, r->most / 4);
    case 4: case 5: case 6: case 7: case 8: return support_below(random, 4 * TTL);
    default: return support_below(random, 4 * SECOND);
    }
}

static void step(struct rows *r, struct support_random *random)
{
    uint64_t user = support_below(random, USERS);

    r->now += pause_of(r, random);
    /* Somebody is always heard of, so that the map knows how late it is. */
    beat(r, 0, r->now);
    switch (support_below(random, 16)) {
    case 0: sweep(r); break;
    case 1: leave(r, user); break;
    case 2: beat(r, user, r->now - support_below(random, r->most)); break; /* a late one */
    case 3: case 4: case 5: beat(r, user, r->now); break;
    default: break;
    }
}

static void keeps_what_is_old(void **state)
{
    struct support_random random = { support_seed() };
    static const int64_t shifts[] = { 1, 3, 6 };

    for (size_t i = 0; i < 2 * sizeof shifts / sizeof *shifts; i++) {
        struct rows r;
        up(&r, *state, shifts[i / 2], i % 2);
        for (int n = 0; n < map_rig_steps(&r.rig, STEPS); n++) {
            step(&r, &random);
            look_at_all(&r);
        }
        map_rig_down(&r.rig);
    }
}

/* "Active last Tuesday": with as many bits as there are, and a unit of nine minutes. */
static void keeps_a_week(void **state)
{
    enum { OLD = 9 };
    const struct presence_ops *ops = *state;
    const struct contend_setting list[] = { { "old", OLD } };
    const uint64_t week = 7 * 86400 * (uint64_t)SECOND, unit = (uint64_t)SECOND << OLD;
    struct presence_config config = small();
    struct map_rig r;
    bool complete;

    config.retain_ms = week;
    config.settings = (struct contend_settings){ .list = list, .count = 1 };
    map_rig_up(&r, ops, &config);
    ops->heartbeat(r.object, r.handle, 7, EPOCH);
    for (uint64_t later = 0; later <= week; later += week / 1000) {
        assert_true(ops->heartbeat(r.object, r.handle, 1, EPOCH + later) >= 0);
        ops->sweep(r.object, r.handle, EPOCH + later, UINT64_MAX, &complete);
        int64_t seen = ops->last_seen(r.object, r.handle, 7);
        assert_true(seen == EPOCH || (later > TTL && seen == EPOCH - EPOCH % (int64_t)unit));
    }
    ops->sweep(r.object, r.handle, EPOCH + week + TTL + SECOND + unit, UINT64_MAX, &complete);
    assert_int_equal(ops->last_seen(r.object, r.handle, 7), -ENOENT);
    map_rig_down(&r);
}

static size_t bytes_of(const struct presence_ops *ops, uint64_t retain_ms, int64_t old)
{
    const struct contend_setting list[] = { { "old", old } };
    const struct presence_config config = { .expected = 1000000, .retain_ms = retain_ms,
                                            .settings = { .list = list, .count = 1 } };
    struct presence_stats s;
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    ops->stats(r.object, &s);
    map_rig_down(&r);
    return s.bytes;
}

/* Of a million users a row has bits to spare, so that a week costs no byte. */
static void costs_nothing(void **state)
{
    const uint64_t week = 7 * 86400 * (uint64_t)SECOND;

    assert_int_equal(bytes_of(*state, week, 9), bytes_of(*state, 0, 0));
}

/* The seconds of a stamp must hold the TTL, and its units what is kept. */
static void refuses_what_does_not_fit(void **state)
{
    const struct presence_ops *ops = *state;
    const struct contend_setting list[] = { { "stamp_bits", 8 }, { "old", 3 } };
    const struct {
        uint64_t ttl_ms, retain_ms;
        int result;
    } cases[] = { { 32000, 0, 0 }, { 33000, 0, -ERANGE }, { 30000, 442000, 0 },
                  { 30000, 443000, -ERANGE } }; /* a quarter is 32 s: 2 * 32 * 8 - 32 - 8 = 472 s */

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct presence_config config = small();
        config.ttl_ms = cases[i].ttl_ms;
        config.retain_ms = cases[i].retain_ms;
        config.settings = (struct contend_settings){ .list = list, .count = 2 };
        void *map = support_alloc(ops->size);
        assert_int_equal(ops->init(map, &config), cases[i].result);
        if (cases[i].result == 0)
            assert_int_equal(ops->fini(map), 0);
        free(map);
    }
}

int main(void)
{
    static const struct check checks[] = {
        { "keeps what is old", keeps_what_is_old },
        { "keeps a week", keeps_a_week },
        { "costs nothing", costs_nothing },
        { "refuses what does not fit", refuses_what_does_not_fit },
    };

    const struct family_checks maps = { .maps = CHECKS(checks), .option = "old" };

    return support_run("map old rows", &maps, 0);
}
