/*
 * conformance.c - the sequential contract of the operations, P1 to P14,
 * for every map.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "locks/parts/hash.h"
#include "bench/check/map_model.h"
#include "tests/presence_map/follow.h"
#include "tests/support/support.h"

/*
 * Users whose hashes agree in their low 14 bits, or in their high ones: they meet in every
 * table.
 */
static uint64_t colliding_user(unsigned i, uint64_t max_user, bool high)
{
    static uint64_t found[2][MODEL_USERS];
    static unsigned count[2];
    uint64_t candidate = count[high] ? found[high][count[high] - 1] + 1 : 0;

    for (; count[high] <= i; candidate++) {
        uint64_t hash = presence_hash(candidate, 0);
        if ((high ? hash >> 50 : hash & 0x3fff) == 0x1234)
            found[high][count[high]++] = candidate;
    }
    return found[high][i] <= max_user ? found[high][i] : i;
}

enum key_set { KEYS_DENSE, KEYS_LOW, KEYS_HIGH, KEYS_EDGES };

/* The longest that the map keeps an entry, or for ever. */
static uint64_t longest(const struct presence_ops *ops)
{
    return ops->traits->max_retain < UINT64_MAX ? ops->traits->max_retain - TTL : UINT64_MAX;
}

static struct model make_model(const struct presence_ops *ops, enum key_set keys)
{
    struct model m = { .count = 24, .ttl = TTL, .g = ops->traits->granularity_ms,
                       .mute = !tells(ops) };
    uint64_t top = ops->traits->max_user;

    for (unsigned i = 0; i < m.count; i++)
        m.users[i] = dense(ops) || keys == KEYS_DENSE ? i
                     : keys == KEYS_EDGES             ? (i % 2 ? top - i / 2 : i / 2)
                                          : colliding_user(i, top, keys == KEYS_HIGH);
    return m;
}

static void check_all(const struct map_rig *r, const struct model *m, uint64_t now)
{
    for (unsigned i = 0; i < m->count; i++) {
        assert_int_equal(r->ops->last_seen(r->object, r->handle, m->users[i]),
                         model_last_seen(m, i));
        assert_int_equal(r->ops->is_online(r->object, r->handle, m->users[i], now),
                         model_online_at(m, i, now));
    }
    assert_int_equal(r->ops->count_online(r->object, r->handle, now), model_count(m, now));
    map_rig_assert_balance(r);
}

/* Steps that land on both neighbours of every boundary, more often than chance would. */
static uint64_t step(struct support_random *random)
{
    static const uint64_t steps[] = { 0, 1, 2, 999, 1000, 1001, TTL - 1000, TTL - 1, TTL, TTL + 1,
                                      TTL + 999, TTL + 1000, TTL + 1001 };

    return steps[support_below(random, sizeof steps / sizeof *steps)];
}

/* `settings`: values for the map's options, or NULL. */
static void run_with(const struct presence_ops *ops, enum key_set keys, uint64_t retain,
                     const struct contend_settings *settings)
{
    struct presence_config config = small();
    struct support_random random = { support_seed() };
    struct model m = make_model(ops, keys);
    struct map_rig r;
    uint64_t now = EPOCH;

    config.retain_ms = m.retain = retention(ops, retain);
    if (settings)
        config.settings = *settings;
    map_rig_up(&r, ops, &config);
    m.g = r.traits.granularity_ms;
    for (int k = 0, steps = map_rig_steps(&r, 6000); k < steps; k++) {
        unsigned i = (unsigned)support_below(&random, m.count);
        uint64_t user = m.users[i];
        /* Mostly at the front of time, sometimes behind it: heartbeats are reordered. */
        uint64_t at = support_below(&random, 5) ? now : now - step(&random);

        switch (support_below(&random, 12)) {
        case 0: case 1: case 2: case 3: case 4:
            assert_int_equal(ops->heartbeat(r.object, r.handle, user, at),
                             model_heartbeat(&m, i, at));
            break;
        case 5:
            assert_int_equal(ops->leave(r.object, r.handle, user, at), model_leave(&m, i, at));
            break;
        case 6: {
            bool complete = false;
            int64_t removed = ops->sweep(r.object, r.handle, at, UINT64_MAX, &complete);
            follow_sweep(&r, &m, at, removed, true);
            assert_true(complete);
            break;
        }
        case 7:
            now += step(&random) / 8;
            break;
        default:
            assert_int_equal(ops->is_online(r.object, r.handle, user, at),
                             model_online_at(&m, i, at));
            assert_int_equal(ops->last_seen(r.object, r.handle, user), model_last_seen(&m, i));
        }
        if (k % 50 == 0)
            check_all(&r, &m, now);
        if (k % 97 == 0)
            now += step(&random);
    }
    check_all(&r, &m, now);
    map_rig_down(&r);
}

