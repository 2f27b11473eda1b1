/*
 * serve_request.c - requests of `contend serve`: a line "METHOD PATH?QUERY", and behind it the body, which is
 * also read as a WebSocket's message.
 *
 * They go to a service of a few users and posts, which lives as long as the target.  Whatever is
 * refused must have changed nothing, and every answer must be what it says it is.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/family.h"
#include "bench/serve/bodies.h"
#include "bench/serve/service.h"
#include "tests/fuzz/fuzz.h"

enum { POSTS = 12, READERS = 8, SAMPLES = 4 };

static struct service *the_service(void)
{
    static struct service s;
    static bool made;
    static const char *const names[PARTS] = { "presence", "claps", "counter" };
    struct service_plan plan = { .most_users = 4096, .posts = POSTS, .readers = READERS,
                                 .workers = 1, .speed = 1 };
    const char *culprit;

    if (made)
        return &s;
    for (int part = 0; part < PARTS; part++) {
        const struct family *f = family_named(names[part]);
        plan.parts[part].strategy = family_find(f, family_reference(f));
    }
    FUZZ_CHECK(service_make(&s, &plan, &culprit) == 0);
    FUZZ_CHECK(service_attach(&s, 0) == 0);
    FUZZ_CHECK(service_write_samples(&s, 0, SAMPLES, 1) == 0);
    made = true;
    return &s;
}

static enum serve_method method_of(const char *name)
{
    static const char *const names[] = { "GET", "HEAD", "POST", "PUT", "DELETE" };

    for (int i = 0; i < SERVE_OTHER; i++)
        if (strcmp(name, names[i]) == 0)
            return (enum serve_method)i;
    return SERVE_OTHER;
}

/* What a request could change. */
struct sums {
    uint64_t beats, claps, unclaps, events, wishes, written, edited, deleted, restored, blogs, last,
        texts;
    int64_t views;
};

/* FNV-1a over a text, from `h` on. */
static uint64_t mix(uint64_t h, const char *text, size_t length)
{
    while (length--)
        h = (h ^ (unsigned char)*text++) * UINT64_C(0x100000001b3);
    return h;
}

/* The sum over all posts, in whatever order they are met. */
static int mix_post(void *ctx, const struct posts_post *p)
{
    uint64_t h = mix(p->id * 2 + p->deleted + 31 * p->published_at, p->title, p->title_size);

    h = mix(h, p->body, p->body_size);
    *(uint64_t *)ctx += mix(h, p->bio, p->bio_size);
    return 0;
}

static struct sums sums_of(struct service *s)
{
    struct sums sums = {
        .beats = service_sum(s, beats), .claps = service_sum(s, claps),
        .unclaps = service_sum(s, unclaps), .events = service_sum(s, events),
        .wishes = service_is_wished(s), .written = service_sum(s, posts_written),
        .edited = service_sum(s, posts_edited), .deleted = service_sum(s, posts_deleted),
        .restored = service_sum(s, posts_restored),
        .blogs = directory_blogs(blogs_directory(s->blogs)), .last = blogs_last(s->blogs),
    };

    FUZZ_CHECK(blogs_each_post(s->blogs, 0, mix_post, &sums.texts) == 0);
    for (uint64_t post = 0; post < POSTS; post++)
        sums.views += views_read(s->views, 0, post);
    return sums;
}

/* The totals are what readers gave, and nobody gave more than the bound. */
static void check_claps(struct service *s)
{
    for (uint64_t post = 0; post < POSTS; post++) {
        int64_t sum = 0;
        for (uint64_t reader = 0; reader < READERS; reader++) {
            int given = applause_given(s->applause, 0, post, reader);
            FUZZ_CHECK(given >= 0 && given <= APPLAUSE_LIMIT);
            sum += given;
        }
        FUZZ_CHECK(applause_total(s->applause, 0, post) == sum);
    }
}

static void check_reply(const struct reply *r)
{
    FUZZ_CHECK(r->kind == REPLY_STREAM || (r->status >= 200 && r->status < 600));
    FUZZ_CHECK(r->status != 500 && (r->status != 405 || r->allow));
    FUZZ_CHECK(r->route >= -1 && r->route < (int)service_routes());
    if (r->kind == REPLY_WHOLE && r->length && strcmp(r->type, "application/json") == 0) {
        /* As reals: ids go up to 2^64 - 1, and the library's integers do not. */
        json_t *body = json_loadb(r->text, r->length, JSON_DECODE_INT_AS_REAL, NULL);
        FUZZ_CHECK(body && (r->status < 400 || r->status == 503 ||
                            json_is_string(json_object_get(body, "error"))));
        json_decref(body);
    }
}

/* What is taken for claps, written again, is the same. */
static void check_message(const char *text, size_t length)
{
    uint64_t post, post_again;
    int claps, claps_again;
    char again[64];

    if (body_claps(text, length, "post", &post, &claps) != 0)
        return;
    FUZZ_CHECK(post <= INT64_MAX && claps != 0 && claps >= -APPLAUSE_LIMIT && claps <= APPLAUSE_LIMIT);
    snprintf(again, sizeof again, "{\"post\":%" PRIu64 ",\"claps\":%d}", post, claps);
    FUZZ_CHECK(body_claps(again, strlen(again), "post", &post_again, &claps_again) == 0);
    FUZZ_CHECK(post_again == post && claps_again == claps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct reply r;
    struct service *s = the_service();
    const uint8_t *rest;
    size_t length = fuzz_first_line(data, size, &rest);
    char *line = fuzz_string(data, length), *body = fuzz_copy(rest, (size_t)(data + size - rest));
    char *path = strchr(line, ' '), *query;
    struct serve_request q = { .body = body, .length = (size_t)(data + size - rest),
                               .if_none_match = "\"0.0\"", .query = "" };

    check_message(body, q.length);
    if (path) {
        *path++ = '\0';
        query = strchr(path, '?');
        if (query) {
            *query++ = '\0';
            q.query = query;
        }
        q.method = method_of(line);
        q.path = path;
        struct sums before = sums_of(s);
        service_answer(s, 0, &q, &r);
        check_reply(&r);
        check_claps(s);
        struct sums after = sums_of(s);
        if (r.status >= 400 || q.method == SERVE_HEAD)
            FUZZ_CHECK(memcmp(&before, &after, sizeof before) == 0);
    }
    free(line);
    free(body);
    return 0;
}
