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

static int make_object(void *ctx, const struct posts_post *p)
{
    json_t **object = ctx;

    *object = json_pack("{s:I,s:I,s:I,s:s%,s:s%,s:s%,s:I}", "post", (json_int_t)p->id, "blog",
                        (json_int_t)p->blog, "author", (json_int_t)p->author,
                        "title", p->title ? p->title : "", (size_t)p->title_size,
                        "body", p->body ? p->body : "", (size_t)p->body_size,
                        "bio", p->bio ? p->bio : "", (size_t)p->bio_size,
                        "published_at", (json_int_t)p->published_at);
    return 0;
}

void endpoint_post(const struct asked *a, struct reply *r)
{
    struct service *s = a->s;
    json_t *object = NULL;
    int error = service_read_post(s, a->side, a->ids[0], make_object, &object);

    if (error) {
        say_no_post(a, r);
        return;
    }
    int64_t total = service_cached_total(s, a->side, a->ids[0]);
    if (total < 0) {
        json_decref(object);
        reply_failure(r, (int)total, "this post");
        return;
    }
    int64_t views = service_view(s, a->side, a->ids[0], a->q->method == SERVE_GET);
    json_object_set_new(object, "total", json_integer(total));
    json_object_set_new(object, "views", json_integer(views));
    reply_object(r, 200, object);
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
    size_t title = 0, text = 0;
    json_t *body = body_unpack(a->q, "{s?s%,s?s%}", "title", &d.title, &title, "body", &d.body, &text);

    if (!body || (!d.title && !d.body) || (d.title && (title < 1 || title > POSTS_TITLE))) {
        reply_error(r, 400, "a body of JSON is wanted, with a title of 1 to %d bytes, or a body, or "
                    "both", POSTS_TITLE);
    } else {
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
