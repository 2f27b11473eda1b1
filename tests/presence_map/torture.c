/*
 * torture.c - presence maps under real threads, more than processors.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "locks/parts/platform.h"
#include "tests/support/load.h"
#include "bench/check/map_model.h"
#include "tests/support/support.h"

enum { THREADS = 5, PERMANENT = 12, PASSING = 30, ROUNDS = 200 };

struct arena {
    const struct presence_ops *ops;
    void *object;
    _Atomic uint64_t now;     /* virtual, shared, only rises */
    _Atomic uint64_t trouble; /* how often a check failed ... */
    const char *_Atomic what; /* ... and the last one's name */
    pthread_barrier_t start, end;
    int results[THREADS];
};

static void expect(struct arena *a, bool holds, const char *what)
{
    if (holds)
        return;
    atomic_fetch_add(&a->trouble, 1);
    atomic_store(&a->what, what);
}

static void *attach(struct arena *a)
{
    void *handle = support_alloc(a->ops->handle_size);

    if (a->ops->attach(a->object, handle) != 0)
        abort();
    return handle;
}

/* Whether the call went well, or came too late for this map (P22). */
static bool well(struct arena *a, int64_t answer, uint64_t now)
{
    return answer >= 0 ||
           (answer == -ERANGE && may_be_late(a->ops, now, atomic_load(&a->now)));
}

static void detach(struct arena *a, void *handle)
{
    a->ops->detach(a->object, handle);
    free(handle);
}

static void arena_up(struct arena *a, struct map_rig *rig, const struct presence_ops *ops)
{
    struct presence_config config = small();

    *a = (struct arena){ .ops = ops };
    map_rig_up(rig, ops, &config);
    a->object = rig->object;
    atomic_init(&a->now, EPOCH);
}

static void arena_down(struct arena *a, struct map_rig *rig)
{
    uint64_t far = atomic_load(&a->now) + 10 * TTL;
    struct presence_stats s;

    if (atomic_load(&a->trouble))
        fail_msg("%llu times: %s", (unsigned long long)atomic_load(&a->trouble),
                 atomic_load(&a->what));
    assert_true(map_rig_balanced_after_all(rig));
    rig->ops->stats(rig->object, &s);
    int64_t removed = rig->ops->sweep(rig->object, rig->handle, far, UINT64_MAX, NULL);
    assert_true(map_swept(rig->ops, removed, s.entries)); /* completeness at rest */
    uint64_t left = s.entries - (uint64_t)removed;
    rig->ops->stats(rig->object, &s);
    assert_int_equal(s.entries, left);
    map_rig_down(rig);
}

/* ---- everything at once ---- */

struct sightings {
    unsigned times[PERMANENT + PASSING];
};

static int sight(void *ctx, uint64_t user, uint64_t last)
{
    struct sightings *s = ctx;

    (void)last;
    if (user < PERMANENT + PASSING)
        s->times[user]++;
    return 0;
}

/* P10, P11: the permanent users are met once by every walk, nobody twice. */
static void look_around(struct arena *a, void *handle)
{
    struct sightings s = { { 0 } };
    uint64_t now = atomic_load(&a->now);
    bool all = true, once = true;

    if (a->ops->for_each_online(a->object, handle, now, sight, &s) != 0)
        return; /* too late: the next call will tell */
    for (unsigned u = 0; u < PERMANENT + PASSING; u++) {
        all &= u >= PERMANENT || s.times[u] >= 1;
        once &= s.times[u] <= 1;
    }
    expect(a, all, "a walk missed a user who was online all the time");
    bool may_repeat = a->ops->traits->features & PRESENCE_WALK_MAY_REPEAT;
    expect(a, once || may_repeat, "a walk met a user twice");
    int64_t count = a->ops->count_online(a->object, handle, now);
    expect(a, count < 0 ? well(a, count, now)
                        : count >= PERMANENT && (count <= PERMANENT + PASSING || may_repeat),
           "count_online is out of bounds");
}

static void live(struct team *team, unsigned number)
{
    struct arena *a = team->shared;
    struct support_random random = { support_seed() * 31 + number };
    uint64_t newest[PERMANENT] = { 0 };
    void *handle = attach(a);

    for (unsigned i = 0; !team_stopped(team); i++) {
        uint64_t user = PERMANENT + support_below(&random, PASSING);
        uint64_t now = atomic_load(&a->now);
        if (number == 0 && i % 64 == 0) { /* one thread is the sweeper, and moves time on */
            a->ops->sweep(a->object, handle, now, i % 128 ? 16 : UINT64_MAX, NULL);
            atomic_fetch_add(&a->now, 500);
        }
        switch (support_below(&random, 8)) {
        case 0: case 1:
            expect(a, well(a, a->ops->heartbeat(a->object, handle, user, now), now),
                   "a heartbeat failed");
            break;
        case 2:
            expect(a, well(a, a->ops->leave(a->object, handle, user, now), now), "a leave failed");
            break;
        case 3:
            expect(a, well(a, a->ops->sweep(a->object, handle, now, 4, NULL), now), "a sweep failed");
            break;
        case 4:
            look_around(a, handle);
            break;
        default: {
            /* Everybody keeps the permanent users alive; nobody may see them go back in time. */
            unsigned u = (unsigned)support_below(&random, PERMANENT);
            int answer = a->ops->heartbeat(a->object, handle, u, now);
            if (answer < 0) {
                expect(a, well(a, answer, now), "a heartbeat failed");
                break;
            }
            int64_t last = seen(a->ops, a->object, handle, u, now);
            if (a->ops->traits->features & PRESENCE_STORES)
                break; /* P20: an earlier heartbeat that overlaps may be the last one */
            expect(a, last >= (int64_t)newest[u], "last_seen went back");
            expect(a, last >= (int64_t)(now - now % a->ops->traits->granularity_ms),
                   "last_seen is older than the heartbeat that returned");
            newest[u] = last > 0 ? (uint64_t)last : 0;
        }
        }
    }
    detach(a, handle);
}

