/* disturb_presence.c - growth, a crowd that beats at once, and a crowd that expires at once. */
#include "bench/engine/disturb.h"

#include <stdio.h>
#include <string.h>

#include "bench/base/stats.h"
#include "bench/engine/scene_presence.h"

enum {
    CALM_NS = 250000000, /* 25,000 beats of the others */
    BETWEEN_NS = 30000000,
    STEPS = 64,          /* of the actor between two looks at the clock */
    ROUNDS = 64          /* at most */
};

/* What a phase without an end of its own takes at most: it is bounded whatever the map does. */
static const uint64_t longest_ns = UINT64_C(20000000000);

/* The actor's task, and what came of it. */
struct task {
    uint64_t users;  /* how many, from SCENE_OTHERS on */
    uint64_t stride; /* from one to the next; those between stay online */
    uint64_t budget; /* of a sweep */
    struct growth *growth;
    struct histogram *slices;
    uint64_t done, took_ns, cpu_ns;
};

static bool fits(const struct contestant *who, char why[DISTURB_WHY])
{
    if (who->family == &family_presence)
        return true;
    snprintf(why, DISTURB_WHY, "%s has no users that come and go", who->family->article);
    return false;
}

static void mark(struct task *t, const struct scene *s, uint64_t now, uint64_t start)
{
    struct growth *g = t->growth;

    if (g && g->count < DISTURB_POINTS)
        g->points[g->count++] = (struct growth_point){
            .ms = now > start ? (double)(now - start) / 1e6 : 0, .users = t->done,
            .bytes = scene_held(s),
        };
}

static int finish(struct crew_worker *me, struct task *t, uint64_t begun, int error)
{
    struct scene *s = scene_of(me);

    t->took_ns = contend_clock_ns() - begun;
    me->stint.last_ns = begun + t->took_ns;
    crew_ask_stop(s->crew);
    return error < 0 ? error : 0;
}

/* Beats for all of the task's users, one after the other, at one instant or as time passes. */
static int insert(struct crew_worker *me)
{
    struct scene *s = scene_of(me);
    struct task *t = s->actor;
    uint64_t begun = crew_await_start(me), now = begun, next = 0;
    int error = 0;

    for (t->done = 0; t->done < t->users && error >= 0; t->done++) {
        if (t->done % STEPS == 0) {
            now = contend_clock_ns();
            if (!crew_goes_on(me, now))
                break;
            if (t->done >= next) {
                mark(t, s, now, begun);
                next += t->users / (DISTURB_POINTS - 1) + 1;
            }
        }
        error = s->ops->heartbeat(s->map, s->handles[me->number], SCENE_OTHERS + t->done * t->stride,
                                  t->growth ? scene_now(s, me, now) : s->now_ms);
    }
    mark(t, s, contend_clock_ns(), begun);
    return finish(me, t, begun, error);
}

/*
 * Sweeps until all are gone, or for two rounds: the first may have begun in the middle.  A policy
 * that samples never completes one.
 */
static int sweep(struct crew_worker *me)
{
    struct scene *s = scene_of(me);
    struct task *t = s->actor;
    uint64_t begun = crew_await_start(me), now = begun, calls = 0, rounds = 0;
    uint64_t most = 64 * (t->users * t->stride / t->budget + 2);
    int64_t removed = 0;

    t->cpu_ns = 0 - stint_cpu_ns();
    for (t->done = 0; t->done < t->users && removed >= 0 && rounds < 2 && calls < most &&
                      crew_goes_on(me, now); calls++) {
        bool complete = false;
        removed = s->ops->sweep(s->map, s->handles[me->number], s->now_ms, t->budget, &complete);
        t->done += removed > 0 ? (uint64_t)removed : 0;
        rounds += complete;
        uint64_t before = now;
        now = contend_clock_ns();
        histogram_add(t->slices, now - before);
    }
    t->cpu_ns += stint_cpu_ns();
    return finish(me, t, begun, removed < 0 ? (int)removed : 0);
}

/* Those who stay beat once each, untimed, so that they are online at s->now_ms. */
static int stay(struct crew_worker *me)
{
    struct scene *s = scene_of(me);
    const struct task *t = s->actor;
    int error = 0;

    for (uint64_t i = 0; i < t->users * t->stride && error >= 0; i++)
        if (i % t->stride != 0)
            error = s->ops->heartbeat(s->map, s->handles[me->number], SCENE_OTHERS + i, s->now_ms);
    return error < 0 ? error : 0;
}

