/* expiry_lag_presence.c - users that stop, asked for until they are gone. */
#include "bench/engine/expiry_lag.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/interrupt.h"
#include "bench/engine/stint.h"
#include "presence_map/presence_map.h"

enum { BEAT_MS = 10000, STOPPING_MS = 60000, EPOCH_MS = 1000000000, END_MS = EXPIRY_END_S * 1000 };

/* Of a user that has stopped. */
struct watched {
    uint64_t user, deadline; /* the first ms at which it is offline */
    bool seen_offline;
};

struct story {
    const struct presence_ops *ops;
    void *map, *handle;
    uint64_t users, budget;
    struct watched *watched; /* those that are not gone yet */
    size_t count;
    bool *stopped;
    struct stint sweeping;
    struct expiry_lag *out;
};

static uint64_t scattered(uint64_t user)
{
    uint64_t z = (user + 1) * UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 31)) * UINT64_C(0xbf58476d1ce4e5b9);
    return z ^ (z >> 29);
}

/* Every second user stops, at its first beat from this instant on. */
static uint64_t stops_at(uint64_t user)
{
    return user % 2 ? UINT64_MAX : scattered(user) % STOPPING_MS;
}

/* The users whose turn it is beat; one that stops instead is watched from its last beat on. */
static int beat(struct story *s, uint64_t at)
{
    uint64_t turn = at % BEAT_MS / EXPIRY_STEP_MS, turns = BEAT_MS / EXPIRY_STEP_MS;
    int error = 0;

    for (uint64_t user = turn; user < s->users && error >= 0; user += turns) {
        if (s->stopped[user])
            continue;
        if (at < BEAT_MS || at < stops_at(user)) {
            error = s->ops->heartbeat(s->map, s->handle, user, EPOCH_MS + at);
            continue;
        }
        s->stopped[user] = true;
        s->watched[s->count++] = (struct watched){
            .user = user, .deadline = EPOCH_MS + at - BEAT_MS + PRESENCE_DEFAULT_TTL_MS + 1,
        };
    }
    return error < 0 ? error : 0;
}

/* Asks for those that are past their deadline; what is gone is watched no longer. */
static void ask(struct story *s, uint64_t now)
{
    bool answers = s->ops->traits->features & PRESENCE_LAST_SEEN;

    for (size_t i = 0; i < s->count;) {
        struct watched *w = &s->watched[i];
        if (now < w->deadline) {
            i++;
            continue;
        }
        if (!w->seen_offline && s->ops->is_online(s->map, s->handle, w->user, now) == 0) {
            histogram_add(&s->out->invisible, now - w->deadline);
            w->seen_offline = true;
        }
        if (answers && w->seen_offline && s->ops->last_seen(s->map, s->handle, w->user) == -ENOENT) {
            histogram_add(&s->out->gone, now - w->deadline);
            s->out->removed++;
            *w = s->watched[--s->count];
        } else {
            i++;
        }
    }
}

static int sweep(struct story *s, uint64_t now)
{
    int64_t removed;

    stint_read_meters(&s->sweeping, -1);
    removed = s->ops->sweep(s->map, s->handle, now, s->budget, NULL);
    stint_read_meters(&s->sweeping, +1);
    s->out->sweeps++;
    return removed < 0 ? (int)removed : 0;
}

static void mark(struct story *s, uint64_t now)
{
    struct presence_stats stats;
    uint64_t dead = 0;

    for (size_t i = 0; i < s->count; i++)
        dead += s->watched[i].deadline <= now;
    s->ops->stats(s->map, &stats);
    struct expiry_point *p = &s->out->points[s->out->count++];
    p->entries = stats.entries;
    p->live = stats.entries > dead ? stats.entries - dead : 0;
    p->stale_bytes = stats.bytes_retired;
    if (stats.entries && stats.bytes > stats.bytes_retired)
        p->stale_bytes += (size_t)((double)(stats.bytes - stats.bytes_retired) * (double)dead /
                                   (double)stats.entries);
}

static int tell(struct story *s)
{
    int error = 0;

    for (uint64_t at = 0; at < END_MS && !error; at += EXPIRY_STEP_MS) {
        error = beat(s, at);
        if (!error && at % EXPIRY_SWEEP_MS == 0)
            error = sweep(s, EPOCH_MS + at);
        ask(s, EPOCH_MS + at);
        if (at % 1000 == 0)
            mark(s, EPOCH_MS + at);
        if (interrupt_came())
            error = -EINTR;
    }
    return error;
}

static int prepare(struct story *s, const struct contestant *who)
{
    struct presence_config config = { .expected = s->users, .origin = EPOCH_MS - 60000,
                                      .settings = contestant_settings(who) };
    int error = -ENOMEM;

    s->watched = calloc(s->users, sizeof *s->watched);
    s->stopped = calloc(s->users, sizeof *s->stopped);
    s->map = contend_alloc(s->ops->align, s->ops->size);
    s->handle = contend_alloc(s->ops->handle_align, s->ops->handle_size);
    if (s->watched && s->stopped && s->map && s->handle)
        error = s->ops->init(s->map, &config);
    if (error) {
        free(s->map);
        s->map = NULL;
        return error;
    }
    return s->ops->attach(s->map, s->handle);
}

int expiry_lag_run(const struct contestant *who, uint64_t users, uint64_t budget,
                   struct expiry_lag *out, char why[EXPIRY_WHY])
{
    struct story s = { .ops = who->ops, .users = users, .budget = budget, .out = out };
    const struct presence_traits *traits;
    int error;

    memset(out, 0, sizeof *out);
    if (who->family != &family_presence) {
        snprintf(why, EXPIRY_WHY, "%s has no users that come and go", who->family->article);
        return -ENOTSUP;
    }
    traits = contestant_traits(who);
    if (traits->id.flags & (CONTEND_FLOOR | CONTEND_REAL_TIME)) {
        snprintf(why, EXPIRY_WHY, "its users do not expire in virtual time");
        return -ENOTSUP;
    }
    out->policy = traits->expiry;
    error = prepare(&s, who);
    if (!error) {
        error = tell(&s);
        s.ops->detach(s.map, s.handle);
    }
    for (uint64_t user = 0; user < users; user++)
        out->stopped += user % 2 == 0;
    out->sweep_ns = (double)s.sweeping.cpu_ns;
    if (s.map && s.ops->fini(s.map) == 0)
        free(s.map);
    free(s.handle);
    free(s.watched);
    free(s.stopped);
    return error;
}
