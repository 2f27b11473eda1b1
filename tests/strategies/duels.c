/*
 * duels.c - one operation inside another, at every step.
 *
 * Native stress found a lost heartbeat not once in thousands of millions of
 * operations.  Here thread A stops between two of its steps while thread B runs.
 * All correct strategies must come out right at every step; each exhibit must
 * come out wrong at one step at least, by the very same duels.
 */
#include <stdlib.h>

#include "bench/check/map_model.h"
#include "tests/strategies/duels_claps.h"
#include "tests/support/duels.h"

enum { USER = 0, RECLAIM_MS = 60 };

/* ---- counters ---- */

struct counter_duel {
    struct counter_rig r; /* the main thread's handle; A and B have their own */
    void *handle_a, *handle_b;
    int64_t read_a, read_b;
    int refused; /* what A's add returned */
    bool left;
};

/* C4: what a side has added before the duel may not be held back from the other's reads. */
static void add_three(struct counter_duel *d, void *handle)
{
    d->r.ops->add(d->r.object, handle, 3);
    d->r.ops->quiescent(d->r.object, handle);
}

/* Each side attaches itself.  A brings three claps of its own. */
static void enter_counter(void *ctx, enum duel_side side)
{
    struct counter_duel *d = ctx;

    if (d->r.ops->attach(d->r.object, side == SIDE_A ? d->handle_a : d->handle_b) != 0)
        abort();
    if (side == SIDE_A)
        add_three(d, d->handle_a);
}

static void leave_counter(void *ctx, enum duel_side side)
{
    struct counter_duel *d = ctx;

    if (side == SIDE_B || !d->left)
        d->r.ops->detach(d->r.object, side == SIDE_A ? d->handle_a : d->handle_b);
}

static void clap_a(void *ctx)
{
    struct counter_duel *d = ctx;

    d->r.ops->add(d->r.object, d->handle_a, 1);
}

static void clap_b(void *ctx)
{
    struct counter_duel *d = ctx;

    d->r.ops->add(d->r.object, d->handle_b, 1);
}

static void read_a(void *ctx)
{
    struct counter_duel *d = ctx;

    d->read_a = d->r.ops->read(d->r.object, d->handle_a);
}

static void read_b(void *ctx)
{
    struct counter_duel *d = ctx;

    d->read_b = d->r.ops->read(d->r.object, d->handle_b);
}

static void undo_b(void *ctx)
{
    struct counter_duel *d = ctx;

    d->r.ops->add(d->r.object, d->handle_b, 1);
    d->r.ops->add(d->r.object, d->handle_b, -1);
}

static void three_more(void *ctx)
{
    struct counter_duel *d = ctx;

    add_three(d, d->r.handle);
}

static void leave_a(void *ctx)
{
    struct counter_duel *d = ctx;

    d->r.ops->detach(d->r.object, d->handle_a);
    d->left = true;
}

static void undo_below_zero_a(void *ctx)
{
    struct counter_duel *d = ctx;

    d->refused = d->r.ops->add(d->r.object, d->handle_a, -7);
}

static int64_t sum_of(struct counter_duel *d)
{
    return d->r.ops->read(d->r.object, d->r.handle);
}

static bool eight(void *ctx)
{
    return sum_of(ctx) == 8;
}

static bool seven_and_read_between(void *ctx)
{
    struct counter_duel *d = ctx;

    return sum_of(d) == 7 && d->read_a >= 6 && d->read_a <= 7;
}

static bool seven(void *ctx)
{
    return sum_of(ctx) == 7;
}

static bool six_all_the_time(void *ctx)
{
    struct counter_duel *d = ctx;

    return sum_of(d) == 6 && d->read_b == 6;
}

/* One undo is there or not, for any read that is not allowed to lag. */
static bool before_or_after(void *ctx)
{
    struct counter_duel *d = ctx;

    if (d->r.traits.undo.kind == COUNTER_EVENTUAL || d->r.traits.undo.kind == COUNTER_APPROXIMATE)
        return true;
    return sum_of(d) == (d->refused ? 6 : -1) && (d->read_b == 6 || d->read_b == sum_of(d));
}

