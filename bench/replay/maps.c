/* maps.c - a presence map driven by a log: a heartbeat for each request. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/memory.h"
#include "bench/replay/kind.h"

enum { SPARSE = 4 }; /* ids are dense if at least one of so many is in use */

static const double ms_per_year = 365.25 * 86400000;

static const struct presence_ops *ops_of(const struct replay_drive *d)
{
    return d->who.ops;
}

/* Clones multiply users, and the kernel would end the process long before malloc() fails. */
static int check_memory(const struct replay_drive *d, char why[REPLAY_WHY])
{
    const struct presence_traits *t = ops_of(d)->traits;
    double users = (double)d->load->users * (double)d->load->scale;
    double bytes = (double)t->bytes_fixed + users * (double)t->bytes_per_user;
    char what[48];

    snprintf(what, sizeof what, "%.0f users", users);
    return memory_check(bytes, 0, what, why);
}

/* The real ids must fit, although they are played as small numbers; and so must the times. */
static int check_ids(const struct replay_drive *d, char why[REPLAY_WHY])
{
    const struct presence_traits *t = ops_of(d)->traits;
    uint64_t largest = d->load->largest_id, users = d->load->users;

    if (largest > t->max_user)
        snprintf(why, REPLAY_WHY, "its ids end at %" PRIu64 ", and the log's reach %" PRIu64,
                 t->max_user, largest);
    else if (t->ids == PRESENCE_IDS_DENSE && largest / SPARSE > users)
        snprintf(why, REPLAY_WHY, "its ids must be dense, and the log has %" PRIu64 " up to %" PRIu64,
                 users, largest);
    else
        return 0;
    return -E2BIG;
}

/* The map's own, which goes by its size and options; UINT64_MAX: P22 does not apply. */
static uint64_t window_of(const struct replay_drive *d)
{
    struct presence_traits own;

    ops_of(d)->traits_of(d->object, &own);
    return own.max_retain;
}

/*
 * How far behind the latest time that the map has been given a heartbeat can be.  Clones are played
 * one after the other, a part of the log each.
 */
static uint64_t latest_lag(const struct replay_load *load)
{
    const struct replay_part *p = &load->parts[0];
    uint64_t high = 0, lag = 0;

    if (load->scale > 1)
        return load->last_ms - load->first_ms;
    for (size_t i = 0; p->low && i < p->beat_count; i++) {
        high = p->beats[i].now > high ? p->beats[i].now : high;
        lag = high - p->beats[i].now > lag ? high - p->beats[i].now : lag;
    }
    return lag;
}

/* P22.  A thread may be passes ahead of another, so that no window would do. */
static int check_window(const struct replay_drive *d, char why[REPLAY_WHY])
{
    uint64_t window = window_of(d);

    if (window == UINT64_MAX || (d->load->threads == 1 && latest_lag(d->load) <= window))
        return 0;
    snprintf(why, REPLAY_WHY, "it refuses times more than %" PRIu64 " ms before the latest, and %s",
             window, d->load->threads > 1 ? "threads drift apart: --threads=1 plays it"
                                          : "the log has such times");
    return -E2BIG;
}

static int create(struct replay_drive *d, char why[REPLAY_WHY])
{
    const struct presence_ops *ops = ops_of(d);
    struct presence_config config = {
        .ttl_ms = d->ttl_ms,
        .expected = d->load->users * d->load->scale,
        .origin = d->load->first_ms,
        .settings = contestant_settings(&d->who),
    };
    uint64_t span = d->load->last_ms - d->load->first_ms, most = ops->traits->max_span;
    int error;

    if (span > most) {
        snprintf(why, REPLAY_WHY, "its stamps reach %.0f years, and the log %.0f",
                 (double)most / ms_per_year, (double)span / ms_per_year);
        return -E2BIG;
    }
    error = check_ids(d, why);
    if (!error)
        error = check_memory(d, why);
    if (error)
        return error;
    d->object = contend_alloc_aligned(ops->size);
    error = d->object ? ops->init(d->object, &config) : -ENOMEM;
    if (!error) {
        error = check_window(d, why);
        if (error)
            ops->fini(d->object);
    }
    if (error)
        free(d->object);
    return error;
}