static void run_against_model(const struct presence_ops *ops, enum key_set keys, uint64_t retain)
{
    run_with(ops, keys, retain, NULL);
}

static void follows_the_model(void **state)
{
    run_against_model(*state, KEYS_DENSE, 0);
}

static void follows_the_model_with_colliding_keys(void **state)
{
    run_against_model(*state, KEYS_LOW, 0);
    run_against_model(*state, KEYS_HIGH, 0);
}

static void follows_the_model_at_the_ends_of_the_ids(void **state)
{
    run_against_model(*state, KEYS_EDGES, 0);
}

static void follows_the_model_under_retention(void **state)
{
    run_against_model(*state, KEYS_DENSE, 1);
    run_against_model(*state, KEYS_DENSE, TTL / 2);
    run_against_model(*state, KEYS_DENSE, longest(*state));
}

/* P13: a map that may leave stores out is as coarse as it says, and never early. */
static void follows_the_model_with_slack(void **state)
{
    const struct presence_ops *ops = *state;
    bool has = contend_option_find(ops->traits->id.options, "slack") != NULL;

    for (int64_t slack = 1; has && slack <= 10; slack += 3) {
        const struct contend_setting one = { "slack", slack };
        run_with(ops, KEYS_DENSE, slack % 2 ? TTL : 0, &(struct contend_settings){ &one, 1, 0, 0 });
    }
}

/* P3, P13: both neighbours of the deadline, for stamps at both ends of a granule. */
static void boundary_is_inclusive(void **state)
{
    const struct presence_ops *ops = *state;
    uint64_t g = ops->traits->granularity_ms;
    struct presence_config config = small();
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    for (uint64_t offset = 0; offset < g; offset += g > 1 ? g - 1 : 1) {
        uint64_t t = EPOCH + offset, last = t - t % g;
        ops->heartbeat(r.object, r.handle, 5, t);
        assert_int_equal(seen(ops, r.object, r.handle, 5, t), last);
        assert_int_equal(ops->is_online(r.object, r.handle, 5, t), 1);
        assert_int_equal(ops->is_online(r.object, r.handle, 5, t + TTL), 1); /* never early */
        assert_int_equal(ops->is_online(r.object, r.handle, 5, last + TTL + g - 1), 1);
        assert_int_equal(ops->is_online(r.object, r.handle, 5, last + TTL + g), 0);
        assert_int_equal(ops->is_online(r.object, r.handle, 5, t - 1), 1); /* no underflow */
        assert_int_equal(ops->is_online(r.object, r.handle, 5, EPOCH - 100000), 1);
        assert_int_equal(ops->heartbeat(r.object, r.handle, 5, last + TTL + g),
                         PRESENCE_CAME_ONLINE);
        assert_int_equal(ops->leave(r.object, r.handle, 5, last + 2 * (TTL + g)), 1);
    }
    /* On whole seconds every granularity up to 1 s agrees: 30 s online, 31 s offline. */
    ops->heartbeat(r.object, r.handle, 6, EPOCH);
    assert_int_equal(ops->is_online(r.object, r.handle, 6, EPOCH + 30000), 1);
    assert_int_equal(ops->is_online(r.object, r.handle, 6, EPOCH + 31000), g > 1000);
    map_rig_down(&r);
}

/*
 * P7, P9: both neighbours of the instant at which a sweep may remove an entry.  Until then the
 * entry is offline, is counted nowhere, and still tells when its user was last seen.
 */
static void keeps_expired_entries_as_long_as_asked(void **state)
{
    const struct presence_ops *ops = *state;
    static const uint64_t retentions[] = { 0, 1, 12 * 60000 };
    uint64_t g = ops->traits->granularity_ms;
    struct map_rig r;

    for (size_t i = 0; i < sizeof retentions / sizeof *retentions; i++) {
        struct presence_config config = small();
        uint64_t expired = EPOCH + TTL + g, due = expired + retention(ops, retentions[i]);
        config.retain_ms = retention(ops, retentions[i]);
        map_rig_up(&r, ops, &config);
        ops->heartbeat(r.object, r.handle, 5, EPOCH);
        ops->heartbeat(r.object, r.handle, 6, EPOCH);
        assert_int_equal(ops->sweep(r.object, r.handle, due - 1, UINT64_MAX, NULL), 0);
        assert_int_equal(seen(ops, r.object, r.handle, 5, EPOCH), EPOCH);
        assert_int_equal(ops->is_online(r.object, r.handle, 5, expired), 0);
        assert_int_equal(ops->count_online(r.object, r.handle, expired), 0);
        /* A kept entry is no entry to a heartbeat: the user comes online anew. */
        assert_int_equal(ops->heartbeat(r.object, r.handle, 6, due), PRESENCE_CAME_ONLINE);
        int64_t removed = ops->sweep(r.object, r.handle, due, UINT64_MAX, NULL);
        assert_true(map_swept(ops, removed, 1));
        assert_int_equal(seen(ops, r.object, r.handle, 5, EPOCH), removed ? -ENOENT : EPOCH);
        assert_int_equal(seen(ops, r.object, r.handle, 6, due), due - due % g);
        map_rig_assert_balance(&r);
        map_rig_down(&r);
    }
}

