/* directory.c - see directory.h.  People are in the C library's balanced tree, blogs in an array. */
#include "bench/serve/directory.h"

#include <errno.h>
#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct person {
    struct directory_person texts; /* first: the tree compares persons by their id */
    uint64_t first_blog, last_blog; /* 0: none */
    unsigned blogs;
};

struct blog {
    struct directory_blog texts;
    uint64_t next; /* of the same owner; 0: none */
    uint64_t *posts; /* rising */
    uint64_t room;
};

struct directory {
    pthread_mutex_t mutex;
    uint64_t most_people, most_blogs, people, blogs;
    void *tree;
    struct blog *list; /* blog 1 is the first */
    uint64_t room;
};

struct directory *directory_make(uint64_t most_people, uint64_t most_blogs)
{
    struct directory *d = calloc(1, sizeof *d);

    if (!d)
        return NULL;
    pthread_mutex_init(&d->mutex, NULL);
    d->most_people = most_people;
    d->most_blogs = most_blogs;
    return d;
}

void directory_end(struct directory *d)
{
    if (!d)
        return;
    tdestroy(d->tree, free);
    for (uint64_t i = 0; i < d->blogs; i++)
        free(d->list[i].posts);
    free(d->list);
    pthread_mutex_destroy(&d->mutex);
    free(d);
}

void directory_enter(struct directory *d)
{
    pthread_mutex_lock(&d->mutex);
}

void directory_leave(struct directory *d)
{
    pthread_mutex_unlock(&d->mutex);
}

/* ---- people ---- */

static int compare(const void *a, const void *b)
{
    uint64_t x = ((const struct person *)a)->texts.id, y = ((const struct person *)b)->texts.id;

    return x < y ? -1 : x > y;
}

static struct person *find(struct directory *d, uint64_t id)
{
    const struct person key = { .texts = { .id = id } };
    struct person **at = tfind(&key, &d->tree, compare);

    return at ? *at : NULL;
}

int directory_set_person_locked(struct directory *d, const struct directory_person *p)
{
    struct person *known = find(d, p->id);

    if (known) {
        known->texts = *p;
        return 0;
    }
    if (d->people == d->most_people)
        return -ENOSPC;
    known = calloc(1, sizeof *known);
    if (!known)
        return -ENOMEM;
    known->texts = *p;
    if (!tsearch(known, &d->tree, compare)) {
        free(known);
        return -ENOMEM;
    }
    d->people++;
    return 1;
}

int directory_person_locked(struct directory *d, uint64_t id, struct directory_person *out)
{
    const struct person *p = find(d, id);

    if (!p)
        return -ENOENT;
    *out = p->texts;
    return 0;
}

int directory_person(struct directory *d, uint64_t id, struct directory_person *out)
{
    directory_enter(d);
    int error = directory_person_locked(d, id, out);
    directory_leave(d);
    return error;
}

struct walk {
    int (*fn)(void *ctx, const struct directory_person *p);
    void *ctx;
    int answer;
};

static void step(const void *node, VISIT which, void *closure)
{
    struct walk *w = closure;

    if (w->answer == 0 && (which == postorder || which == leaf)) /* once for each, in order */
        w->answer = w->fn(w->ctx, &(*(struct person *const *)node)->texts);
}

int directory_each_person(struct directory *d, int (*fn)(void *ctx, const struct directory_person *p),
                          void *ctx)
{
    struct walk w = { fn, ctx, 0 };

    directory_enter(d);
    twalk_r(d->tree, step, &w);
    directory_leave(d);
    return w.answer;
}

/* ---- blogs ---- */

/* Makes an array twice as large where it is full.  0, or -ENOMEM. */
static int make_room(void **array, uint64_t *room, uint64_t used, size_t size)
{
    uint64_t wanted = *room ? 2 * *room : 8;

    if (used < *room)
        return 0;
    void *larger = reallocarray(*array, wanted, size);
    if (!larger)
        return -ENOMEM;
    *array = larger;
    *room = wanted;
    return 0;
}

