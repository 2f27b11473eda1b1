/*
 * owners.c - long runs over a map in which each user has one writer.
 *
 * The writer knows what must be there, whatever the others sweep.  It tells, before
 * and after each change; a reader takes the bounds of what it may see from what was told
 * before and after its own call.
 */
#include <stdlib.h>

#include "tests/support/load.h"
#include "bench/check/map_model.h"
#include "tests/support/support.h"

enum { USERS = 64, PASS = 64, MOMENT = 400, PASSES_TO_JUMP = 12 };

/* What the owner tells of a user; written by the owner alone. */
struct told {
    _Atomic uint64_t begun;  /* the greatest stamp of a heartbeat that has begun */
    _Atomic uint64_t done;   /* the stamp that must be there, or 0 */
    _Atomic uint64_t leaves; /* odd while the owner makes the user leave */
};

struct town {
    const struct presence_ops *ops;
    const struct load *load;
    struct finding *finding;
    void *object;
    uint64_t began, g, retained;
    _Alignas(128) _Atomic uint64_t now; /* only rises; no sweep has a later time */
    _Alignas(128) struct told told[USERS];
    _Atomic uint64_t swept, left;
};

struct citizen {
    struct town *town;
    void *handle;
    unsigned number;
    uint64_t stamp[USERS]; /* of its own users: what it wrote last, or 0 */
    uint64_t operations, judged, swept, left;
    struct support_random random;
};

static uint64_t rounded(const struct town *t, uint64_t stamp)
{
    return stamp - stamp % t->g;
}

/* Whether an entry made at `stamp` is online at `now`: P13. */
static bool online(const struct town *t, uint64_t stamp, uint64_t now)
{
    uint64_t last = rounded(t, stamp);

    return stamp && (now <= last || now - last <= TTL + t->g - 1);
}

/* Whether no sweep at `now` or earlier may remove an entry made at `stamp`: P9. */
static bool kept(const struct town *t, uint64_t stamp, uint64_t now)
{
    uint64_t last = rounded(t, stamp);

    return stamp && (now <= last || now - last <= TTL + t->retained + t->g - 1);
}

#define EXPECT(CITIZEN, CONDITION, TEXT)                                                      \
    do {                                                                                      \
        (CITIZEN)->judged++;                                                                  \
        if (!(CONDITION))                                                                     \
            finding_wrong((CITIZEN)->town->finding, "%s", TEXT);                              \
    } while (0)

/* P22: whether the map has refused this call for lateness, as it may. */
static bool refused(const struct town *t, int64_t answer, uint64_t now)
{
    return answer == -ERANGE && may_be_late(t->ops, now, atomic_load(&t->now));
}

/* ---- what an owner does ---- */

static void beat(struct citizen *c, unsigned u)
{
    struct town *t = c->town;
    uint64_t was = c->stamp[u], now = atomic_load(&t->now);

    atomic_store(&t->told[u].begun, now);
    int result = t->ops->heartbeat(t->object, c->handle, u, now);
    if (refused(t, result, now))
        return;
    c->stamp[u] = now;
    atomic_store(&t->told[u].done, now);
    if (!online(t, was, now))
        EXPECT(c, result == PRESENCE_CAME_ONLINE, "an offline user did not come online");
    else if (online(t, was, atomic_load(&t->now))) /* no sweep can have come between */
        EXPECT(c, result == PRESENCE_REFRESHED, "a user who was online came online");
    else
        EXPECT(c, result == PRESENCE_REFRESHED || result == PRESENCE_CAME_ONLINE,
               "the owner's heartbeat was stale, or failed");
}

static void look_at_own(struct citizen *c, unsigned u)
{
    struct town *t = c->town;
    uint64_t stamp = c->stamp[u];
    int64_t last = seen(t->ops, t->object, c->handle, u, stamp ? stamp : atomic_load(&t->now));

    if (stamp == 0)
        EXPECT(c, last == -ENOENT, "a user who left is there");
    else if (kept(t, stamp, atomic_load(&t->now)))
        EXPECT(c, last == (int64_t)rounded(t, stamp), "a heartbeat that returned is lost");
    else
        EXPECT(c, last == (int64_t)rounded(t, stamp) || last == -ENOENT,
               "last_seen is a time at which nobody beat");
}

