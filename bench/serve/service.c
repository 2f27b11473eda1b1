/* service.c - see service.h. */
#include "bench/serve/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    RING_SLOTS = 8192,
    COUNT_KEPT_NS = 100000000, /* for how long a count of who is online is good */
    LOOKS = 4096,              /* users and entries in a call of service_tend() */
};
#define RETAIN_MS (UINT64_C(24) * 3600 * 1000)
#define RETENTION_MS (UINT64_C(30) * 24 * 3600 * 1000)

int service_make_users(const struct service *s, const struct service_choice *c, struct users **out)
{
    return users_make(out, &(struct users_plan){ c->strategy, c->settings, s->plan.most_users,
                                                 SERVE_TTL_MS, RETAIN_MS, s->sides });
}

int service_make_applause(const struct service *s, const struct service_choice *c,
                          struct applause **out)
{
    return applause_make(out, &(struct applause_plan){ c->strategy, c->settings, s->plan.posts,
                                                       s->plan.readers, s->sides });
}

int service_make_views(const struct service *s, const struct service_choice *c, struct views **out)
{
    return views_make(out, &(struct views_plan){ c->strategy, c->settings, s->plan.posts,
                                                 s->sides });
}

static int64_t ask_total(void *ctx, unsigned side, uint64_t post)
{
    struct service *s = ctx;

    return applause_total(s->applause, side, post);
}

static int give(void *ctx, unsigned side, uint64_t post, struct totals_clap *clap)
{
    struct service *s = ctx;
    int granted = applause_give(s->applause, side, post, clap->reader, clap->wanted);

    if (granted < 0)
        return granted;
    clap->granted = clap->wanted < 0 ? -granted : granted;
    clap->given = applause_given(s->applause, side, post, clap->reader);
    return clap->given < 0 ? clap->given : 0; /* of a store that did not answer any more */
}

int service_make_totals(struct service *s, const struct cache_ops *ops, struct totals **out)
{
    const struct totals_source source = { ask_total, give, s };

    return totals_make(out, ops, &source, s->sides);
}

static int make_blogs(struct service *s, const char **culprit)
{
    const struct service_plan *p = &s->plan;
    const struct blogs_plan plan = {
        .ops = p->posts_ops ? p->posts_ops : contend_posts_registry[0], .most = p->posts,
        .most_people = p->most_users,
        .retention_ms = p->retention_ms ? p->retention_ms : RETENTION_MS, .sides = s->sides,
    };
    int error;

    *culprit = "posts";
    error = blogs_make(&s->blogs, &plan);
    if (error)
        return error;
    *culprit = "cache";
    return service_make_totals(s, p->cache_ops ? p->cache_ops : contend_cache_registry[0], &s->totals);
}

static int make_objects(struct service *s, const char **culprit)
{
    const struct service_plan *p = &s->plan;
    int error;

    *culprit = "presence map";
    error = service_make_users(s, &p->parts[PART_PRESENCE], &s->users);
    if (error)
        return error;
    *culprit = "bounded claps";
    error = service_make_applause(s, &p->parts[PART_CLAPS], &s->applause);
    if (error)
        return error;
    *culprit = "counter";
    error = service_make_views(s, &p->parts[PART_COUNTER], &s->views);
    return error ? error : make_blogs(s, culprit);
}

int service_make(struct service *s, const struct service_plan *plan, const char **culprit)
{
    static const struct push_config ring = { .slots = RING_SLOTS };
    int error;

    memset(s, 0, sizeof *s);
    *culprit = NULL;
    s->plan = *plan;
    s->sides = plan->workers + 1;
    s->clock = serve_clock_begin(plan->speed);
    s->begun_ns = s->clock.begun_ns;
    s->side = contend_alloc_aligned(s->sides * sizeof *s->side);
    if (!s->side)
        return -ENOMEM;
    memset(s->side, 0, s->sides * sizeof *s->side);
    for (unsigned i = 0; i < s->sides; i++) {
        watchers_begin(&s->side[i].watchers, SERVE_TTL_MS, serve_clock_ms(&s->clock));
        if (push_ring_init(&s->side[i].claps, &ring) != 0 ||
            push_ring_init(&s->side[i].online, &ring) != 0) {
            service_end(s);
            return -ENOMEM;
        }
    }
    error = make_objects(s, culprit);
    if (error)
        service_end(s);
    return error;
}

