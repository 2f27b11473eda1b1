/* endpoints_posts.c - posts: written, read, edited, deleted, restored. */
#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "bench/serve/bodies.h"
#include "bench/serve/routes.h"

/* The last instant that a Date of JavaScript can hold, in ms since 1970. */
#define LAST_DATE_MS INT64_C(8640000000000000)

static void say_no_post(const struct asked *a, struct reply *r)
{
    reply_error(r, 404, "there is no post %" PRIu64, a->ids[0]);
}

/* An error of a post's, or the post's number as an answer. */
static void reply_done(const struct asked *a, struct reply *r, int error)
{
    if (error == -ENOENT)
        say_no_post(a, r);
    else if (error == -EALREADY)
        reply_error(r, 409, "post %" PRIu64 " is not deleted", a->ids[0]);
    else if (error)
        reply_failure(r, error, "this post");
    else
        reply_json(r, 200, "{\"post\":%" PRIu64 "}\n", a->ids[0]);
}

/* All but the end of the object: what stands beside the post. */
static int put_post(void *ctx, const struct posts_post *p)
{
    struct reply_text *t = ctx;

    reply_put(t, "{\"post\":");
    reply_put_number(t, p->id);
    reply_put(t, ",\"blog\":");
    reply_put_number(t, p->blog);
    reply_put(t, ",\"author\":");
    reply_put_number(t, p->author);
    reply_put(t, ",\"title\":");
    reply_put_string(t, p->title, p->title_size);
    reply_put(t, ",\"body\":");
    reply_put_string(t, p->body, p->body_size);
    reply_put(t, ",\"bio\":");
    reply_put_string(t, p->bio, p->bio_size);
    reply_put(t, ",\"published_at\":");
    reply_put_number(t, p->published_at);
    return 0;
}

void endpoint_post(const struct asked *a, struct reply *r)
{
    struct service *s = a->s;
    struct reply_text t = { .r = r };
    int error = service_read_post(s, a->side, a->ids[0], put_post, &t);

    if (error) {
        say_no_post(a, r);
        return;
    }
    int64_t total = service_cached_total(s, a->side, a->ids[0]);
    if (total < 0) {
        reply_failure(r, (int)total, "this post");
        return;
    }
    int64_t views = service_view(s, a->side, a->ids[0], a->q->method == SERVE_GET);
    if (views < 0) { /* of a store that does not answer */
        reply_failure(r, -EIO, "how often it was read");
        return;
    }
    reply_put(&t, ",\"total\":");
    reply_put_number(&t, (uint64_t)total);
    reply_put(&t, ",\"views\":");
    reply_put_number(&t, (uint64_t)views);
    reply_put(&t, "}");
    reply_put_end(&t, 200);
}

static int64_t wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void endpoint_write_post(const struct asked *a, struct reply *r)
{
    struct posts_draft d = { .blog = a->ids[0] };
    json_int_t published = wall_ms();
    size_t title = 0, text = 0;
    json_t *body = body_unpack(a->q, "{s:s%,s:s%,s?I}", "title", &d.title, &title, "body", &d.body,
                               &text, "published_at", &published);

    if (!body || title < 1 || title > POSTS_TITLE || published < 0 || published > LAST_DATE_MS) {
        reply_error(r, 400, "a body of JSON is wanted, with a title of 1 to %d bytes and a body, and "
                    "published_at in ms since 1970 if it is not now", POSTS_TITLE);
    } else {
        d.title_size = (uint32_t)title;
        d.body_size = (uint32_t)text;
        d.published_at = (uint64_t)published;
        int64_t id = service_write_post(a->s, a->side, &d);
        if (id == -ENOENT)
            reply_error(r, 404, "there is no such blog");
        else if (id == -ENOSPC)
            reply_error(r, 507, "all numbers of posts are given: see --post-count");
        else if (id < 0)
            reply_failure(r, (int)id, "this post");
        else
            reply_json(r, 201, "{\"post\":%" PRId64 "}\n", id);
    }
    json_decref(body);
}

void endpoint_edit_post(const struct asked *a, struct reply *r)
{
    struct posts_draft d = { .id = 0 };
    json_int_t published = -1;
    json_t *date = NULL;
    size_t title = 0, text = 0;
    json_t *body = body_unpack(a->q, "{s?s%,s?s%,s?o}", "title", &d.title, &title, "body", &d.body, &text,
                               "published_at", &date);

    d.dated = date != NULL;
    if (json_is_integer(date))
        published = json_integer_value(date);
    if (!body || (!d.title && !d.body && !d.dated) || (d.title && (title < 1 || title > POSTS_TITLE)) ||
        (d.dated && (published < 0 || published > LAST_DATE_MS))) {
        reply_error(r, 400, "a body of JSON is wanted, with a title of 1 to %d bytes, a body, or published_at in "
                    "ms since 1970", POSTS_TITLE);
    } else {
        d.published_at = d.dated ? (uint64_t)published : 0;
        d.title_size = (uint32_t)title;
        d.body_size = (uint32_t)text;
        reply_done(a, r, service_edit_post(a->s, a->side, a->ids[0], &d));
    }
    json_decref(body);
}

void endpoint_delete_post(const struct asked *a, struct reply *r)
{
    int error = service_remove_post(a->s, a->side, a->ids[0]);

    if (error)
        reply_done(a, r, error);
    else
        reply_json(r, 200, "{\"post\":%" PRIu64 ",\"restorable_ms\":%" PRIu64 "}\n", a->ids[0],
                   blogs_retention_ms(a->s->blogs));
}

void endpoint_restore_post(const struct asked *a, struct reply *r)
{
    reply_done(a, r, service_restore_post(a->s, a->side, a->ids[0]));
}
