/* rounds.c - short histories of a few users, each checked exhaustively. */
#include <stdlib.h>

#include "bench/check/linear.h"
#include "tests/support/load.h"
#include "bench/check/map_model.h"
#include "tests/support/support.h"

enum { USERS = 3, ROUND_OPS = 40, STORING_OPS = 28 /* and as many second steps */, LEAST_ROUNDS = 25, ROUNDS = 200, COME_AND_GO = 64 };

enum kind { BEAT, LEAVE, SEEN, ONLINE, SWEEP, WALK, SOME /* a sweep that may miss */,
            STORE /* the second step of a refresh: P20 */ };

enum { UNKNOWN = -1 }; /* the result of a sweep over several users, for one of them */

/* Whole seconds, or whole granules of a map that is coarser. */
static int64_t moment;
static bool mute; /* without last_seen */
static bool stores; /* PRESENCE_STORES */

/*
 * The sequential map of one user on whole moments, with the TTL's last granule counted
 * in: there granularities agree.  State 0 = no entry, else the stamp.
 */
static bool specification(const struct linear_op *op, linear_state *state)
{
    bool online = *state && (op->argument <= *state || op->argument - *state < TTL + moment);

    switch ((enum kind)op->kind) {
    case BEAT: {
        int64_t want = !online ? PRESENCE_CAME_ONLINE
                       : op->argument < *state ? PRESENCE_STALE : PRESENCE_REFRESHED;
        if (op->argument > *state && !(stores && want == PRESENCE_REFRESHED))
            *state = op->argument;
        return op->result == want;
    }
    case STORE:
        *state = op->argument;
        return true;
    case LEAVE: {
        int64_t want = *state && *state <= op->argument;
        if (want)
            *state = 0;
        return op->result == want;
    }
    case SEEN:
        return op->result == (mute ? -ENOTSUP : *state ? *state : -ENOENT);
    case ONLINE:
        return op->result == online;
    case SWEEP:
        if (op->result != UNKNOWN && op->result != (*state && !online))
            return false;
        if (!online)
            *state = 0;
        return true;
    case WALK:
        return op->result == (!online ? 0 : mute ? 1 : *state);
    case SOME:
        if (op->result == 0)
            return true;
        if (op->result != 1 || !*state || online)
            return false;
        *state = 0;
        return true;
    }
    return false;
}

/* One call; of a walk also what it met. */
struct call {
    struct linear_op op;
    unsigned user;
    int64_t met[USERS];
};

struct rounds {
    const struct presence_ops *ops;
    const struct load *load;
    struct finding *finding;
    void *object;
    struct crowd crowd;
    unsigned per_thread, users;
    bool may_miss; /* then there is one user: a sweep's result says what became of him */
    int64_t retained;
    struct call calls[ROUND_OPS];
    int64_t initial[USERS];
    uint64_t now, began;
    unsigned played;
    bool over; /* the last to come decides for all */
};

static int meet_user(void *context, uint64_t user, uint64_t last_seen)
{
    struct call *c = context;

    if (user < USERS)
        c->met[user] = c->met[user] ? -1 /* twice; no state is that */ : mute ? 1 : (int64_t)last_seen;
    return 0;
}

static int64_t result_of(struct rounds *r, void *handle, struct call *c)
{
    uint64_t t = (uint64_t)c->op.argument;

    switch ((enum kind)c->op.kind) {
    case BEAT: return r->ops->heartbeat(r->object, handle, c->user, t);
    case LEAVE: return r->ops->leave(r->object, handle, c->user, t);
    case SEEN: return r->ops->last_seen(r->object, handle, c->user);
    case ONLINE: return r->ops->is_online(r->object, handle, c->user, t);
    case SWEEP: return r->ops->sweep(r->object, handle, t, UINT64_MAX, NULL);
    case WALK: return r->ops->for_each_online(r->object, handle, t, meet_user, c);
    case SOME: case STORE: break; /* only of what is judged */
    }
    return -EINVAL;
}

static void operate(struct rounds *r, void *handle, struct call *c, struct support_random *random)
{
    /* Single heartbeats more often than walks, which hold locks for long. */
    static const enum kind kinds[] = { BEAT, BEAT, BEAT, LEAVE, SEEN, SEEN, ONLINE, SWEEP, SWEEP,
                                       WALK };
    const int64_t offsets[] = { 0, moment, TTL, TTL + moment, TTL + 2 * moment };

    *c = (struct call){ .user = (unsigned)support_below(random, r->users) };
    c->op.kind = (int)kinds[support_below(random, sizeof kinds / sizeof *kinds)];
    c->op.argument = (int64_t)r->now + offsets[support_below(random, 5)];
    c->op.begin = load_begin();
    c->op.result = result_of(r, handle, c);
    c->op.end = load_end();
}

