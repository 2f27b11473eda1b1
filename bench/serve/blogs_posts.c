/* blogs_posts.c - see blogs_posts.h. */
#include "bench/serve/blogs_posts.h"

#include <errno.h>
#include <stdlib.h>

#include "bench/serve/sides.h"

enum { BATCH = 64 };

struct blogs {
    const struct posts_ops *ops;
    void *posts;
    struct sides handles;
    struct directory *directory;
    uint64_t most, retention_ms; /* constant */
    unsigned sides;
    uint64_t last;               /* guarded by the directory's mutex */
};

/* The object of that means and its handles.  0, -ENOMEM, or what its init answered. */
static int make_posts(struct blogs *b, const struct posts_ops *ops)
{
    const struct posts_config config = { .expected = b->most, .retention_ms = b->retention_ms };
    int error = -ENOMEM;

    b->ops = ops;
    b->handles = (struct sides){ 0 };
    b->posts = contend_alloc(ops->align, ops->size);
    if (b->posts && sides_make(&b->handles, b->sides, ops->handle_align, ops->handle_size) == 0)
        error = ops->init(b->posts, &config);
    if (error) {
        sides_end(&b->handles);
        free(b->posts);
    }
    return error;
}

static void end_posts(struct blogs *b)
{
    b->ops->fini(b->posts);
    sides_end(&b->handles);
    free(b->posts);
}

int blogs_make(struct blogs **out, const struct blogs_plan *plan)
{
    struct blogs *b = calloc(1, sizeof *b);
    int error = -ENOMEM;

    *out = NULL;
    if (!b)
        return -ENOMEM;
    b->most = plan->most;
    b->retention_ms = plan->retention_ms;
    b->sides = plan->sides;
    b->directory = directory_make(plan->most_people, plan->most);
    if (b->directory)
        error = make_posts(b, plan->ops);
    if (error) {
        directory_end(b->directory);
        free(b);
        return error;
    }
    *out = b;
    return 0;
}

void blogs_end(struct blogs *b)
{
    if (!b)
        return;
    end_posts(b);
    directory_end(b->directory);
    free(b);
}

int blogs_attach(struct blogs *b, unsigned side)
{
    return b->ops->attach(b->posts, sides_at(&b->handles, side));
}

void blogs_detach(struct blogs *b, unsigned side)
{
    b->ops->detach(b->posts, sides_at(&b->handles, side));
}

struct directory *blogs_directory(struct blogs *b)
{
    return b->directory;
}

/* ---- people ---- */

/* Gives all live posts of an owner the bio; the caller has entered the directory. */
static int spread_bio(struct blogs *b, unsigned side, const struct directory_person *p)
{
    const struct posts_draft bio = { .bio = p->bio, .bio_size = p->bio_size };
    struct directory_blog of[DIRECTORY_BLOGS];
    int blogs = directory_of_locked(b->directory, p->id, of, DIRECTORY_BLOGS), error = 0;
    uint64_t posts[BATCH];

    for (int i = 0; i < blogs && !error; i++) {
        uint64_t after = 0;
        unsigned n;
        while (!error &&
               (n = directory_posts_locked(b->directory, of[i].id, after, posts, BATCH)) > 0) {
            for (unsigned j = 0; j < n && !error; j++) {
                error = b->ops->edit(b->posts, sides_at(&b->handles, side), posts[j], &bio);
                error = error == -ENOENT ? 0 : error; /* deleted, or purged */
            }
            after = posts[n - 1];
        }
    }
    return error;
}

int blogs_set_person(struct blogs *b, unsigned side, const struct directory_person *p)
{
    directory_enter(b->directory);
    int answer = directory_set_person_locked(b->directory, p);
    int error = answer == 0 ? spread_bio(b, side, p) : 0;
    directory_leave(b->directory);
    return error ? error : answer;
}

/* ---- posts ---- */

static int64_t write_locked(struct blogs *b, unsigned side, struct posts_draft draft)
{
    void *h = sides_at(&b->handles, side);
    struct directory_blog blog;
    struct directory_person owner;
    int error = directory_blog_locked(b->directory, draft.blog, &blog);

    if (!error)
        error = directory_person_locked(b->directory, blog.owner, &owner);
    if (error)
        return error;
    if (draft.id == 0)
        draft.id = b->last + 1;
    if (draft.id >= b->most)
        return -ENOSPC;
    draft.author = owner.id;
    draft.bio = owner.bio;
    draft.bio_size = owner.bio_size;
    int64_t id = b->ops->create(b->posts, h, &draft);
    if (id < 0)
        return id;
    error = directory_add_post_locked(b->directory, draft.blog, draft.id);
    if (error) {
        b->ops->erase(b->posts, h, draft.id);
        return error;
    }
    b->last = draft.id > b->last ? draft.id : b->last;
    return id;
}

