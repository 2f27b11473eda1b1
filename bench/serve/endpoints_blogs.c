/* endpoints_blogs.c - people with a name, and their blogs. */
#include <errno.h>
#include <string.h>

#include "bench/serve/bodies.h"
#include "bench/serve/routes.h"

enum {
    LISTED = 50, /* blogs or posts in one answer */
    LOOKED = 1000 /* numbers of posts that one answer looks at */
};

/* Copies a text of at least `least` and at most `most` bytes; whether it is one. */
static bool take_text(const char *text, size_t length, size_t least, size_t most, char *out,
                      uint32_t *size)
{
    if (length < least || length > most)
        return false;
    if (length)
        memcpy(out, text, length);
    *size = (uint32_t)length;
    return true;
}

/* ---- people ---- */

static json_t *person_object(const struct directory_person *p)
{
    return json_pack("{s:I,s:s%,s:s%}", "user", (json_int_t)p->id, "name", p->name,
                     (size_t)p->name_size, "bio", p->bio, (size_t)p->bio_size);
}

void endpoint_profile(const struct asked *a, struct reply *r)
{
    struct directory_person p;

    if (directory_person(blogs_directory(a->s->blogs), a->ids[0], &p) != 0)
        reply_error(r, 404, "nobody has given this user a name");
    else
        reply_object(r, 200, person_object(&p));
}

void endpoint_set_profile(const struct asked *a, struct reply *r)
{
    struct directory_person p = { .id = a->ids[0] };
    const char *name = NULL, *bio = "";
    size_t name_length = 0, bio_length = 0;
    json_t *body = body_unpack(a->q, "{s:s%,s?s%}", "name", &name, &name_length, "bio", &bio,
                               &bio_length);

    if (!body || !take_text(name, name_length, 1, sizeof p.name, p.name, &p.name_size) ||
        !take_text(bio, bio_length, 0, sizeof p.bio, p.bio, &p.bio_size) || p.id > INT64_MAX) {
        reply_error(r, 400, "a body of JSON is wanted, with a name of 1 to %d bytes, and a bio of at "
                    "most %d; the user is below 2^63", DIRECTORY_NAME, DIRECTORY_BIO);
    } else {
        int done = service_set_person(a->s, a->side, &p);
        if (done < 0)
            reply_failure(r, done, "the list of people");
        else
            reply_object(r, done ? 201 : 200, person_object(&p));
    }
    json_decref(body);
}

/* ---- blogs ---- */

static json_t *blog_object(const struct directory_blog *b)
{
    return json_pack("{s:I,s:I,s:s%}", "blog", (json_int_t)b->id, "owner", (json_int_t)b->owner,
                     "title", b->title, (size_t)b->title_size);
}

void endpoint_open_blog(const struct asked *a, struct reply *r)
{
    struct directory_blog b = { .owner = a->ids[0] };
    const char *title = NULL;
    size_t length = 0;
    json_t *body = body_unpack(a->q, "{s:s%}", "title", &title, &length);

    if (!body || !take_text(title, length, 1, sizeof b.title, b.title, &b.title_size)) {
        reply_error(r, 400, "a body of JSON is wanted, with a title of 1 to %d bytes",
                    DIRECTORY_TITLE);
    } else {
        int error = directory_open(blogs_directory(a->s->blogs), &b);
        if (error == -ENOENT)
            reply_error(r, 404, "this user has no name yet: PUT /users/{id}/profile gives one");
        else if (error == -EMFILE)
            reply_error(r, 409, "a user has at most %d blogs", DIRECTORY_BLOGS);
        else if (error == -ENOSPC)
            reply_error(r, 507, "there are as many blogs as can be: see --post-count");
        else if (error)
            reply_failure(r, error, "this blog");
        else
            reply_object(r, 201, blog_object(&b));
    }
    json_decref(body);
}

void endpoint_blogs_of(const struct asked *a, struct reply *r)
{
    struct directory_blog of[DIRECTORY_BLOGS];
    int count = directory_of(blogs_directory(a->s->blogs), a->ids[0], of, DIRECTORY_BLOGS);
    json_t *list;

    if (count < 0) {
        reply_error(r, 404, "nobody has given this user a name");
        return;
    }
    list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, blog_object(&of[i]));
    reply_object(r, 200, json_pack("{s:I,s:o}", "user", (json_int_t)a->ids[0], "blogs", list));
}

/* ?after=, from where a list goes on; false after a reply that says what is wrong. */
static bool read_after(const struct asked *a, struct reply *r, uint64_t *after)
{
    *after = 0;
    if (request_query_number(a->q, "after", after) != -EINVAL)
        return true;
    reply_error(r, 400, "?after= wants a whole number");
    return false;
}

/* A list, and where the next one begins if this is not the last. */
static void reply_list(struct reply *r, json_t *object, const char *name, json_t *list, uint64_t next)
{
    json_object_set_new(object, name, list);
    if (next)
        json_object_set_new(object, "next", json_integer((json_int_t)next));
    reply_object(r, 200, object);
}

void endpoint_blogs(const struct asked *a, struct reply *r)
{
    struct directory *d = blogs_directory(a->s->blogs);
    uint64_t after, all = directory_blogs(d), last = 0;
    struct directory_blog b;

    if (!read_after(a, r, &after))
        return;
    json_t *list = json_array();
    for (uint64_t id = after + 1; after < all && id <= all && id - after <= LISTED; id++)
        if (directory_blog(d, last = id, &b) == 0)
            json_array_append_new(list, blog_object(&b));
    reply_list(r, json_object(), "blogs", list, last < all ? last : 0);
}

static int list_post(void *ctx, const struct posts_post *p)
{
    json_array_append_new(ctx, json_pack("{s:I,s:s%,s:I}", "post", (json_int_t)p->id, "title",
                                         p->title, (size_t)p->title_size, "published_at",
                                         (json_int_t)p->published_at));
    return 0;
}

/* Those of the blog's posts that are live. */
void endpoint_blog(const struct asked *a, struct reply *r)
{
    struct directory *d = blogs_directory(a->s->blogs);
    uint64_t after, posts[LISTED], next = 0;
    struct directory_blog b;
    unsigned n = LISTED, looked = 0;

    if (!read_after(a, r, &after))
        return;
    if (directory_blog(d, a->ids[0], &b) != 0) {
        reply_error(r, 404, "there is no such blog");
        return;
    }
    json_t *list = json_array();
    while (n == LISTED && looked < LOOKED && json_array_size(list) < LISTED) {
        n = directory_posts(d, b.id, after, posts, LISTED);
        unsigned i = 0;
        for (; i < n && json_array_size(list) < LISTED; i++) {
            service_read_post(a->s, a->side, posts[i], list_post, list);
            after = posts[i];
        }
        looked += i;
        next = i < n || n == LISTED ? after : 0;
    }
    reply_list(r, blog_object(&b), "posts", list, next);
}