static void leave(struct citizen *c, unsigned u)
{
    struct town *t = c->town;
    uint64_t was = c->stamp[u], now = atomic_load(&t->now);

    atomic_fetch_add(&t->told[u].leaves, 1);
    int result = t->ops->leave(t->object, c->handle, u, now);
    bool late = refused(t, result, now);
    if (!late)
        atomic_store(&t->told[u].done, 0);
    atomic_fetch_add(&t->told[u].leaves, 1);
    if (late)
        return;
    c->stamp[u] = 0;
    c->left += result == 1;
    if (was == 0)
        EXPECT(c, result == 0, "a user who was not there left");
    else if (kept(t, was, atomic_load(&t->now)))
        EXPECT(c, result == 1, "a user who was there could not leave");
    else
        EXPECT(c, result == 0 || result == 1, "a leave failed");
}

/* ---- what everybody sees ---- */

struct look {
    uint64_t done, leaves;
};

static struct look look_before(const struct town *t, unsigned u)
{
    uint64_t leaves = atomic_load(&t->told[u].leaves);

    return (struct look){ atomic_load(&t->told[u].done), leaves };
}

/* The stamp that was certainly there all the time, or 0; and the greatest there can have been. */
static uint64_t least(const struct town *t, unsigned u, struct look before, uint64_t sweeps_to)
{
    bool stayed = before.leaves % 2 == 0 && atomic_load(&t->told[u].leaves) == before.leaves;

    return stayed && kept(t, before.done, sweeps_to) ? before.done : 0;
}

static uint64_t greatest(const struct town *t, unsigned u)
{
    return atomic_load(&t->told[u].begun);
}

static void look_at_any(struct citizen *c, unsigned u)
{
    struct town *t = c->town;
    uint64_t now = atomic_load(&t->now);
    struct look before = look_before(t, u);
    int64_t last = t->ops->last_seen(t->object, c->handle, u);
    int is = t->ops->is_online(t->object, c->handle, u, now);
    uint64_t low = least(t, u, before, atomic_load(&t->now)), high = greatest(t, u);

    EXPECT(c, last < 0 || last <= (int64_t)rounded(t, high), "last_seen is later than every beat");
    EXPECT(c, low == 0 || !tells(t->ops) || last >= (int64_t)rounded(t, low),
           "somebody else's heartbeat is lost");
    if (refused(t, is, now))
        return;
    EXPECT(c, !online(t, low, now) || is == 1, "a user who is online is not seen online");
    EXPECT(c, online(t, high, now) || is == 0, "a user who is offline is seen online");
}

struct walk {
    uint64_t met[USERS];
    bool mute, twice, stranger;
};

static int meet_user(void *context, uint64_t user, uint64_t last_seen)
{
    struct walk *w = context;

    if (user >= USERS) {
        w->stranger = true;
        return 0;
    }
    w->twice |= w->met[user] != 0;
    w->met[user] = w->mute ? 1 : last_seen;
    return 0;
}

/* P10, P11: a count, then a walk, between two looks at everybody. */
static void look_around(struct citizen *c)
{
    struct town *t = c->town;
    uint64_t now = atomic_load(&t->now);
    struct look before[USERS];
    struct walk w = { .mute = !tells(t->ops) };
    int64_t fewest = 0, most = 0;

    for (unsigned u = 0; u < USERS; u++)
        before[u] = look_before(t, u);
    int64_t count = t->ops->count_online(t->object, c->handle, now);
    int walked = t->ops->for_each_online(t->object, c->handle, now, meet_user, &w);
    if (refused(t, count, now) || refused(t, walked, now))
        return;
    uint64_t sweeps_to = atomic_load(&t->now);
    bool missed = false, early = false;
    for (unsigned u = 0; u < USERS; u++) {
        uint64_t low = least(t, u, before[u], sweeps_to), high = greatest(t, u);
        fewest += online(t, low, now);
        most += online(t, high, now);
        missed |= online(t, low, now) && w.met[u] == 0;
        early |= w.met[u] > rounded(t, high) || !(w.met[u] == 0 || online(t, high, now));
    }
    bool may_repeat = t->ops->traits->features & PRESENCE_WALK_MAY_REPEAT;
    EXPECT(c, count >= fewest && (count <= most || may_repeat),
           "count_online is not what it can have been");
    EXPECT(c, !missed, "a walk missed a user who was online all the time");
    EXPECT(c, !early, "a walk met a user who was offline all the time");
    EXPECT(c, (!w.twice || may_repeat) && !w.stranger,
           "a walk met a user twice, or one whom nobody made");
}

