/*
 * sweeps.c - budgeted rounds of one sweeper, P6 to P9, at rest and while users come and go
 * between its calls; for every map.
 */
#include "bench/check/map_model.h"
#include "tests/support/support.h"

enum { ROUNDS = 300, MOST_USERS = 500, RETAINED = 2 * TTL };

struct round {
    struct map_rig rig;
    struct support_random random;
    uint64_t users, next; /* in the map at first; the next new one */
    uint64_t now, retained;
    bool complete;
};

/* Users whose number is even are to be removed; the others are online, or expired and kept. */
static uint64_t last_beat(const struct round *r, uint64_t user)
{
    if (user % 2 == 0)
        return EPOCH;
    return user % 4 == 1 ? r->now - r->retained : r->now;
}

static void begin(struct round *r, const struct presence_ops *ops)
{
    struct presence_config config = small();

    /* A table of a power of two is then between half full and full. */
    r->users = r->next = 8 + support_below(&r->random, MOST_USERS - 8);
    r->complete = false;
    config.expected = r->users;
    config.hash_seed = support_random(&r->random);
    r->retained = config.retain_ms =
        support_below(&r->random, 2) ? retention(ops, RETAINED) : 0;
    r->now = EPOCH + r->retained + 2 * TTL;
    const struct contend_setting wanted = { "stripes", 1 + (int64_t)support_below(&r->random, 4) };
    const struct settings settings = settings_that_fit(ops->traits->id.options, &wanted, 1);
    config.settings = settings_as_given(&settings);
    map_rig_up(&r->rig, ops, &config);
    for (uint64_t u = 0; u < r->users; u++)
        assert_int_equal(ops->heartbeat(r->rig.object, r->rig.handle, u, last_beat(r, u)),
                         PRESENCE_CAME_ONLINE);
}

/* Some of those who are kept leave, some new ones come, or the sweeper goes on. */
static void go_on(struct round *r)
{
    const struct presence_ops *ops = r->rig.ops;
    void *map = r->rig.object, *handle = r->rig.handle;

    switch (support_below(&r->random, 4)) {
    case 0:
        for (uint64_t n = support_below(&r->random, 12); n > 0; n--)
            ops->leave(map, handle, support_below(&r->random, r->next) | 1, r->now);
        break;
    case 1:
        if (ops->traits->features & PRESENCE_GROWS && r->next < 2 * r->users)
            for (uint64_t end = r->next + support_below(&r->random, 48); r->next < end; r->next++)
                assert_int_equal(ops->heartbeat(map, handle, r->next, r->now), PRESENCE_CAME_ONLINE);
        break;
    default:
        assert_true(ops->sweep(map, handle, r->now, 1 + support_below(&r->random, 16),
                               &r->complete) >= 0);
    }
}

/*
 * New users may make the map grow, and users who leave may move others, also to before the
 * cursor.  The users who were due for removal when the round began are gone when it ends, and
 * no others.
 */
static void rounds_miss_nobody(void **state)
{
    struct round r = { .random = { support_seed() } };
    struct presence_stats s;

    if (((const struct presence_ops *)*state)->traits->features & PRESENCE_SWEEP_MAY_MISS)
        return; /* no round of these promises it */
    for (int k = 0; k < ROUNDS; k++) {
        begin(&r, *state);
        for (unsigned steps = 0; !r.complete; steps++) {
            go_on(&r);
            assert_true(steps < 1000000); /* it ends */
        }
        for (uint64_t u = 0; u < r.users; u += 2)
            if (seen(r.rig.ops, r.rig.object, r.rig.handle, u, EPOCH) != -ENOENT)
                fail_msg("round %d of seed %llu missed user %llu", k,
                         (unsigned long long)support_seed(), (unsigned long long)u);
        r.rig.ops->stats(r.rig.object, &s);
        assert_int_equal(s.swept, (r.users + 1) / 2);
        map_rig_assert_balance(&r.rig);
        map_rig_down(&r.rig);
    }
}

/* P6: budgets of none, one and a few; the rounds complete, and together miss no user. */
static void sweeps_within_its_budget(void **state)
{
    const struct presence_ops *ops = *state;
    static const uint64_t budgets[] = { 1, 3, 16, 1000 };
    struct presence_config config = small();
    struct map_rig r;
    bool complete;

    map_rig_up(&r, ops, &config);
    for (size_t b = 0; b < 4; b++) {
        int64_t removed = 0;
        uint64_t t = EPOCH + b * 10 * TTL, calls = 0;
        uint64_t late = t + TTL + ops->traits->granularity_ms + 1000;
        for (uint64_t u = 0; u < 40; u++)
            ops->heartbeat(r.object, r.handle, u, u % 2 ? t : t + TTL);
        assert_int_equal(ops->sweep(r.object, r.handle, late, 0, &complete), 0);
        /* A round may have begun in the middle: two completions are one whole round. */
        for (int rounds = 0; rounds < 2; calls++) {
            int64_t n = ops->sweep(r.object, r.handle, late, budgets[b], &complete);
            assert_true(n >= 0 && (uint64_t)n <= budgets[b]);
            removed += n;
            rounds += complete;
            assert_true(calls < 1000000); /* it ends */
        }
        assert_true(map_swept(ops, removed, 20));
        for (uint64_t u = 0; u < 40; u++) {
            int there = ops->is_online(r.object, r.handle, u, t);
            assert_true(there || u % 2 == 1);
            removed += there;
        }
        assert_int_equal(removed, 40);
        map_rig_assert_balance(&r);
    }
    map_rig_down(&r);
}

int main(void)
{
    static const struct check checks[] = {
        { "sweeps within its budget", sweeps_within_its_budget },
        { "budgeted rounds miss nobody", rounds_miss_nobody },
    };

    return support_run_maps("map sweeps", checks, sizeof checks / sizeof *checks, 0);
}