static void destroy(struct replay_drive *d)
{
    if (ops_of(d)->fini(d->object) == 0)
        free(d->object);
}

static int attach(struct replay_drive *d, struct replay_side *s)
{
    const struct presence_ops *ops = ops_of(d);
    int error;

    s->handles = contend_alloc_aligned(ops->handle_size);
    error = s->handles ? ops->attach(d->object, s->handles) : -ENOMEM;
    if (error)
        free(s->handles);
    return error;
}

static void detach(struct replay_drive *d, struct replay_side *s)
{
    ops_of(d)->detach(d->object, s->handles);
    free(s->handles);
}

static size_t length(const struct replay_part *p)
{
    return p->beat_count;
}

static uint64_t time_of(const struct replay_part *p, size_t i)
{
    return p->beats[i].now;
}

/* Raises the latest time that this thread has played, after `n` beats from `beats` on. */
static void raise_high(struct replay_side *s, const struct presence_beat *beats, size_t n,
                       uint64_t later, bool in_order)
{
    /* relaxed: only this thread writes it. */
    uint64_t high = atomic_load_explicit(&s->high, memory_order_relaxed);

    for (size_t i = in_order ? n - 1 : 0; i < n; i++)
        high = beats[i].now + later > high ? beats[i].now + later : high;
    /* relaxed: a bound that only rises; with an old value a sweep removes less. */
    atomic_store_explicit(&s->high, high, memory_order_relaxed);
}

static void play(struct replay_drive *d, struct replay_side *s, size_t n)
{
    const struct replay_load *load = d->load;
    const struct replay_part *p = &load->parts[s->number];
    const struct presence_beat *beats = p->beats + s->at.at;
    uint64_t later = s->at.pass * load->period_ms;

    for (uint64_t k = 0; k < load->scale; k++)
        ops_of(d)->loops.beats(d->object, s->handles, beats, n, k * load->users,
                                     later, &s->outcome);
    raise_high(s, beats, n, later, !p->low);
}

static void one(struct replay_drive *d, struct replay_side *s, uint64_t clone)
{
    const struct presence_beat *beat = &d->load->parts[s->number].beats[s->at.at];
    uint64_t later = s->at.pass * d->load->period_ms;
    int r = ops_of(d)->heartbeat(d->object, s->handles, beat->user + clone * d->load->users,
                                       beat->now + later);

    s->outcome.came_online += r == PRESENCE_CAME_ONLINE;
    s->outcome.failed += r < 0;
    raise_high(s, beat, 1, later, true);
}

/* The earliest time that a beat from the thread's position on can have. */
static uint64_t low_of(const struct replay_drive *d, const struct replay_side *s)
{
    const struct replay_part *p = &d->load->parts[s->number];
    uint64_t later = s->at.pass * d->load->period_ms;

    if (p->beat_count == 0)
        return UINT64_MAX; /* no sweep waits for it */
    if (s->at.at >= p->beat_count) /* at the end of a pass; the next begins a period later */
        return d->load->first_ms + later + d->load->period_ms;
    return (p->low ? p->low[s->at.at] : p->beats[s->at.at].now) + later;
}