/* P5, P9: a leave forgets under retention too; as long as can be is so in budgeted rounds as well. */
static void keeps_long_but_lets_leave(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    uint64_t late = longest(ops) < UINT64_MAX ? EPOCH + longest(ops) + TTL : EPOCH + 1000 * TTL;
    bool complete = false;
    struct map_rig r;

    if (!tells(ops))
        return; /* cannot be asked of it: see classes.c */
    config.retain_ms = longest(ops);
    map_rig_up(&r, ops, &config);
    for (uint64_t u = 0; u < 40; u++)
        ops->heartbeat(r.object, r.handle, u, EPOCH);
    assert_int_equal(ops->sweep(r.object, r.handle, late, UINT64_MAX, &complete), 0);
    assert_true(complete);
    for (unsigned calls = complete = 0; !complete; calls++) {
        assert_int_equal(ops->sweep(r.object, r.handle, late, 7, &complete), 0);
        assert_true(calls < 1000000); /* it ends */
    }
    assert_int_equal(ops->leave(r.object, r.handle, 7, late), 1);
    for (uint64_t u = 0; u < 40; u++)
        assert_int_equal(ops->last_seen(r.object, r.handle, u), u == 7 ? -ENOENT : EPOCH);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

static int visit_nobody(void *ctx, uint64_t user, uint64_t last)
{
    (void)user, (void)last;
    ++*(int *)ctx;
    return 0;
}

/* P1: what is off the axes is refused by every call and changes nothing. */
static void refuses_bad_input(void **state)
{
    const struct presence_ops *ops = *state;
    static const uint64_t bad_times[] = { 0, PRESENCE_MAX_NOW + 1, UINT64_MAX };
    struct presence_config config = small();
    struct map_rig r;
    int visits = 0;
    bool complete;

    map_rig_up(&r, ops, &config);
    ops->heartbeat(r.object, r.handle, 1, EPOCH);
    for (size_t i = 0; i < 3; i++) {
        uint64_t bad = bad_times[i];
        int results[1] = { 77 };
        uint64_t users[1] = { 1 };
        assert_int_equal(ops->heartbeat(r.object, r.handle, 1, bad), -EINVAL);
        assert_int_equal(ops->is_online(r.object, r.handle, 1, bad), -EINVAL);
        assert_int_equal(ops->leave(r.object, r.handle, 1, bad), -EINVAL);
        assert_int_equal(ops->sweep(r.object, r.handle, bad, UINT64_MAX, &complete), -EINVAL);
        assert_int_equal(ops->count_online(r.object, r.handle, bad), -EINVAL);
        assert_int_equal(ops->for_each_online(r.object, r.handle, bad, visit_nobody, &visits),
                         -EINVAL);
        assert_int_equal(ops->heartbeat_many(r.object, r.handle, users, 1, bad, results), -EINVAL);
        assert_int_equal(ops->is_online_many(r.object, r.handle, users, 1, bad, results), -EINVAL);
        assert_int_equal(results[0], 77);
    }
    assert_int_equal(visits, 0);
    assert_int_equal(ops->heartbeat(r.object, r.handle, PRESENCE_NO_USER, EPOCH), -EINVAL);
    assert_int_equal(ops->is_online(r.object, r.handle, PRESENCE_NO_USER, EPOCH), -EINVAL);
    assert_int_equal(ops->last_seen(r.object, r.handle, PRESENCE_NO_USER),
                     tells(ops) ? -EINVAL : -ENOTSUP);
    assert_int_equal(ops->leave(r.object, r.handle, PRESENCE_NO_USER, EPOCH), -EINVAL);
    assert_int_equal(ops->sweep(r.object, r.handle, EPOCH, UINT64_MAX, NULL), 0);
    assert_int_equal(seen(ops, r.object, r.handle, 1, EPOCH), EPOCH);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/* P1: the declared ranges are exact: the last value is served, the next is -ERANGE. */
static void ranges_are_exact(void **state)
{
    const struct presence_ops *ops = *state;
    const struct presence_traits *t = ops->traits;
    struct presence_config config = small();
    uint64_t top = dense(ops) ? config.expected - 1 : t->max_user, late = config.origin + t->max_span;
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    assert_int_equal(ops->heartbeat(r.object, r.handle, top, EPOCH), PRESENCE_CAME_ONLINE);
    assert_int_equal(ops->is_online(r.object, r.handle, top, EPOCH), 1);
    if (top + 1 != PRESENCE_NO_USER) {
        assert_int_equal(ops->heartbeat(r.object, r.handle, top + 1, EPOCH), -ERANGE);
        assert_int_equal(ops->is_online(r.object, r.handle, top + 1, EPOCH), -ERANGE);
        assert_int_equal(ops->last_seen(r.object, r.handle, top + 1),
                         tells(ops) ? -ERANGE : -ENOTSUP);
        assert_int_equal(ops->leave(r.object, r.handle, top + 1, EPOCH), -ERANGE);
    }
    if (t->max_span < PRESENCE_MAX_NOW) {
        /* The earliest one first: behind the latest it may be out of the window (P22). */
        assert_int_equal(ops->heartbeat(r.object, r.handle, 3, config.origin),
                         PRESENCE_CAME_ONLINE);
        assert_int_equal(ops->heartbeat(r.object, r.handle, 2, late), PRESENCE_CAME_ONLINE);
        assert_int_equal(ops->is_online(r.object, r.handle, 2, late), 1);
        assert_int_equal(ops->heartbeat(r.object, r.handle, 2, late + 1), -ERANGE);
        assert_int_equal(ops->heartbeat(r.object, r.handle, 2, config.origin - 1), -ERANGE);
        assert_int_equal(seen(ops, r.object, r.handle, 2, late), late - late % t->granularity_ms);
    } else {
        assert_int_equal(ops->heartbeat(r.object, r.handle, 2, PRESENCE_MAX_NOW),
                         PRESENCE_CAME_ONLINE);
        assert_int_equal(ops->is_online(r.object, r.handle, 2, PRESENCE_MAX_NOW), 1);
    }
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/* P1: off the axis is -EINVAL even where the user is out of the strategy's range, -ERANGE. */
static void bad_time_comes_before_range(void **state)
{
    const struct presence_ops *ops = *state;
    static const struct { uint64_t now; int wanted; } cases[] = {
        { 0, -EINVAL }, { 1, -ERANGE }, { EPOCH, -ERANGE }, { PRESENCE_MAX_NOW, -ERANGE },
        { PRESENCE_MAX_NOW + 1, -EINVAL }, { UINT64_MAX, -EINVAL },
    };
    struct presence_config config = small();
    uint64_t beyond = dense(ops) ? config.expected : ops->traits->max_user + 1;
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int wanted = beyond == PRESENCE_NO_USER ? -EINVAL : cases[i].wanted;
        assert_int_equal(ops->heartbeat(r.object, r.handle, beyond, cases[i].now), wanted);
        assert_int_equal(ops->is_online(r.object, r.handle, beyond, cases[i].now), wanted);
        assert_int_equal(ops->leave(r.object, r.handle, beyond, cases[i].now), wanted);
        /* The reserved user is off its axis, whatever the time. */
        assert_int_equal(ops->heartbeat(r.object, r.handle, PRESENCE_NO_USER, cases[i].now),
                         -EINVAL);
    }
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

struct visits {
    uint64_t last; /* what the walk has to tell */
    unsigned seen[MODEL_USERS];
    unsigned calls, stop_at;
    uint64_t wrong;
};

static int visit(void *ctx, uint64_t user, uint64_t last)
{
    struct visits *v = ctx;

    if (user >= MODEL_USERS || last != v->last)
        v->wrong++;
    else
        v->seen[user]++;
    return ++v->calls == v->stop_at ? 42 : 0;
}

/* P11: every user online once, and no other; a non-zero answer ends the walk. */
static void visits_everybody_once(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    struct visits v = { .last = tells(ops) ? EPOCH : 0 };
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    for (uint64_t u = 0; u < 50; u++)
        ops->heartbeat(r.object, r.handle, u, u < 30 ? EPOCH : EPOCH - 2 * TTL);
    assert_int_equal(ops->for_each_online(r.object, r.handle, EPOCH, visit, &v), 0);
    assert_int_equal(v.calls, 30);
    assert_int_equal(v.wrong, 0);
    for (unsigned u = 0; u < MODEL_USERS; u++)
        assert_int_equal(v.seen[u], u < 30);
    v = (struct visits){ .last = v.last, .stop_at = 7 };
    assert_int_equal(ops->for_each_online(r.object, r.handle, EPOCH, visit, &v), 42);
    assert_int_equal(v.calls, 7);
    map_rig_down(&r);
}

/* Another thread calls all that a walk could have locked out; returns NULL if all is right. */
static void *call_after_walk(void *arg)
{
    const struct map_rig *r = arg;
    void *handle = support_alloc(r->ops->handle_size);
    bool right = r->ops->attach(r->object, handle) == 0;

    for (uint64_t u = 0; u < 50; u++)
        right &= r->ops->heartbeat(r->object, handle, u, EPOCH) == PRESENCE_REFRESHED;
    right &= r->ops->sweep(r->object, handle, EPOCH, UINT64_MAX, NULL) == 0;
    right &= r->ops->count_online(r->object, handle, EPOCH) == 50;
    for (uint64_t u = 0; u < 50; u++)
        right &= r->ops->leave(r->object, handle, u, EPOCH) == 1;
    r->ops->detach(r->object, handle);
    free(handle);
    return right ? NULL : arg;
}

/* P11: a walk that was stopped holds nothing any more; a thread that waited would wait for ever. */
static void stopped_walk_lets_others_in(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    struct visits v = { .stop_at = 7 };
    struct timespec patience;
    struct map_rig r;
    pthread_t other;
    void *wrong;

    map_rig_up(&r, ops, &config);
    for (uint64_t u = 0; u < 50; u++)
        ops->heartbeat(r.object, r.handle, u, EPOCH);
    assert_int_equal(ops->for_each_online(r.object, r.handle, EPOCH, visit, &v), 42);
    assert_int_equal(pthread_create(&other, NULL, call_after_walk, &r), 0);
    clock_gettime(CLOCK_REALTIME, &patience);
    patience.tv_sec += 10;
    if (pthread_timedjoin_np(other, &wrong, &patience) != 0)
        fail_msg("after a stopped walk another thread waits in the map");
    assert_null(wrong);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/* P12: batches answer per element, duplicates in turn, errors apart. */
static void batches_answer_per_element(void **state)
{
    const struct presence_ops *ops = *state;
    const uint64_t users[] = { 3, 4, PRESENCE_NO_USER, 3, 9 };
    struct presence_config config = small();
    struct map_rig r;
    int results[5];

    map_rig_up(&r, ops, &config);
    assert_int_equal(ops->heartbeat_many(r.object, r.handle, users, 5, EPOCH, results), 0);
    assert_int_equal(results[0], PRESENCE_CAME_ONLINE);
    assert_int_equal(results[1], PRESENCE_CAME_ONLINE);
    assert_int_equal(results[2], -EINVAL);
    assert_int_equal(results[3], PRESENCE_REFRESHED);
    assert_int_equal(results[4], PRESENCE_CAME_ONLINE);
    ops->leave(r.object, r.handle, 4, EPOCH);
    assert_int_equal(ops->is_online_many(r.object, r.handle, users, 5, EPOCH, results), 0);
    assert_int_equal(results[0], 1);
    assert_int_equal(results[1], 0);
    assert_int_equal(results[2], -EINVAL);
    assert_int_equal(results[3], 1);
    assert_int_equal(results[4], 1);
    assert_int_equal(ops->heartbeat_many(r.object, r.handle, users, 0, EPOCH, results), 0);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

int main(void)
{
    static const struct check checks[] = {
        { "follows the model", follows_the_model },
        { "follows the model with colliding keys", follows_the_model_with_colliding_keys },
        { "follows the model at the ends of the ids", follows_the_model_at_the_ends_of_the_ids },
        { "follows the model under retention", follows_the_model_under_retention },
        { "follows the model with slack", follows_the_model_with_slack },
        { "boundary is inclusive", boundary_is_inclusive },
        { "keeps expired entries as long as asked", keeps_expired_entries_as_long_as_asked },
        { "keeps long but lets leave", keeps_long_but_lets_leave },
        { "refuses bad input", refuses_bad_input },
        { "ranges are exact", ranges_are_exact },
        { "bad time comes before range", bad_time_comes_before_range },
        { "visits everybody once", visits_everybody_once },
        { "stopped walk lets others in", stopped_walk_lets_others_in },
        { "batches answer per element", batches_answer_per_element },
    };

    return support_run_maps("map conformance", checks, sizeof checks / sizeof *checks, 0);
}
