/* service_blogs.c - what the service does with blogs: counts it, and says how long the means took. */
#include "bench/serve/service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Charges the time since `begun` to the strategies, and counts one more if nothing failed. */
static int64_t done(struct service *s, unsigned side, uint64_t begun, int64_t answer,
                    _Atomic uint64_t *count)
{
    service_charge(s, side, begun);
    if (answer >= 0 && count)
        tally_add(count, 1);
    return answer;
}

int service_set_person(struct service *s, unsigned side, const struct directory_person *p)
{
    uint64_t begun = serve_clock_ns(&s->clock);

    return (int)done(s, side, begun, blogs_set_person(s->blogs, side, p), NULL);
}

int64_t service_write_post(struct service *s, unsigned side, const struct posts_draft *draft)
{
    uint64_t begun = serve_clock_ns(&s->clock);

    return done(s, side, begun, blogs_write(s->blogs, side, draft),
                &s->side[side].tally.posts_written);
}

/* A visit, whose time is its caller's and not the means'. */
struct timed {
    const struct serve_clock *clock;
    posts_visit *visit;
    void *ctx;
    uint64_t ns;
};

static int visit_timed(void *ctx, const struct posts_post *post)
{
    struct timed *t = ctx;
    uint64_t begun = serve_clock_ns(t->clock);
    int answer = t->visit(t->ctx, post);

    t->ns = serve_clock_ns(t->clock) - begun;
    return answer;
}

int service_read_post(struct service *s, unsigned side, uint64_t post, posts_visit *visit, void *ctx)
{
    struct timed t = { &s->clock, visit, ctx, 0 };
    uint64_t begun = serve_clock_ns(&s->clock);
    int answer = blogs_read(s->blogs, side, post, visit_timed, &t);

    return (int)done(s, side, begun + t.ns, answer, NULL);
}

int service_edit_post(struct service *s, unsigned side, uint64_t post,
                      const struct posts_draft *draft)
{
    uint64_t begun = serve_clock_ns(&s->clock);

    return (int)done(s, side, begun, blogs_edit(s->blogs, side, post, draft),
                     &s->side[side].tally.posts_edited);
}

int service_remove_post(struct service *s, unsigned side, uint64_t post)
{
    uint64_t begun = serve_clock_ns(&s->clock);

    return (int)done(s, side, begun, blogs_remove(s->blogs, side, post, serve_clock_ms(&s->clock)),
                     &s->side[side].tally.posts_deleted);
}

int service_restore_post(struct service *s, unsigned side, uint64_t post)
{
    uint64_t begun = serve_clock_ns(&s->clock);

    return (int)done(s, side, begun, blogs_restore(s->blogs, side, post),
                     &s->side[side].tally.posts_restored);
}

/* ---- what a new service begins with ---- */

static const struct { const char *title, *body; } samples[] = {
    { "Why two claps must be two",
      "Two readers clap at once. Each loads 41, adds one, and stores 42: one clap is lost. A lock, an "
      "atomic add or a compare-and-swap keeps both, and each has another price when a thousand clap." },
    { "A green dot is a guess",
      "A browser sends a heartbeat every ten seconds. When three are missing we call it gone, and "
      "sometimes it was only the network. The shorter we wait, the more often we are wrong." },
    { "Deleting without a hole",
      "A deleted post is only marked, so that its author may change her mind. Later a purge takes it "
      "away, unless a restore came first: the purge swaps the very word that it judged." },
    { "Readers who never wait",
      "A body is kept by reference. An edit makes another one and swaps the pointer; a reader keeps "
      "the old one until it has finished. Then, and not before, the old one's memory is free." },
};
enum { SAMPLES = sizeof samples / sizeof *samples };

int service_write_samples(struct service *s, unsigned side, uint64_t count, uint64_t now_ms)
{
    struct directory_person p = { .id = 1 };
    struct directory_blog b = { .owner = 1 };
    char title[POSTS_TITLE];

    p.name_size = (uint32_t)snprintf(p.name, sizeof p.name, "The lab");
    p.bio_size = (uint32_t)snprintf(p.bio, sizeof p.bio, "Counts claps, and knows who is here.");
    b.title_size = (uint32_t)snprintf(b.title, sizeof b.title, "Contention, and what to do about it");
    int error = blogs_set_person(s->blogs, side, &p);
    if (error >= 0)
        error = directory_open(blogs_directory(s->blogs), &b);
    for (uint64_t i = 0; i < count && !error; i++) {
        const char *body = samples[i % SAMPLES].body;
        int length = i < SAMPLES ? snprintf(title, sizeof title, "%s", samples[i].title)
                                 : snprintf(title, sizeof title, "%s, %llu", samples[i % SAMPLES].title,
                                            (unsigned long long)(i / SAMPLES + 1));
        const struct posts_draft draft = {
            .blog = b.id, .published_at = now_ms, .title = title, .title_size = (uint32_t)length,
            .body = body, .body_size = (uint32_t)strlen(body),
        };
        int64_t id = blogs_write(s->blogs, side, &draft);
        error = id < 0 ? (int)id : 0;
    }
    return error;
}
