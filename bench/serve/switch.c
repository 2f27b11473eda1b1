/* switch.c - exchanges the strategies of a service, with what the objects hold. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/offers.h"
#include "bench/serve/service.h"

void service_wish(struct service *s, enum service_part part, const void *strategy)
{
    /* release: pairs with the acquire in take_wish(). */
    atomic_store_explicit(&s->wished[part], strategy, memory_order_release);
}

static const void *take_wish(struct service *s, enum service_part part)
{
    /* acquire: pairs with the release in service_wish(). */
    return atomic_exchange_explicit(&s->wished[part], NULL, memory_order_acquire);
}

bool service_is_wished(const struct service *s)
{
    for (int part = 0; part < SWITCHES; part++)
        /* relaxed: take_wish() looks again. */
        if (atomic_load_explicit(&s->wished[part], memory_order_relaxed))
            return true;
    return false;
}

/* ---- what moves ---- */

struct moving {
    struct users *to;
    unsigned side;
    uint64_t now;
};

static int move_user(void *ctx, uint64_t user, uint64_t last_seen)
{
    struct moving *m = ctx;

    if (last_seen < m->now && m->now - last_seen > users_remembered_ms(m->to))
        return 0; /* the new map would have forgotten them by now, and may not take such a time */
    int came = users_beat(m->to, m->side, user, last_seen);

    return came < 0 ? came : 0;
}

static int switch_users(struct service *s, const struct service_choice *choice)
{
    unsigned side = s->sides - 1;
    struct users *to;
    int error = service_make_users(s, choice, &to);

    if (error)
        return error;
    struct moving m = { to, side, serve_clock_ms(&s->clock) };
    error = users_attach(to, side);
    if (!error) {
        error = users_attach(s->users, side);
        if (!error) {
            error = users_each(s->users, side, m.now, move_user, &m);
            users_detach(s->users, side);
        }
        users_detach(to, side);
    }
    users_end(error ? to : s->users);
    s->users = error ? s->users : to;
    return error;
}

struct clapping {
    struct applause *to;
    unsigned side;
};

static int move_claps(void *ctx, uint64_t post, uint64_t reader, int given)
{
    struct clapping *c = ctx;
    int moved = applause_give(c->to, c->side, post, reader, given);

    return moved < 0 ? moved : 0;
}

static int switch_applause(struct service *s, const struct service_choice *choice)
{
    unsigned side = s->sides - 1;
    struct applause *to;
    int error = service_make_applause(s, choice, &to);

    if (error)
        return error;
    error = applause_attach(to, side);
    if (!error) {
        error = applause_attach(s->applause, side);
        if (!error) {
            error = applause_each(s->applause, side, move_claps, &(struct clapping){ to, side });
            applause_detach(s->applause, side);
        }
        applause_detach(to, side);
    }
    applause_end(error ? to : s->applause);
    s->applause = error ? s->applause : to;
    return error;
}

static int move_views(struct service *s, struct views *to, unsigned side)
{
    int error = 0;

    for (uint64_t post = 0; !error && post < s->plan.posts; post++) {
        int64_t views = views_read(s->views, side, post);
        error = views < 0 ? -EIO : views_add(to, side, post, views);
    }
    return error;
}

static int switch_views(struct service *s, const struct service_choice *choice)
{
    unsigned side = s->sides - 1;
    struct views *to;
    int error = service_make_views(s, choice, &to);

    if (error)
        return error;
    error = views_attach(to, side);
    if (!error) {
        error = views_attach(s->views, side);
        if (!error) {
            error = move_views(s, to, side);
            views_detach(s->views, side);
        }
        views_detach(to, side);
    }
    views_end(error ? to : s->views);
    s->views = error ? s->views : to;
    return error;
}

static int switch_posts(struct service *s, const struct service_choice *choice)
{
    return blogs_switch(s->blogs, s->sides - 1, choice->strategy);
}

/* What it has kept can be asked for again. */
static int switch_cache(struct service *s, const struct service_choice *choice)
{
    struct totals *to;
    int error = service_make_totals(s, choice->strategy, &to);

    if (!error) {
        totals_end(s->totals);
        s->totals = to;
    }
    return error;
}

/* The first failure is told. */
static void note_failure(struct service *s, int part, const void *strategy, int error)
{
    const struct offer o = offer_of(part);

    if (!s->switch_error[0])
        snprintf(s->switch_error, sizeof s->switch_error, "%s was not switched to %s: %s", o.name,
                 o.identity(strategy)->name, strerror(-error));
}

bool service_may_switch(struct service *s)
{
    for (int part = 0; part < PARTS; part++) {
        if (service_answers(s, s->sides - 1, (enum service_part)part))
            continue;
        snprintf(s->switch_error, sizeof s->switch_error, "nothing was switched: the store of %s does not answer",
                 offer_of(part).name);
        for (int wish = 0; wish < SWITCHES; wish++)
            take_wish(s, (enum service_part)wish);
        return false;
    }
    return true;
}

int service_switch(struct service *s)
{
    static int (*const by_part[SWITCHES])(struct service *, const struct service_choice *) = {
        [PART_PRESENCE] = switch_users, [PART_CLAPS] = switch_applause,
        [PART_COUNTER] = switch_views, [MEANS_POSTS] = switch_posts, [MEANS_CACHE] = switch_cache,
    };
    int first = 0;

    s->switch_error[0] = '\0';
    for (int part = 0; part < SWITCHES; part++) {
        struct service_choice choice = { .strategy = take_wish(s, (enum service_part)part) };
        int error = choice.strategy ? by_part[part](s, &choice) : 0;
        if (error)
            note_failure(s, part, choice.strategy, error);
        first = first ? first : error;
        if (choice.strategy && !error && part < PARTS)
            s->plan.parts[part] = choice;
    }
    if (!first) /* relaxed: a count, which is read for itself */
        atomic_fetch_add_explicit(&s->switches, 1, memory_order_relaxed);
    return first;
}