int64_t blogs_write(struct blogs *b, unsigned side, const struct posts_draft *draft)
{
    directory_enter(b->directory);
    int64_t id = write_locked(b, side, *draft);
    directory_leave(b->directory);
    return id;
}

int blogs_read(struct blogs *b, unsigned side, uint64_t post, posts_visit *visit, void *ctx)
{
    return b->ops->read(b->posts, sides_at(&b->handles, side), post, visit, ctx);
}

int blogs_edit(struct blogs *b, unsigned side, uint64_t post, const struct posts_draft *draft)
{
    return b->ops->edit(b->posts, sides_at(&b->handles, side), post, draft);
}

int blogs_remove(struct blogs *b, unsigned side, uint64_t post, uint64_t now)
{
    return b->ops->remove(b->posts, sides_at(&b->handles, side), post, now);
}

static int note_author(void *ctx, const struct posts_post *post)
{
    *(uint64_t *)ctx = post->author;
    return 0;
}

int blogs_restore(struct blogs *b, unsigned side, uint64_t post)
{
    void *h = sides_at(&b->handles, side);
    struct directory_person author;
    uint64_t id;

    directory_enter(b->directory);
    int error = b->ops->restore(b->posts, h, post);
    if (!error && b->ops->read(b->posts, h, post, note_author, &id) == 0 &&
        directory_person_locked(b->directory, id, &author) == 0) {
        const struct posts_draft bio = { .bio = author.bio, .bio_size = author.bio_size };
        b->ops->edit(b->posts, h, post, &bio); /* -ENOENT: it has been removed again */
    }
    directory_leave(b->directory);
    return error;
}

int64_t blogs_purge(struct blogs *b, unsigned side, uint64_t now, uint64_t budget)
{
    return b->ops->purge(b->posts, sides_at(&b->handles, side), now, budget);
}

int blogs_each_post(struct blogs *b, unsigned side, posts_visit *visit, void *ctx)
{
    return b->ops->each(b->posts, sides_at(&b->handles, side), visit, ctx);
}

static int is_there(void *ctx, const struct posts_post *post)
{
    (void)ctx, (void)post;
    return 0;
}

bool blogs_has(struct blogs *b, unsigned side, uint64_t post)
{
    return blogs_read(b, side, post, is_there, NULL) == 0;
}

uint64_t blogs_last(struct blogs *b)
{
    directory_enter(b->directory);
    uint64_t last = b->last;
    directory_leave(b->directory);
    return last;
}

int blogs_skip_to(struct blogs *b, uint64_t post)
{
    if (post >= b->most)
        return -ERANGE;
    directory_enter(b->directory);
    b->last = post > b->last ? post : b->last;
    directory_leave(b->directory);
    return 0;
}

/* ---- other means ---- */

struct moving {
    struct blogs *to;
    unsigned side;
};

static int move_post(void *ctx, const struct posts_post *p)
{
    const struct moving *m = ctx;
    void *h = sides_at(&m->to->handles, m->side);
    const struct posts_draft draft = {
        .id = p->id, .blog = p->blog, .author = p->author, .published_at = p->published_at,
        .title = p->title, .title_size = p->title_size, .body = p->body, .body_size = p->body_size,
        .bio = p->bio, .bio_size = p->bio_size,
    };
    int64_t id = m->to->ops->create(m->to->posts, h, &draft);

    if (id < 0)
        return (int)id;
    return p->deleted ? m->to->ops->remove(m->to->posts, h, p->id, p->deleted_at) : 0;
}

int blogs_switch(struct blogs *b, unsigned side, const struct posts_ops *ops)
{
    struct blogs to = *b;
    struct moving m = { &to, side };
    int error = make_posts(&to, ops);

    if (error)
        return error;
    error = blogs_attach(&to, side);
    if (!error) {
        error = blogs_attach(b, side);
        if (!error) {
            error = blogs_each_post(b, side, move_post, &m);
            blogs_detach(b, side);
        }
        blogs_detach(&to, side);
    }
    end_posts(error ? &to : b);
    if (!error)
        *b = to;
    return error;
}

const char *blogs_means(const struct blogs *b)
{
    return b->ops->traits->id.name;
}

uint64_t blogs_retention_ms(const struct blogs *b)
{
    return b->retention_ms;
}
