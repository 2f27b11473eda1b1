/* duels_claps.c - two operations on one post, one inside the other, at every step. */
#include "tests/strategies/duels_claps.h"

#include <stdlib.h>

#include "tests/support/duels.h"

enum { POST = 0, READER = 1, OTHER = 2 };

struct claps_duel {
    struct claps_rig r; /* the main thread's handle; A and B have their own */
    void *handle_a, *handle_b;
    int64_t a, b;       /* what their operations answered */
    int64_t lowest;     /* total that B saw, with its own clap in it */
    int before;         /* what the readers had given */
};

static void enter(void *ctx, enum duel_side side)
{
    struct claps_duel *d = ctx;

    if (d->r.ops->attach(d->r.object, side == SIDE_A ? d->handle_a : d->handle_b) != 0)
        abort();
}

static void leave(void *ctx, enum duel_side side)
{
    struct claps_duel *d = ctx;

    d->r.ops->detach(d->r.object, side == SIDE_A ? d->handle_a : d->handle_b);
}

static void give(struct claps_duel *d, uint64_t reader, unsigned n)
{
    d->before += d->r.ops->clap(d->r.object, d->r.handle, POST, reader, n);
}

static void one_short(void *ctx)
{
    give(ctx, READER, CLAPS_LIMIT - 1);
}

static void one_given(void *ctx)
{
    give(ctx, READER, 1);
}

static void two_readers(void *ctx)
{
    give(ctx, READER, 7);
    give(ctx, OTHER, 1);
}

static void clap_a(void *ctx)
{
    struct claps_duel *d = ctx;

    d->a = d->r.ops->clap(d->r.object, d->handle_a, POST, READER, 1);
}

static void clap_b(void *ctx)
{
    struct claps_duel *d = ctx;

    d->b = d->r.ops->clap(d->r.object, d->handle_b, POST, READER, 1);
}

static void unclap_a(void *ctx)
{
    struct claps_duel *d = ctx;

    d->a = d->r.ops->unclap(d->r.object, d->handle_a, POST, READER, 1);
}

static void unclap_b(void *ctx)
{
    struct claps_duel *d = ctx;

    d->b = d->r.ops->unclap(d->r.object, d->handle_b, POST, READER, 1);
    d->lowest = d->r.ops->total(d->r.object, d->handle_b, POST);
}

/* The other reader claps and takes it back, the first takes one back and gives it anew. */
static void there_and_back_b(void *ctx)
{
    const uint64_t readers[] = { OTHER, READER, READER, OTHER };
    struct claps_duel *d = ctx;

    for (unsigned i = 0; i < 4; i++)
        d->b += i % 2 == 0 ? d->r.ops->clap(d->r.object, d->handle_b, POST, readers[i], 1)
                           : -d->r.ops->unclap(d->r.object, d->handle_b, POST, readers[i], 1);
}

static void remove_b(void *ctx)
{
    struct claps_duel *d = ctx;

    d->b = d->r.ops->remove(d->r.object, d->handle_b, POST);
}

/* B1 and B8: all is within bounds, and what was granted is there. */
static bool adds_up(struct claps_duel *d, int64_t granted)
{
    int64_t sum = 0;

    for (uint64_t reader = 0; reader <= OTHER; reader++) {
        int given = d->r.ops->given(d->r.object, d->r.handle, POST, reader);
        if (given < 0 || given > CLAPS_LIMIT)
            return false;
        sum += given;
    }
    return d->lowest >= 0 && sum == d->before + granted &&
           d->r.ops->total(d->r.object, d->r.handle, POST) == sum;
}

static bool one_clap_granted(void *ctx)
{
    struct claps_duel *d = ctx;

    return d->a + d->b == 1 && adds_up(d, 1);
}

static bool one_clap_returned(void *ctx)
{
    struct claps_duel *d = ctx;

    return d->a + d->b == 1 && adds_up(d, -1);
}

static bool all_granted(void *ctx)
{
    struct claps_duel *d = ctx;

    return d->a == 1 && adds_up(d, d->a + d->b);
}

static bool one_taken_another_given(void *ctx)
{
    struct claps_duel *d = ctx;

    /* A clap at the bound may come before the undo, and is refused then. */
    return d->a == 1 && d->b >= 0 && d->b <= 1 && adds_up(d, d->b - d->a);
}

/* Either the clap was in time and is in what remove returned, or it came too late. */
static bool gone(void *ctx)
{
    struct claps_duel *d = ctx;
    bool in_time = d->a == 1 && (d->r.traits.totals != CLAPS_LINEARIZABLE || d->b == d->before + 1);
    bool late = d->a == -ENOENT && (d->r.traits.totals != CLAPS_LINEARIZABLE || d->b == d->before);

    return (in_time || late) && d->b >= d->before && d->b <= d->before + 1 &&
           d->r.ops->total(d->r.object, d->r.handle, POST) == -ENOENT &&
           d->r.ops->given(d->r.object, d->r.handle, POST, READER) == -ENOENT;
}

static const struct scenario scenarios[] = {
    { "the last clap inside the last clap", one_short, clap_a, clap_b, one_clap_granted, 0 },
    { "undo inside undo of one clap", one_given, unclap_a, unclap_b, one_clap_returned, 0 },
    { "clap inside undo at the bound", one_short, unclap_a, clap_b, one_taken_another_given, 0 },
    { "there and back inside clap", two_readers, clap_a, there_and_back_b, all_granted, 0 },
    { "remove inside clap", one_given, clap_a, remove_b, gone, 0 },
};

static bool holds(const void *ops, const struct scenario *s, unsigned k, bool *parked)
{
    const struct claps_ops *table = ops;
    struct claps_duel d = { .before = 0 };
    struct duel duel = { .enter = enter, .a = s->a, .b = s->b, .leave = leave, .ctx = &d };

    claps_rig_up(&d.r, table, NULL);
    d.handle_a = support_alloc(table->handle_size);
    d.handle_b = support_alloc(table->handle_size);
    s->prepare(&d);
    *parked = duel_run(&duel, k);
    bool held = s->holds(&d);
    free(d.handle_a);
    free(d.handle_b);
    claps_rig_down(&d.r);
    return held;
}

void claps_duels(void **state)
{
    const struct claps_ops *ops = *state;

    duels_run(ops, &ops->traits->id, holds, scenarios, sizeof scenarios / sizeof *scenarios);
}