/* Publishes this thread's position in time, and sweeps up to that of the slowest thread. */
static void tidy(struct replay_drive *d, struct replay_side *s, size_t n)
{
    uint64_t now = UINT64_MAX, latest = 0;

    /*
     * relaxed: a bound that only rises.  A thread that reads an old one sweeps for an
     * earlier time, which removes less.
     */
    atomic_store_explicit(&s->low, low_of(d, s), memory_order_relaxed);
    for (unsigned i = 0; i < d->load->threads; i++) {
        /* relaxed: as above. */
        uint64_t low = atomic_load_explicit(&d->sides[i].low, memory_order_relaxed);
        /* relaxed: as above. */
        uint64_t high = atomic_load_explicit(&d->sides[i].high, memory_order_relaxed);
        now = low < now ? low : now;
        latest = high > latest ? high : latest;
    }
    now = latest < now ? latest : now;
    int64_t removed = ops_of(d)->sweep(d->object, s->handles, now, n * d->load->scale, NULL);
    if (removed < 0) {
        s->failed++;
        return;
    }
    s->swept += (uint64_t)removed;
    s->swept_at_ms = now > s->swept_at_ms ? now : s->swept_at_ms;
}

/* The latest time that any sweep was given. */
static uint64_t latest_sweep(const struct replay_drive *d)
{
    uint64_t latest = 0;

    for (unsigned i = 0; i < d->load->threads; i++)
        if (d->sides[i].swept_at_ms > latest)
            latest = d->sides[i].swept_at_ms;
    return latest;
}

static bool failed(const struct replay_drive *d, char why[REPLAY_WHY])
{
    uint64_t calls = 0;

    for (unsigned i = 0; i < d->load->threads; i++)
        calls += d->sides[i].outcome.failed + d->sides[i].failed;
    if (calls)
        snprintf(why, REPLAY_WHY, "%" PRIu64 " calls failed", calls);
    return calls > 0;
}

/* P22: whether the map may have removed by itself what is so old. */
static bool fell_off(const struct replay_drive *d, uint64_t last, uint64_t now)
{
    uint64_t window = window_of(d);

    return window != UINT64_MAX && last != REPLAY_NEVER && now > last && now - last > window;
}

/* Whether an answer about one user is wrong; then s->why says which. */
static bool differs(struct replay_drive *d, struct replay_side *s, const struct replay_model *m,
                    uint64_t user, uint64_t clone, uint64_t swept_at)
{
    const struct presence_ops *ops = ops_of(d);
    uint64_t id = user + clone * d->load->users, now = m->latest_ms;
    int online = ops->is_online(d->object, s->handles, id, now);
    int64_t last = ops->last_seen(d->object, s->handles, id);
    bool wanted = replay_model_online(m, user, now);
    /* A sweep may have removed a user who had expired by then; and some maps never tell. */
    bool may_be_gone = !replay_model_online(m, user, swept_at) ||
                       !(ops->traits->features & PRESENCE_LAST_SEEN);

    if (online != (int)wanted)
        snprintf(s->why, REPLAY_WHY, "at %" PRIu64 " user %" PRIu64 " is %s and should be %s", now,
                 id, online == 1 ? "online" : "offline", wanted ? "online" : "offline");
    else if (last >= 0 && (uint64_t)last != m->last[user])
        snprintf(s->why, REPLAY_WHY, "last_seen of user %" PRIu64 " is %" PRId64 ", not %" PRId64,
                 id, last, m->last[user] == REPLAY_NEVER ? -1 : (int64_t)m->last[user]);
    else if (last < 0 && !may_be_gone && !fell_off(d, m->last[user], now))
        snprintf(s->why, REPLAY_WHY, "user %" PRIu64 " is gone, whose last heartbeat at %" PRIu64
                 " had not expired in any sweep", id, m->last[user]);
    return s->why[0] != '\0';
}

static void settle(struct replay_drive *d, struct replay_side *s)
{
    (void)d, (void)s; /* no map holds a beat back */
}

static void verify(struct replay_drive *d, struct replay_side *s, const struct replay_model *m)
{
    uint64_t swept_at = latest_sweep(d);

    s->why[0] = '\0';
    for (uint64_t user = s->number; user < m->users; user += d->load->threads)
        for (uint64_t k = 0; k < d->load->scale; k++)
            if (differs(d, s, m, user, k, swept_at))
                return;
}