static const struct scenario counter_scenarios[] = {
    { "clap inside clap", three_more, clap_a, clap_b, eight, 0 },
    { "clap inside read", three_more, read_a, clap_b, seven_and_read_between, 0 },
    { "undo inside clap", three_more, clap_a, undo_b, seven, 0 },
    { "read inside undo below zero", three_more, undo_below_zero_a, read_b, before_or_after, 0 },
    { "read inside detach", three_more, leave_a, read_b, six_all_the_time, 0 },
};

/* Whether the scenario holds with A parked at its k-th step; *parked says whether there is one. */
static bool counter_holds(const struct counter_ops *ops, const struct scenario *s, unsigned k,
                          bool *parked)
{
    struct counter_duel d = { .left = false };
    struct duel duel = { .enter = enter_counter, .a = s->a, .b = s->b, .leave = leave_counter,
                         .ctx = &d };

    counter_rig_up(&d.r, ops, NULL);
    d.handle_a = support_alloc(ops->handle_size);
    d.handle_b = support_alloc(ops->handle_size);
    s->prepare(&d);
    *parked = duel_run(&duel, k);
    bool holds = s->holds(&d);
    free(d.handle_a);
    free(d.handle_b);
    counter_rig_down(&d.r);
    return holds;
}

/* ---- maps ---- */

struct map_duel {
    struct map_rig r; /* the main thread's handle; A and B have their own */
    void *handle_a, *handle_b;
    int result_a, result_b;
    int64_t swept_a, swept_b;
    int64_t seen_before, seen_after; /* by B, of USER */
    uint64_t other;                  /* competes with USER for the one place */
    uint64_t g;
};

static void enter_map(void *ctx, enum duel_side side)
{
    struct map_duel *d = ctx;

    if (d->r.ops->attach(d->r.object, side == SIDE_A ? d->handle_a : d->handle_b) != 0)
        abort();
}

static void leave_map(void *ctx, enum duel_side side)
{
    struct map_duel *d = ctx;

    d->r.ops->detach(d->r.object, side == SIDE_A ? d->handle_a : d->handle_b);
}

/* The sweeps' time: the old stamp has expired, a heartbeat at EPOCH has not. */
static const uint64_t sweep_time = EPOCH + 1000;
static const uint64_t old_stamp = EPOCH - TTL - 2000;

static void absent(void *ctx)
{
    (void)ctx;
}

static void expired(void *ctx)
{
    struct map_duel *d = ctx;

    d->r.ops->heartbeat(d->r.object, d->r.handle, USER, old_stamp);
}

static void some_expired(void *ctx)
{
    struct map_duel *d = ctx;

    for (uint64_t u = 0; u < 5; u++)
        d->r.ops->heartbeat(d->r.object, d->r.handle, u, old_stamp);
    d->r.ops->heartbeat(d->r.object, d->r.handle, 5, EPOCH);
}

static void beat_a(void *ctx)
{
    struct map_duel *d = ctx;

    d->result_a = d->r.ops->heartbeat(d->r.object, d->handle_a, USER, EPOCH);
}

static void beat_b(void *ctx)
{
    struct map_duel *d = ctx;

    d->result_b = d->r.ops->heartbeat(d->r.object, d->handle_b, USER, EPOCH);
}

static void sweep_a(void *ctx)
{
    struct map_duel *d = ctx;

    d->swept_a = d->r.ops->sweep(d->r.object, d->handle_a, sweep_time, UINT64_MAX, NULL);
}

static void sweep_b(void *ctx)
{
    struct map_duel *d = ctx;

    d->swept_b = d->r.ops->sweep(d->r.object, d->handle_b, sweep_time, UINT64_MAX, NULL);
}

static void leave_old_a(void *ctx)
{
    struct map_duel *d = ctx;

    d->result_a = d->r.ops->leave(d->r.object, d->handle_a, USER, old_stamp);
}