/* P20: a refresh is a step that judges and, within the same call, one that stores. */
static bool explained(struct linear_op ops[LINEAR_MAX], size_t count, int64_t initial)
{
    uint64_t before[LINEAR_MAX];
    size_t first[LINEAR_MAX], all = count;

    for (size_t i = 0; stores && i < count; i++)
        if (ops[i].kind == BEAT && ops[i].result == PRESENCE_REFRESHED) {
            ops[all] = ops[i];
            ops[all].kind = STORE;
            first[all++] = i;
        }
    linear_by_time(ops, all, before);
    for (size_t i = count; i < all; i++)
        before[i] |= (uint64_t)1 << first[i];
    return linear_check_order(ops, all, before, initial, specification);
}

/* The part of the round that concerns one user, and what is left at its end. */
static void judge_user(struct rounds *r, void *handle, unsigned user)
{
    struct linear_op ops[LINEAR_MAX];
    size_t count = 0;

    for (size_t i = 0; i < (size_t)r->load->threads * r->per_thread; i++) {
        const struct call *c = &r->calls[i];
        bool all = c->op.kind == SWEEP || c->op.kind == WALK;
        if (!all && c->user != user)
            continue;
        ops[count] = c->op;
        if (c->op.kind == SWEEP) /* at t it removes what one without retention removes earlier */
            ops[count].argument -= r->retained;
        if (c->op.kind == WALK)
            ops[count].result = c->met[user];
        else if (c->op.kind == SWEEP && r->users > 1)
            ops[count].result = UNKNOWN;
        if (c->op.kind == SWEEP && r->may_miss)
            ops[count].kind = SOME;
        count++;
    }
    struct linear_op *last = &ops[count++];
    /* What is left; a map that does not tell forgets it, and tells that there was something. */
    *last = (struct linear_op){ .kind = mute ? LEAVE : SEEN, .begin = load_begin(),
                                .argument = (int64_t)r->now + 10 * (int64_t)TTL };
    last->result = mute ? r->ops->leave(r->object, handle, user, (uint64_t)last->argument)
                        : r->ops->last_seen(r->object, handle, user);
    last->end = load_end();
    if (!explained(ops, count, r->initial[user]))
        finding_wrong(r->finding, "no order of one user's %zu operations explains the results",
                      count);
    r->initial[user] = last->result < 0 || mute ? 0 : last->result;
    r->finding->histories++;
    r->finding->judged += count;
}

/* Between two rounds, while everybody waits. */
static void judge_round(struct rounds *r, void *handle)
{
    for (unsigned user = 0; user < r->users; user++)
        judge_user(r, handle, user);
    atomic_fetch_add(&r->finding->operations, (uint64_t)r->load->threads * r->per_thread);
    r->now += TTL;
    r->over = ++r->played == ROUNDS ||
              (r->played >= LEAST_ROUNDS && load_over(r->load, r->began));
}

static void play(struct team *team, unsigned number)
{
    struct rounds *r = team->shared;
    struct support_random random = { r->load->seed * 31 + number };
    void *handle = support_alloc(r->ops->handle_size);

    for (unsigned round = 0; !r->over; round++) {
        if (round % COME_AND_GO == 0) {
            if (round)
                r->ops->detach(r->object, handle);
            if (r->ops->attach(r->object, handle) != 0)
                abort();
        }
        for (size_t i = 0; i < r->per_thread; i++)
            operate(r, handle, &r->calls[number * r->per_thread + i], &random);
        if (crowd_arrive(&r->crowd)) {
            judge_round(r, handle);
            crowd_go_on(&r->crowd);
        }
    }
    r->ops->detach(r->object, handle);
    free(handle);
}

void map_rounds(const struct presence_ops *ops, const struct load *load, struct finding *f)
{
    uint64_t began = load_begin();
    struct load part = *load;

    mute = !tells(ops);
    stores = ops->traits->features & PRESENCE_STORES;
    moment = ops->traits->granularity_ms < 1000 ? 1000 : (int64_t)ops->traits->granularity_ms;
    for (unsigned turn = 0; turn == 0 || (!load_over(load, began) && !atomic_load(&f->wrong));
         turn++) {
        struct rounds r = { .ops = ops, .load = &part, .finding = f, .now = EPOCH,
                            .crowd = { .threads = load->threads }, .began = began,
                            .per_thread = (stores ? STORING_OPS : ROUND_OPS) / load->threads, .users = 1 + turn % USERS,
                            .retained = turn % 2 ? TTL : 0,
                            .may_miss = ops->traits->features & PRESENCE_SWEEP_MAY_MISS };
        r.users = r.may_miss ? 1 : r.users;
        struct presence_config config = small();
        config.retain_ms = (uint64_t)r.retained;
        struct map_rig rig;
        map_rig_up(&rig, ops, &config);
        r.object = rig.object;
        struct team team = { .body = play, .shared = &r };
        team_run(&team, load->threads, 0);
        if (!map_rig_balanced_after_all(&rig))
            finding_wrong(f, "entries are not inserts - swept - left");
        map_rig_down(&rig);
        part.seed += 1000003;
    }
}
