/* posts.c - counters driven by a log: a clap for each request, a counter for each post. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/engine/posts.h"
#include "bench/replay/kind.h"

static const struct counter_ops *ops_of(const struct replay_drive *d)
{
    return d->who.ops;
}

static int create(struct replay_drive *d, char why[REPLAY_WHY])
{
    struct posts *p = malloc(sizeof *p);
    const struct posts_request request = { .settings = contestant_settings(&d->who) };
    int error;

    if (!p)
        return -ENOMEM;
    error = posts_create(p, ops_of(d), d->load->posts, d->load->threads, &request);
    if (error) {
        if (p->why[0])
            snprintf(why, REPLAY_WHY, "%s", p->why);
        free(p);
        return error;
    }
    d->object = p;
    return 0;
}

static void destroy(struct replay_drive *d)
{
    if (posts_destroy(d->object) == 0)
        free(d->object);
}

static int attach(struct replay_drive *d, struct replay_side *s)
{
    return posts_attach(d->object, &s->handles);
}

/* The first thread that gave up has written the reason. */
static void explain(const struct replay_drive *d, char why[REPLAY_WHY])
{
    const struct posts *p = d->object;

    if (p->why[0])
        snprintf(why, REPLAY_WHY, "%s", p->why);
}

static void detach(struct replay_drive *d, struct replay_side *s)
{
    posts_detach(d->object, s->handles);
}

static size_t length(const struct replay_part *p)
{
    return p->clap_count;
}

static uint64_t time_of(const struct replay_part *p, size_t i)
{
    return p->clap_at[i];
}

/* Every clone claps for the posts that its visitor clapped for. */
static void play(struct replay_drive *d, struct replay_side *s, size_t n)
{
    const struct posts *p = d->object;
    const uint64_t *posts = d->load->parts[s->number].claps + s->at.at;

    for (uint64_t k = 0; k < d->load->scale; k++)
        s->failed += ops_of(d)->loops.claps(p->counters, s->handles, posts, n);
}

static void one(struct replay_drive *d, struct replay_side *s, uint64_t clone)
{
    uint64_t post = d->load->parts[s->number].claps[s->at.at];

    (void)clone;
    s->failed += ops_of(d)->add(posts_counter(d->object, post),
                             posts_handle(d->object, s->handles, post), 1) != 0;
}

static void tidy(struct replay_drive *d, struct replay_side *s, size_t n)
{
    (void)d, (void)s, (void)n; /* claps are never removed */
}

/* C4: after that also a counter whose reads lag is exact. */
static void settle(struct replay_drive *d, struct replay_side *s)
{
    const struct posts *p = d->object;

    for (uint64_t post = 0; post < p->count; post++)
        ops_of(d)->quiescent(posts_counter(p, post), posts_handle(p, s->handles, post));
}

static bool failed(const struct replay_drive *d, char why[REPLAY_WHY])
{
    uint64_t refused = 0;

    for (unsigned i = 0; i < d->load->threads; i++)
        refused += d->sides[i].failed;
    if (refused)
        snprintf(why, REPLAY_WHY, "%" PRIu64 " claps were refused", refused);
    return refused > 0;
}

static void verify(struct replay_drive *d, struct replay_side *s, const struct replay_model *m)
{
    s->why[0] = '\0';
    for (uint64_t post = s->number; post < m->posts && !s->why[0]; post += d->load->threads) {
        int64_t want = (int64_t)(m->claps[post] * d->load->scale);
        int64_t sum = ops_of(d)->read(posts_counter(d->object, post),
                                      posts_handle(d->object, s->handles, post));
        if (!counter_sum_fits(&ops_of(d)->traits->unit, want, sum))
            snprintf(s->why, REPLAY_WHY, "post %" PRIu64 " has %" PRId64 " claps, not %" PRId64,
                     post, sum, want);
    }
}

static void verify_whole(struct replay_drive *d, const struct replay_model *m,
                         char why[REPLAY_WHY])
{
    (void)d, (void)m, (void)why; /* verify() has looked at all posts */
}

static uint64_t bytes(const struct replay_drive *d)
{
    return posts_bytes(d->object);
}

const struct replay_kind replay_posts = {
    create, destroy, attach, detach, explain, length, time_of,
    play, one, tidy, settle, failed, verify, verify_whole, bytes,
};