/*
 * The thread that moves time on also refreshes: between two instants that are a
 * TTL apart it beats for each permanent user about a hundred times, so none of
 * them expires, however long the other threads are off their processors.
 */
static void lives(void **state)
{
    const unsigned threads[] = { 2, THREADS };
    struct map_rig rig;
    struct arena a;

    for (size_t k = 0; k < 2; k++) {
        arena_up(&a, &rig, *state);
        for (uint64_t u = 0; u < PERMANENT; u++) /* from the far end of the run */
            rig.ops->heartbeat(rig.object, rig.handle, u, EPOCH + 100000000);
        atomic_store(&a.now, EPOCH + 100000000);
        struct team team = { .body = live, .shared = &a };
        team_run(&team, threads[k], support_ms(40));
        arena_down(&a, &rig);
    }
}

/* ---- the lost heartbeat ---- */

/*
 * Thread 0 lets its user expire and beats again, over and over; the others sweep.
 * No sweep's time is later than the beat's deadline, so a beat that returned must
 * be there (P7).
 */
static void beat_or_sweep(struct team *team, unsigned number)
{
    struct arena *a = team->shared;
    void *handle = attach(a);

    while (!team_stopped(team)) {
        if (number > 0) {
            a->ops->sweep(a->object, handle, atomic_load(&a->now), UINT64_MAX, NULL);
            continue;
        }
        uint64_t later = TTL + a->ops->traits->granularity_ms + 5000;
        uint64_t t = atomic_fetch_add(&a->now, later) + later;
        expect(a, a->ops->heartbeat(a->object, handle, 3, t) == PRESENCE_CAME_ONLINE,
               "an expired user did not come online");
        expect(a, seen(a->ops, a->object, handle, 3, t) >=
                      (int64_t)(t - t % a->ops->traits->granularity_ms),
               "a heartbeat was lost");
    }
    detach(a, handle);
}

static void loses_no_heartbeat(void **state)
{
    struct map_rig rig;
    struct arena a;

    arena_up(&a, &rig, *state);
    struct team team = { .body = beat_or_sweep, .shared = &a };
    team_run(&team, 3, support_ms(60));
    arena_down(&a, &rig);
}

/* ---- exactly one comes online ---- */

static void race_to_come_online(struct team *team, unsigned number)
{
    struct arena *a = team->shared;
    void *handle = attach(a);

    for (int round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&a->start);
        uint64_t now = atomic_load(&a->now);
        /* Stamps differ, within the TTL; the user is new in even rounds, expired in odd ones. */
        a->results[number] =
            a->ops->heartbeat(a->object, handle, (uint64_t)(round / 2) % 40, now + number * 1000);
        pthread_barrier_wait(&a->end);
    }
    detach(a, handle);
}

static void *count_winners(void *arg)
{
    struct arena *a = arg;

    for (int round = 0; round < ROUNDS; round++) {
        int winners = 0;
        pthread_barrier_wait(&a->start);
        pthread_barrier_wait(&a->end);
        for (int i = 0; i < 3; i++)
            winners += a->results[i] == PRESENCE_CAME_ONLINE;
        expect(a, winners == 1, "not exactly one heartbeat brought the user online");
        atomic_fetch_add(&a->now, 3 * TTL);
    }
    return NULL;
}

static void one_comes_online(void **state)
{
    struct map_rig rig;
    struct arena a;
    pthread_t thread;

    arena_up(&a, &rig, *state);
    pthread_barrier_init(&a.start, NULL, 4);
    pthread_barrier_init(&a.end, NULL, 4);
    assert_int_equal(pthread_create(&thread, NULL, count_winners, &a), 0);
    struct team team = { .body = race_to_come_online, .shared = &a };
    team_run(&team, 3, 0);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&a.start);
    pthread_barrier_destroy(&a.end);
    arena_down(&a, &rig);
}

/* ---- loads with oracles of their own ---- */

static void run(void **state, void (*load_with)(const struct presence_ops *, const struct load *,
                                                struct finding *), double seconds)
{
    struct load load = { .seed = support_seed(), .threads = 3, .seconds = seconds };
    struct finding f = { .wrong = false };

    load_with(*state, &load, &f);
    if (atomic_load(&f.wrong))
        fail_msg("%s", f.text);
}

static void linearizable_per_user(void **state)
{
    run(state, map_rounds, support_ms(40) / 1e3);
}

static void obeys_its_users_owners(void **state)
{
    run(state, map_owners, support_ms(20) / 1e3);
}

int main(void)
{
    static const struct check checks[] = {
        { "lives", lives },
        { "loses no heartbeat", loses_no_heartbeat },
        { "one comes online", one_comes_online },
        { "linearizable per user", linearizable_per_user },
        { "obeys its users' owners", obeys_its_users_owners },
    };

    return support_run_maps("map torture", checks, sizeof checks / sizeof *checks, CONTEND_EXHIBIT);
}
