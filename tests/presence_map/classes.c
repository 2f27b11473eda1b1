/* classes.c - each class of traits, tried at both neighbours of its bound. */
#include "tests/presence_map/classes.h"

#include "bench/check/map_model.h"
#include "tests/support/support.h"

static const char *flaw_of_last_seen(const struct presence_ops *ops)
{
    bool has = ops->traits->features & PRESENCE_LAST_SEEN;
    struct presence_config config = small();
    const char *flaw = NULL;
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    int64_t before = ops->last_seen(r.object, r.handle, 1);
    ops->heartbeat(r.object, r.handle, 1, EPOCH);
    int64_t after = ops->last_seen(r.object, r.handle, 1);
    if (has && (before != -ENOENT || after != EPOCH))
        flaw = "last_seen does not answer";
    else if (!has && (before != -ENOTSUP || after != -ENOTSUP))
        flaw = "last_seen answers and is not declared";
    map_rig_down(&r);
    return flaw;
}

static int try_init(const struct presence_ops *ops, uint64_t ttl, uint64_t retain)
{
    struct presence_config config = small();
    void *object = support_alloc(ops->size);

    config.ttl_ms = ttl;
    config.retain_ms = retain;
    int error = ops->init(object, &config);
    if (error == 0)
        assert_int_equal(ops->fini(object), 0);
    free(object);
    return error;
}

/* P9: the longest that an entry can be kept, and one millisecond more. */
static const char *flaw_of_retention(const struct presence_ops *ops)
{
    uint64_t most = ops->traits->max_retain;

    if (most == UINT64_MAX)
        return try_init(ops, TTL, UINT64_MAX) ? "init refuses to keep entries for ever" : NULL;
    if (try_init(ops, TTL, most - TTL) || try_init(ops, most, 0))
        return "init refuses what max_retain allows";
    if (try_init(ops, TTL, most - TTL + 1) != -ERANGE || try_init(ops, most, 1) != -ERANGE ||
        try_init(ops, TTL, UINT64_MAX) != -ERANGE)
        return "init accepts more than max_retain";
    return NULL;
}

/* Whether the map still has the user, by its books: it need not have last_seen. */
static bool is_there(const struct map_rig *r)
{
    struct presence_stats s;

    r->ops->stats(r->object, &s);
    return s.entries == 1;
}

/*
 * P13: an expired entry may be told as one of up to `coarse` earlier, and be kept so much longer;
 * an online one may not.
 */
static const char *flaw_of_old_times(const struct presence_ops *ops)
{
    uint64_t retained = retention(ops, 5 * 60000);
    uint64_t g = ops->traits->granularity_ms, old = ops->traits->granularity_old_ms;
    uint64_t coarse = old > g ? old : g, at = EPOCH + coarse - 1, due = at - at % g + TTL + retained + g;
    struct presence_config config = small();
    const char *flaw = NULL;
    bool complete;
    struct map_rig r;

    config.retain_ms = retained;
    map_rig_up(&r, ops, &config);
    ops->heartbeat(r.object, r.handle, 1, at);
    ops->sweep(r.object, r.handle, at + TTL, UINT64_MAX, &complete);
    int64_t fresh = ops->last_seen(r.object, r.handle, 1);
    ops->sweep(r.object, r.handle, due - 1, UINT64_MAX, &complete);
    int64_t kept = ops->last_seen(r.object, r.handle, 1), exact = (int64_t)(at - at % g);
    if (!is_there(&r))
        flaw = "an expired entry is removed early";
    else if (fresh != -ENOTSUP && fresh != exact)
        flaw = "the time of a user who is online is coarser than declared";
    else if (kept != -ENOTSUP && (kept > exact || kept + (int64_t)(coarse - g) < exact))
        flaw = "the time of an expired entry is coarser than declared";
    ops->sweep(r.object, r.handle, due + (coarse - g), UINT64_MAX, &complete);
    bool may_miss = ops->traits->features & PRESENCE_SWEEP_MAY_MISS;
    if (!flaw && !may_miss && (is_there(&r) || !complete))
        flaw = "an expired entry is kept longer than declared";
    map_rig_down(&r);
    return flaw;
}

static const char *flaw_of_reserve(const struct presence_ops *ops)
{
    bool has = ops->traits->features & PRESENCE_RESERVES;
    struct presence_config config = small();
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    int answer = ops->reserve(r.object, r.handle, 4 * MODEL_USERS);
    map_rig_down(&r);
    if (has)
        return answer ? "reserve is declared and does not work" : NULL;
    return answer == -ENOTSUP ? NULL : "reserve answers and is not declared";
}

const char *map_class_flaw(const struct presence_ops *ops)
{
    const char *(*const classes[])(const struct presence_ops *) = {
        flaw_of_last_seen, flaw_of_retention, flaw_of_old_times, flaw_of_reserve,
    };
    const char *flaw = NULL;

    for (size_t i = 0; !flaw && i < sizeof classes / sizeof *classes; i++)
        flaw = classes[i](ops);
    return flaw;
}