void service_end(struct service *s)
{
    for (unsigned i = 0; s->side && i < s->sides; i++) {
        push_ring_fini(&s->side[i].claps);
        push_ring_fini(&s->side[i].online);
        watchers_end(&s->side[i].watchers);
    }
    users_end(s->users);
    applause_end(s->applause);
    views_end(s->views);
    blogs_end(s->blogs);
    totals_end(s->totals);
    free(s->side);
    memset(s, 0, sizeof *s);
}

/* The objects, in the order in which a side attaches to them. */
enum { OBJECTS = 5 };

static int attach_to(struct service *s, unsigned side, unsigned object)
{
    switch (object) {
    case 0: return users_attach(s->users, side);
    case 1: return applause_attach(s->applause, side);
    case 2: return views_attach(s->views, side);
    case 3: return blogs_attach(s->blogs, side);
    default: return totals_attach(s->totals, side);
    }
}

static void detach_from(struct service *s, unsigned side, unsigned object)
{
    switch (object) {
    case 0: users_detach(s->users, side); break;
    case 1: applause_detach(s->applause, side); break;
    case 2: views_detach(s->views, side); break;
    case 3: blogs_detach(s->blogs, side); break;
    default: totals_detach(s->totals, side);
    }
}

int service_attach(struct service *s, unsigned side)
{
    for (unsigned object = 0; object < OBJECTS; object++) {
        int error = attach_to(s, side, object);
        if (error) {
            while (object-- > 0)
                detach_from(s, side, object);
            return error;
        }
    }
    s->side[side].attached = true;
    return 0;
}

void service_detach(struct service *s, unsigned side)
{
    if (!s->side[side].attached)
        return;
    s->side[side].attached = false;
    for (unsigned object = OBJECTS; object-- > 0;)
        detach_from(s, side, object);
}

/* ---- what changes ---- */

static void publish(struct service *s, unsigned side, struct push_ring *ring, uint64_t kind,
                    uint64_t key)
{
    push_ring_publish(ring, &(struct push_event){ kind, key, serve_clock_ns(&s->clock) });
    tally_add(&s->side[side].tally.events, 1);
}

void service_charge(struct service *s, unsigned side, uint64_t begun)
{
    tally_add(&s->side[side].tally.strategy_ns, serve_clock_ns(&s->clock) - begun);
}

int service_beat(struct service *s, unsigned side, uint64_t user)
{
    struct service_side *me = &s->side[side];
    uint64_t begun = serve_clock_ns(&s->clock), now = serve_clock_ms_at(&s->clock, begun);
    int came = users_beat(s->users, side, user, now);

    service_charge(s, side, begun);
    if (came < 0)
        return came;
    tally_add(&me->tally.beats, 1);
    if (came) {
        watchers_add(&me->watchers, user, now + SERVE_TTL_MS);
        publish(s, side, &me->online, EVENT_CAME, user);
    }
    return came;
}

int service_remember(struct service *s, unsigned side, uint64_t user, uint64_t last_seen)
{
    int came = users_beat(s->users, side, user, last_seen);

    if (came > 0 && last_seen + SERVE_TTL_MS >= serve_clock_ms(&s->clock))
        watchers_add(&s->side[0].watchers, user, last_seen + SERVE_TTL_MS);
    return came < 0 ? came : 0;
}

int service_clap(struct service *s, unsigned side, uint64_t post, uint64_t reader, int n,
                 struct service_claps *out)
{
    struct service_side *me = &s->side[side];
    struct totals_clap clap = { .reader = reader, .wanted = n };
    uint64_t begun = serve_clock_ns(&s->clock);
    /* A post that is deleted after this look was clapped for just before. */
    int64_t total = blogs_has(s->blogs, side, post) ? totals_clap(s->totals, side, post, &clap)
                                                    : -ENOENT;