static void leave_old_b(void *ctx)
{
    struct map_duel *d = ctx;

    d->result_b = d->r.ops->leave(d->r.object, d->handle_b, USER, old_stamp);
}

struct sighting {
    uint64_t user;
    unsigned times;
};

static int look_for(void *ctx, uint64_t user, uint64_t last)
{
    struct sighting *s = ctx;

    (void)last;
    s->times += user == s->user;
    return 0;
}

/* The heartbeat that returned is there, once, and the books balance. */
static bool beat_is_there(void *ctx)
{
    struct map_duel *d = ctx;
    struct sighting s = { USER, 0 };
    struct presence_stats stats;

    d->r.ops->for_each_online(d->r.object, d->r.handle, EPOCH, look_for, &s);
    d->r.ops->stats(d->r.object, &stats);
    return seen(d->r.ops, d->r.object, d->r.handle, USER, EPOCH) ==
               (int64_t)(EPOCH - EPOCH % d->g) &&
           d->r.ops->is_online(d->r.object, d->r.handle, USER, EPOCH + TTL) == 1 &&
           s.times == 1 && stats.entries == 1 &&
           stats.entries == stats.inserts - stats.swept - stats.left;
}

/* Two beats of one offline user: there, and one of them brought it online. */
static bool one_came_online(void *ctx)
{
    struct map_duel *d = ctx;
    int came = (d->result_a == PRESENCE_CAME_ONLINE) + (d->result_b == PRESENCE_CAME_ONLINE);

    return beat_is_there(d) && came == 1;
}

/* Five expired entries: each removed by one of the sweepers, the sixth by none. */
static bool swept_once(void *ctx)
{
    struct map_duel *d = ctx;
    struct presence_stats stats;

    d->r.ops->stats(d->r.object, &stats);
    return map_swept(d->r.ops, d->swept_a + d->swept_b, 5) && stats.entries + stats.swept == 6 &&
           stats.swept == (uint64_t)(d->swept_a + d->swept_b);
}

/* A leave and a sweep want the same entry: one of them gets it. */
static bool removed_once(void *ctx)
{
    struct map_duel *d = ctx;
    struct presence_stats stats;

    d->r.ops->stats(d->r.object, &stats);
    return d->swept_a + d->result_b == 1 && stats.entries == 0 && stats.swept + stats.left == 1;
}

/* One place for USER and another: B beats for the other and looks for USER before and after. */
static void beat_beside(struct map_duel *d, uint64_t user)
{
    d->seen_before = seen(d->r.ops, d->r.object, d->handle_b, USER, EPOCH);
    d->result_b = d->r.ops->heartbeat(d->r.object, d->handle_b, user, EPOCH);
    d->seen_after = seen(d->r.ops, d->r.object, d->handle_b, USER, EPOCH);
}

static void other_beats_b(void *ctx)
{
    struct map_duel *d = ctx;

    beat_beside(d, d->other);
}

static void come_and_go_b(void *ctx)
{
    struct map_duel *d = ctx;

    beat_beside(d, USER);
    d->r.ops->leave(d->r.object, d->handle_b, USER, EPOCH);
}

static bool books_balance(struct map_duel *d)
{
    struct presence_stats stats;

    d->r.ops->stats(d->r.object, &stats);
    return stats.entries == stats.inserts - stats.swept - stats.left;
}

/*
 * P17.  A changes USER's presence once at most: if B met nobody before and
 * after, the user was not there in between, and the map was not full.
 */
static bool full_if_full(void *ctx)
{
    struct map_duel *d = ctx;
    bool empty = d->seen_before == -ENOENT && d->seen_after == -ENOENT;

    return books_balance(d) && !(empty && d->result_b == -ENOSPC);
}

/* There is a place for one, and no other thread ever asks. */
static bool never_full(void *ctx)
{
    struct map_duel *d = ctx;

    return books_balance(d) && d->result_a != -ENOSPC && d->result_b != -ENOSPC;
}