/*
 * What a walk met: how many users, and how many of them it should not have met.  The
 * sum of their scrambled ids shows if it met one user twice in place of another.
 */
struct walk {
    const struct replay_model *m;
    bool tells; /* the map knows when a user was last seen */
    uint64_t met, wrong, ids;
};

static uint64_t scramble(uint64_t id)
{
    id = (id ^ (id >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    id = (id ^ (id >> 27)) * UINT64_C(0x94d049bb133111eb);
    return id ^ (id >> 31);
}

/* The sum that a walk over all users online must give. */
static uint64_t ids_online(const struct replay_drive *d, const struct replay_model *m)
{
    uint64_t sum = 0;

    for (uint64_t user = 0; user < m->users; user++)
        for (uint64_t k = 0; k < d->load->scale && replay_model_online(m, user, m->latest_ms); k++)
            sum += scramble(user + k * m->users);
    return sum;
}

static int meet(void *ctx, uint64_t user, uint64_t last_seen)
{
    struct walk *w = ctx;
    uint64_t visitor = user % w->m->users;

    w->met++;
    w->ids += scramble(user);
    w->wrong += !replay_model_online(w->m, visitor, w->m->latest_ms) ||
                (w->tells && last_seen != w->m->last[visitor]);
    return 0;
}

static void verify_whole(struct replay_drive *d, const struct replay_model *m,
                         char why[REPLAY_WHY])
{
    const struct presence_ops *ops = ops_of(d);
    struct walk walk = { .m = m, .tells = ops->traits->features & PRESENCE_LAST_SEEN };
    struct presence_stats stats;
    uint64_t online = replay_model_count(m, m->latest_ms) * d->load->scale;
    uint64_t came = 0, swept = 0, want = 0, got = 0;
    void *handle = d->sides[0].handles; /* free to use, since its thread rests */
    const char *what = NULL;

    for (unsigned i = 0; i < d->load->threads; i++) {
        came += d->sides[i].outcome.came_online;
        swept += d->sides[i].swept;
    }
    ops->stats(d->object, &stats);
    int64_t counted = ops->count_online(d->object, handle, m->latest_ms);
    ops->for_each_online(d->object, handle, m->latest_ms, meet, &walk);
    if (came != m->sessions * d->load->scale)
        what = "heartbeats that came online", got = came, want = m->sessions * d->load->scale;
    else if (counted != (int64_t)online)
        what = "users counted online", got = (uint64_t)counted, want = online;
    else if (walk.met != online)
        what = "users that a walk meets", got = walk.met, want = online;
    else if (walk.wrong)
        what = "users that a walk should not meet so", got = walk.wrong;
    else if (walk.ids != ids_online(d, m))
        what = "users that a walk met twice in place of another, at least", got = 1;
    else if (stats.entries != stats.inserts - stats.swept - stats.left)
        what = "entries", got = stats.entries, want = stats.inserts - stats.swept - stats.left;
    else if (stats.swept < swept || (stats.swept > swept && window_of(d) == UINT64_MAX))
        what = "removals by sweeps", got = stats.swept, want = swept;
    if (what)
        snprintf(why, REPLAY_WHY, "%s: %" PRIu64 ", not %" PRIu64 " (at %" PRIu64 ")", what, got,
                 want, m->latest_ms);
}

static uint64_t bytes(const struct replay_drive *d)
{
    struct presence_stats stats;

    ops_of(d)->stats(d->object, &stats);
    return stats.bytes + d->load->threads * ops_of(d)->handle_size;
}

static void explain(const struct replay_drive *d, char why[REPLAY_WHY])
{
    (void)d, (void)why; /* the error is enough of a reason */
}

const struct replay_kind replay_maps = {
    create, destroy, attach, detach, explain, length, time_of,
    play, one, tidy, settle, failed, verify, verify_whole, bytes,
};