    service_charge(s, side, begun);
    if (total < 0)
        return (int)total;
    *out = (struct service_claps){ clap.granted, clap.given, total };
    tally_add(n < 0 ? &me->tally.unclaps : &me->tally.claps,
              (uint64_t)(n < 0 ? -clap.granted : clap.granted));
    if (clap.granted)
        publish(s, side, &me->claps, EVENT_CLAPS, post);
    return 0;
}

int64_t service_total(struct service *s, unsigned side, uint64_t post)
{
    uint64_t begun = serve_clock_ns(&s->clock);
    int64_t total = applause_total(s->applause, side, post);

    service_charge(s, side, begun);
    return total;
}

int64_t service_cached_total(struct service *s, unsigned side, uint64_t post)
{
    struct tally *t = &s->side[side].tally;
    enum cache_level level = CACHE_SOURCE;
    uint64_t begun = serve_clock_ns(&s->clock);
    int64_t total = totals_read(s->totals, side, post, &level);

    service_charge(s, side, begun);
    tally_add(level == CACHE_LEVEL_1 ? &t->cache_own
              : level == CACHE_LEVEL_2 ? &t->cache_shared : &t->cache_missed, 1);
    return total;
}

int64_t service_view(struct service *s, unsigned side, uint64_t post, bool counts)
{
    uint64_t begun = serve_clock_ns(&s->clock);

    if (counts)
        views_add(s->views, side, post, 1);
    int64_t sum = views_read(s->views, side, post);
    service_charge(s, side, begun);
    return sum;
}

int64_t service_count(struct service *s, unsigned side)
{
    struct service_side *me = &s->side[side];
    uint64_t now = serve_clock_ns(&s->clock);

    if (me->counted_ns && now - me->counted_ns < COUNT_KEPT_NS && me->count >= 0)
        return me->count;
    me->count = users_count(s->users, side, serve_clock_ms(&s->clock));
    me->counted_ns = serve_clock_ns(&s->clock);
    service_charge(s, side, now);
    return me->count;
}

bool service_answers(struct service *s, unsigned side, enum service_part part)
{
    uint64_t user = 0;
    int online = 0;

    switch (part) {
    case PART_PRESENCE:
        if (users_online(s->users, side, &user, 1, serve_clock_ms(&s->clock), &online) != 0)
            return false;
        return online >= 0 || online == -EINVAL || online == -ERANGE; /* which are answers, too */
    case PART_CLAPS: return applause_total(s->applause, side, 0) >= 0;
    case PART_COUNTER: return views_read(s->views, side, 0) >= 0;
    default: return true; /* they lie in memory */
    }
}

/* ---- who went ---- */

struct looking {
    struct service *s;
    unsigned side;
    uint64_t now;
};

static uint64_t look(void *ctx, uint64_t user)
{
    struct looking *l = ctx;
    struct service_side *me = &l->s->side[l->side];
    int online = 0;
    int error = users_online(l->s->users, l->side, &user, 1, l->now, &online);

    if (error || online < 0) /* a store that does not answer does not say that somebody has gone */
        return l->now + SERVE_TTL_MS / 8;
    if (!online) {
        publish(l->s, l->side, &me->online, EVENT_WENT, user);
        return 0;
    }
    int64_t last = users_last_seen(l->s->users, l->side, user);
    return last > 0 ? (uint64_t)last + SERVE_TTL_MS : l->now + SERVE_TTL_MS / 8;
}

bool service_tend(struct service *s, unsigned side)
{
    struct looking l = { s, side, serve_clock_ms(&s->clock) };
    bool more = watchers_look(&s->side[side].watchers, l.now, LOOKS, look, &l);

    if (side != 0)
        return more;
    users_sweep(s->users, side, l.now, LOOKS);
    tally_add(&s->side[side].tally.posts_purged,
              (uint64_t)blogs_purge(s->blogs, side, l.now, LOOKS));
    return more;
}

bool service_published(const struct service *s, unsigned side, uint64_t *seen)
{
    uint64_t heads = 0;

    for (unsigned i = 0; i < s->sides; i++)
        if (side == s->sides || i == side)
            heads += push_ring_head(&s->side[i].claps) + push_ring_head(&s->side[i].online);
    if (heads == *seen)
        return false;
    *seen = heads;
    return true;
}