static const struct scenario map_scenarios[] = {
    { "heartbeat inside sweep", expired, sweep_a, beat_b, beat_is_there, 0 },
    { "sweep inside heartbeat", expired, beat_a, sweep_b, beat_is_there, 0 },
    { "sweep inside first heartbeat", absent, beat_a, sweep_b, beat_is_there, 0 },
    { "heartbeat inside first heartbeat", absent, beat_a, beat_b, one_came_online, 0 },
    { "heartbeat inside reviving heartbeat", expired, beat_a, beat_b, one_came_online, 0 },
    { "heartbeat inside late leave", expired, leave_old_a, beat_b, beat_is_there, 0 },
    { "late leave inside heartbeat", expired, beat_a, leave_old_b, beat_is_there, 0 },
    { "sweep inside sweep", some_expired, sweep_a, sweep_b, swept_once, 0 },
    { "leave inside sweep", expired, sweep_a, leave_old_b, removed_once, 0 },
    { "another inside first heartbeat, one place", absent, beat_a, other_beats_b, full_if_full, 1 },
    { "another inside leave, one place", expired, leave_old_a, other_beats_b, full_if_full, 1 },
    { "another inside sweep, one place", expired, sweep_a, other_beats_b, full_if_full, 1 },
    { "heartbeat inside first heartbeat, one place", absent, beat_a, beat_b, never_full, 1 },
    { "heartbeat inside late leave, one place", expired, leave_old_a, beat_b, never_full, 1 },
    { "come and go inside first heartbeat, one place", absent, beat_a, come_and_go_b, never_full,
      1 },
};

static bool map_holds(const struct presence_ops *ops, const struct scenario *s, unsigned k,
                      bool *parked)
{
    struct presence_config config = { .expected = 16, .capacity = s->capacity,
                                      .origin = EPOCH - 120000 };
    struct map_duel d = { .g = ops->traits->granularity_ms };
    /* Where a place belongs to an id, no other id can take it. */
    bool place_is_kept = ops->traits->ids == PRESENCE_IDS_DENSE ||
                         ops->traits->features & PRESENCE_KEEPS_IDS;
    struct duel duel = { .enter = enter_map, .a = s->a, .b = s->b, .leave = leave_map, .ctx = &d };

    d.other = place_is_kept ? USER : USER + 1;
    /* Memory that goes back too early must be gone before A looks at it again. */
    if (TESTS_UNDER_ASAN && ops->traits->backlog != PRESENCE_BACKLOG_NONE)
        duel.pause_ms = RECLAIM_MS;
    map_rig_up(&d.r, ops, &config);
    d.handle_a = support_alloc(ops->handle_size);
    d.handle_b = support_alloc(ops->handle_size);
    s->prepare(&d);
    *parked = duel_run(&duel, k);
    bool holds = s->holds(&d);
    free(d.handle_a);
    free(d.handle_b);
    map_rig_down(&d.r);
    return holds;
}

/* ---- the rule ---- */

static bool counter_at(const void *ops, const struct scenario *s, unsigned k, bool *parked)
{
    return counter_holds(ops, s, k, parked);
}

static bool map_at(const void *ops, const struct scenario *s, unsigned k, bool *parked)
{
    return map_holds(ops, s, k, parked);
}

static void counter_duels(void **state)
{
    const struct counter_ops *ops = *state;

    duels_run(ops, &ops->traits->id, counter_at, counter_scenarios,
              sizeof counter_scenarios / sizeof *counter_scenarios);
}

static void map_duels(void **state)
{
    const struct presence_ops *ops = *state;

    duels_run(ops, &ops->traits->id, map_at, map_scenarios,
              sizeof map_scenarios / sizeof *map_scenarios);
}

int main(void)
{
    static const struct check for_counters[] = { { "duels", counter_duels } };
    static const struct check for_maps[] = { { "duels", map_duels } };

    static const struct check for_claps[] = { { "duels", claps_duels } };
    const struct family_checks all = { .counters = CHECKS(for_counters),
                                       .claps = CHECKS(for_claps), .maps = CHECKS(for_maps) };

    return support_run("duels", &all, 0);
}
