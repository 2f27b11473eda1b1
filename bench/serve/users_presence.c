/* users_presence.c - see users_presence.h. */
#include "bench/serve/users_presence.h"

#include <errno.h>
#include <stdlib.h>

#include "bench/serve/sides.h"
#include "presence_map/presence_map.h"

struct users {
    const struct presence_ops *ops;
    void *map;
    struct sides handles;
    uint64_t ttl_ms, retain_ms;
};

int users_make(struct users **out, const struct users_plan *plan)
{
    const struct presence_ops *ops = plan->strategy;
    struct users *u = calloc(1, sizeof *u);
    uint64_t most = ops->traits->max_retain;
    int error = -ENOMEM;

    *out = NULL;
    if (!u)
        return -ENOMEM;
    u->ops = ops;
    u->ttl_ms = plan->ttl_ms;
    u->retain_ms = most - plan->ttl_ms < plan->retain_ms ? most - plan->ttl_ms : plan->retain_ms;
    if (most < plan->ttl_ms)
        u->retain_ms = 0;
    const struct presence_config config = {
        .ttl_ms = plan->ttl_ms, .retain_ms = u->retain_ms, .expected = plan->users,
        .capacity = plan->users, .settings = plan->settings,
    };
    u->map = contend_alloc(ops->align, ops->size);
    if (u->map && sides_make(&u->handles, plan->sides, ops->handle_align, ops->handle_size) == 0) {
        error = ops->init(u->map, &config);
        if (error == 0) {
            *out = u;
            return 0;
        }
    }
    sides_end(&u->handles);
    free(u->map);
    free(u);
    return error;
}

void users_end(struct users *u)
{
    if (!u)
        return;
    u->ops->fini(u->map);
    sides_end(&u->handles);
    free(u->map);
    free(u);
}

int users_attach(struct users *u, unsigned side)
{
    void *h = sides_at(&u->handles, side);
    int error = u->ops->attach(u->map, h);

    if (error == 0)
        u->ops->offline(u->map, h); /* between requests a thread may sleep for long */
    return error;
}

void users_detach(struct users *u, unsigned side)
{
    void *h = sides_at(&u->handles, side);

    u->ops->online(u->map, h);
    u->ops->detach(u->map, h);
}

/* The side's handle, announced as in use until leave(). */
static void *enter(struct users *u, unsigned side)
{
    void *h = sides_at(&u->handles, side);

    u->ops->online(u->map, h);
    return h;
}

static void leave(struct users *u, void *h)
{
    u->ops->quiescent(u->map, h);
    u->ops->offline(u->map, h);
}

int users_beat(struct users *u, unsigned side, uint64_t user, uint64_t now)
{
    void *h = enter(u, side);
    int result = u->ops->heartbeat(u->map, h, user, now);

    leave(u, h);
    return result == PRESENCE_STALE ? 0 : result;
}

int users_online(struct users *u, unsigned side, const uint64_t *ids, size_t n, uint64_t now,
                 int *results)
{
    void *h = enter(u, side);
    int error = u->ops->is_online_many(u->map, h, ids, n, now, results);

    leave(u, h);
    return error;
}

int64_t users_last_seen(struct users *u, unsigned side, uint64_t user)
{
    void *h = enter(u, side);
    int64_t result = u->ops->last_seen(u->map, h, user);

    leave(u, h);
    return result;
}

int64_t users_count(struct users *u, unsigned side, uint64_t now)
{
    void *h = enter(u, side);
    int64_t result = u->ops->count_online(u->map, h, now);

    leave(u, h);
    return result;
}

void users_sweep(struct users *u, unsigned side, uint64_t now, uint64_t budget)
{
    void *h = enter(u, side);

    u->ops->sweep(u->map, h, now, budget, NULL);
    leave(u, h);
}

struct walk {
    int (*fn)(void *ctx, uint64_t user, uint64_t last_seen);
    void *ctx;
    uint64_t now;
};

/* A map without last_seen passes 0: all it knows is that the user is online now. */
static int meet_untold(void *ctx, uint64_t user, uint64_t last_seen)
{
    const struct walk *w = ctx;

    (void)last_seen;
    return w->fn(w->ctx, user, w->now);
}

int users_each(struct users *u, unsigned side, uint64_t now,
               int (*fn)(void *ctx, uint64_t user, uint64_t last_seen), void *ctx)
{
    struct walk w = { fn, ctx, now };
    struct presence_traits traits;
    void *h = enter(u, side);
    int result;

    u->ops->traits_of(u->map, &traits);
    if (traits.features & PRESENCE_LAST_SEEN)
        /* Users with later heartbeats have an age of 0 at that time: the walk meets them all. */
        result = u->ops->for_each_online(u->map, h, now - u->retain_ms, fn, ctx);
    else
        result = u->ops->for_each_online(u->map, h, now, meet_untold, &w);
    leave(u, h);
    return result;
}

const char *users_strategy(const struct users *u)
{
    return u->ops->traits->id.name;
}

size_t users_bytes(struct users *u)
{
    struct presence_stats stats;

    u->ops->stats(u->map, &stats);
    return stats.bytes;
}

uint64_t users_remembered_ms(const struct users *u)
{
    return u->ttl_ms + u->retain_ms;
}