static int refresh_all(struct scene *s)
{
    struct crew_phase phase = { .work = { [SCENE_ACTS] = stay } };
    int error = crew_perform(s->crew, &phase, NULL);

    return error ? error : scene_refresh(s);
}

/* ---- growth ---- */

static int grow(const struct contestant *who, const cpu_set_t *allowed, uint64_t expected,
                uint64_t users, struct growth *out, struct histogram *calm, char why[DISTURB_WHY])
{
    struct task task = { .users = users, .stride = 1, .growth = out };
    struct presence_stats stats;
    struct scene *s;
    int error = scene_make(&s, who, allowed, expected, why);

    if (error)
        return error;
    s->actor = &task;
    if (calm)
        error = scene_perform(s, NULL, CALM_NS, calm);
    if (!error)
        error = scene_perform(s, insert, longest_ns, &out->others);
    s->ops->stats(s->map, &stats);
    out->bytes = stats.bytes;
    /* relaxed: the phase is over. */
    out->bytes_peak = atomic_load_explicit(&s->peak, memory_order_relaxed);
    out->inserts_per_s = task.took_ns ? (double)task.done * 1e9 / (double)task.took_ns : 0;
    if (!error && task.done < users)
        error = -ETIME;
    scene_end(s);
    return error;
}

int disturb_growth(const struct contestant *who, const cpu_set_t *allowed, uint64_t users,
                   struct growth_result *out, char why[DISTURB_WHY])
{
    const struct presence_traits *t;
    int error;

    memset(out, 0, sizeof *out);
    if (!fits(who, why))
        return -ENOTSUP;
    t = contestant_traits(who);
    if (!(t->features & PRESENCE_GROWS) && !(t->id.flags & CONTEND_FLOOR)) {
        snprintf(why, DISTURB_WHY, "it does not grow: its capacity is fixed");
        return -ENOTSUP;
    }
    error = grow(who, allowed, SCENE_OTHERS, users, &out->growing, &out->calm, why);
    if (!error)
        error = grow(who, allowed, SCENE_OTHERS + users, users, &out->sized, NULL, why);
    return error;
}

/* ---- a crowd ---- */

/* How long the actor took in a round, in ms. */
struct mass_times {
    double beats[ROUNDS], sweeps[ROUNDS], cpu[ROUNDS];
};

static int mass_round(struct scene *s, struct task *t, struct mass_result *out,
                      struct mass_times *times)
{
    const struct presence_traits *traits = s->ops->traits;
    int error = scene_perform(s, insert, longest_ns, &out->beats);

    times->beats[out->rounds] = (double)t->took_ns / 1e6;
    if (!error)
        error = scene_perform(s, NULL, BETWEEN_NS, &out->calm);
    /* All have expired, to the last one's millisecond, and the others have not. */
    s->now_ms += PRESENCE_DEFAULT_TTL_MS + traits->granularity_ms + 1;
    if (!error)
        error = refresh_all(s);
    if (!error)
        error = scene_perform(s, sweep, longest_ns, &out->expiry);
    times->sweeps[out->rounds] = (double)t->took_ns / 1e6;
    times->cpu[out->rounds] = (double)t->cpu_ns / 1e6;
    out->removed += t->done;
    return error;
}

int disturb_mass(const struct contestant *who, const cpu_set_t *allowed,
                 const struct mass_wish *wish, struct mass_result *out, char why[DISTURB_WHY])
{
    struct task task = { .users = wish->crowd, .budget = wish->budget, .slices = &out->slices,
                         .stride = wish->among > wish->crowd ? wish->among / wish->crowd : 1 };
    struct mass_times times;
    struct scene *s;
    int error;

    memset(out, 0, sizeof *out);
    if (!fits(who, why))
        return -ENOTSUP;
    out->among = task.users * task.stride;
    error = scene_make(&s, who, allowed, SCENE_OTHERS + out->among, why);
    if (error)
        return error;
    s->actor = &task;
    error = refresh_all(s);
    while (!error && out->rounds < wish->rounds && out->rounds < ROUNDS &&
           (out->rounds == 0 || contend_clock_ns() < wish->ends_ns)) {
        error = mass_round(s, &task, out, &times);
        out->rounds += !error;
    }
    scene_end(s);
    out->beats_ms = stats_median(times.beats, out->rounds);
    out->sweep_ms = stats_median(times.sweeps, out->rounds);
    out->sweep_cpu_ms = stats_median(times.cpu, out->rounds);
    return error;
}