static struct blog *blog_at(struct directory *d, uint64_t id)
{
    return id >= 1 && id <= d->blogs ? &d->list[id - 1] : NULL;
}

static int open_locked(struct directory *d, struct directory_blog *b)
{
    struct person *owner = find(d, b->owner);
    void *list = d->list;

    if (!owner)
        return -ENOENT;
    if (owner->blogs == DIRECTORY_BLOGS)
        return -EMFILE;
    if (d->blogs == d->most_blogs)
        return -ENOSPC;
    int error = make_room(&list, &d->room, d->blogs, sizeof *d->list);
    d->list = list;
    if (error)
        return error;
    b->id = ++d->blogs;
    b->posts = 0;
    d->list[b->id - 1] = (struct blog){ .texts = *b };
    if (owner->last_blog)
        blog_at(d, owner->last_blog)->next = b->id;
    else
        owner->first_blog = b->id;
    owner->last_blog = b->id;
    owner->blogs++;
    return 0;
}

int directory_open(struct directory *d, struct directory_blog *b)
{
    directory_enter(d);
    int error = open_locked(d, b);
    directory_leave(d);
    return error;
}

int directory_blog_locked(struct directory *d, uint64_t id, struct directory_blog *out)
{
    const struct blog *b = blog_at(d, id);

    if (!b)
        return -ENOENT;
    *out = b->texts;
    return 0;
}

int directory_blog(struct directory *d, uint64_t id, struct directory_blog *out)
{
    directory_enter(d);
    int error = directory_blog_locked(d, id, out);
    directory_leave(d);
    return error;
}

uint64_t directory_blogs(struct directory *d)
{
    directory_enter(d);
    uint64_t count = d->blogs;
    directory_leave(d);
    return count;
}

int directory_of_locked(struct directory *d, uint64_t owner, struct directory_blog *out, unsigned most)
{
    const struct person *p = find(d, owner);
    int count = 0;

    for (uint64_t id = p ? p->first_blog : 0; id && (unsigned)count < most; count++) {
        out[count] = blog_at(d, id)->texts;
        id = blog_at(d, id)->next;
    }
    return p ? count : -ENOENT;
}

int directory_of(struct directory *d, uint64_t owner, struct directory_blog *out, unsigned most)
{
    directory_enter(d);
    int count = directory_of_locked(d, owner, out, most);
    directory_leave(d);
    return count;
}

/* ---- posts of a blog ---- */

int directory_add_post_locked(struct directory *d, uint64_t blog, uint64_t post)
{
    struct blog *b = blog_at(d, blog);
    void *posts = b->posts;
    int error = make_room(&posts, &b->room, b->texts.posts, sizeof *b->posts);

    b->posts = posts;
    if (!error)
        b->posts[b->texts.posts++] = post;
    return error;
}

static int compare_ids(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

void directory_sort(struct directory *d)
{
    directory_enter(d);
    for (uint64_t i = 0; i < d->blogs; i++)
        if (d->list[i].posts)
            qsort(d->list[i].posts, d->list[i].texts.posts, sizeof *d->list[i].posts, compare_ids);
    directory_leave(d);
}

unsigned directory_posts_locked(struct directory *d, uint64_t blog, uint64_t after, uint64_t *out,
                                unsigned most)
{
    const struct blog *b = blog_at(d, blog);
    uint64_t low = 0, high = b ? b->texts.posts : 0;
    unsigned count = 0;

    while (low < high) { /* the first that is above `after` */
        uint64_t middle = low + (high - low) / 2;
        if (b->posts[middle] > after)
            high = middle;
        else
            low = middle + 1;
    }
    for (; b && low < b->texts.posts && count < most; low++)
        out[count++] = b->posts[low];
    return count;
}

unsigned directory_posts(struct directory *d, uint64_t blog, uint64_t after, uint64_t *out,
                         unsigned most)
{
    directory_enter(d);
    unsigned count = directory_posts_locked(d, blog, after, out, most);
    directory_leave(d);
    return count;
}