static void sweep(struct citizen *c, uint64_t budget)
{
    struct town *t = c->town;
    uint64_t now = atomic_load(&t->now);
    int64_t removed = t->ops->sweep(t->object, c->handle, now, budget, NULL);

    EXPECT(c, removed >= 0 || refused(t, removed, now), "a sweep failed");
    c->swept += removed > 0 ? (uint64_t)removed : 0;
}

/* ---- the run ---- */

static void operate(struct citizen *c)
{
    struct town *t = c->town;
    unsigned any = (unsigned)support_below(&c->random, USERS);
    unsigned own = any - any % t->load->threads + c->number;

    own = own < USERS ? own : c->number;
    switch (support_below(&c->random, 16)) {
    case 0: case 1: case 2: case 3: case 4: case 5:
        beat(c, own);
        if (any % 2)
            look_at_own(c, own);
        break;
    case 6:
        leave(c, own);
        look_at_own(c, own);
        break;
    case 7: case 8:
        look_at_own(c, own);
        break;
    case 9:
        sweep(c, any % 8 ? 16 : UINT64_MAX);
        break;
    default:
        look_at_any(c, any);
    }
    c->operations++;
}

/* Time goes on by moments, and now and then so far that everybody expires, or nearly. */
static void let_time_pass(struct town *t, unsigned pass)
{
    uint64_t jump = pass / PASSES_TO_JUMP % 2 ? TTL - 2000 : TTL + 2000;

    atomic_fetch_add(&t->now, pass % PASSES_TO_JUMP ? MOMENT : jump);
}

static void live(struct team *team, unsigned number)
{
    struct town *t = team->shared;
    struct citizen c = { .town = t, .number = number,
                         .random = { t->load->seed * 31 + number },
                         .handle = support_alloc(t->ops->handle_size) };

    if (t->ops->attach(t->object, c.handle) != 0)
        abort();
    for (unsigned pass = 1; pass == 1 || !load_over(t->load, t->began); pass++) {
        if (pass % 16 == 0) {
            t->ops->detach(t->object, c.handle);
            if (t->ops->attach(t->object, c.handle) != 0)
                abort();
        }
        for (int i = 0; i < PASS; i++)
            operate(&c);
        look_around(&c);
        if (number == 0)
            let_time_pass(t, pass);
    }
    t->ops->detach(t->object, c.handle);
    free(c.handle);
    atomic_fetch_add(&t->swept, c.swept);
    atomic_fetch_add(&t->left, c.left);
    atomic_fetch_add(&t->finding->operations, c.operations);
    atomic_fetch_add(&t->finding->judged, c.judged);
}

/* At rest: the books, and a sweep far in the future that leaves nobody. */
static void settle(struct town *t, const struct map_rig *rig)
{
    struct presence_stats s;
    uint64_t far = atomic_load(&t->now) + 10 * TTL;

    t->ops->stats(t->object, &s);
    if (!map_rig_balanced_after_all(rig))
        finding_wrong(t->finding, "entries are not inserts - swept - left");
    if (s.swept != atomic_load(&t->swept) || s.left != atomic_load(&t->left))
        finding_wrong(t->finding, "the books do not say what the sweeps and leaves answered");
    if (!map_swept(t->ops, t->ops->sweep(t->object, rig->handle, far, UINT64_MAX, NULL), s.entries))
        finding_wrong(t->finding, "a sweep at rest does not remove every entry");
}

static void run_town(const struct presence_ops *ops, const struct load *load, uint64_t retained,
                     struct finding *f)
{
    static struct town t;
    bool grows = ops->traits->features & PRESENCE_GROWS; /* then let it */
    struct presence_config config = { .expected = grows ? USERS / 8 : USERS,
                                      .origin = EPOCH - 120000,
                                      .retain_ms = retained };
    struct map_rig rig;

    t = (struct town){ .ops = ops, .load = load, .finding = f, .g = ops->traits->granularity_ms,
                       .retained = retained,
                       .began = load_begin() };
    atomic_store(&t.now, EPOCH);
    map_rig_up(&rig, ops, &config);
    t.object = rig.object;
    struct team team = { .body = live, .shared = &t };
    team_run(&team, load->threads, 0);
    settle(&t, &rig);
    map_rig_down(&rig);
}

void map_owners(const struct presence_ops *ops, const struct load *load, struct finding *f)
{
    struct load half = *load;

    half.seconds /= 2;
    run_town(ops, &half, 0, f);
    run_town(ops, &half, TTL, f);
}
