/*
 * blogs_posts.h - people, their blogs and the posts in them: a means of bench/serve/posts with a handle
 * for each thread of the service, and the directory of who owns what.
 *
 * A post's number is its place among the claps and the views too, so there are posts 1 to `most` - 1,
 * each number is given once, and what has been purged leaves its number behind.  The author's bio lies
 * in each post: a new bio goes to all posts of that author that are live, and a restored post is given
 * the bio of now.
 *
 * Writers hold the directory's mutex, so that a post and its place in its blog come together; readers
 * of a post, edits and removals go to the means alone.  Sides are as in users_presence.h.  Times are
 * those of clock.h, except that a publication is in milliseconds since 1970.
 */
#ifndef CONTEND_BENCH_SERVE_BLOGS_POSTS_H
#define CONTEND_BENCH_SERVE_BLOGS_POSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/serve/directory.h"
#include "bench/serve/posts/posts.h"

struct blogs;

struct blogs_plan {
    const struct posts_ops *ops;
    uint64_t most;         /* numbers of posts, the unused 0 among them */
    uint64_t most_people;
    uint64_t retention_ms; /* for how long a deleted post can be restored */
    unsigned sides;
};

/* Makes it.  0, -ENOMEM, or what the means' init answered. */
int blogs_make(struct blogs **out, const struct blogs_plan *plan);
/* All sides have detached.  NULL is allowed. */
void blogs_end(struct blogs *b);

/* To be called by the thread of that side.  0, or what the means answered. */
int blogs_attach(struct blogs *b, unsigned side);
void blogs_detach(struct blogs *b, unsigned side);

struct directory *blogs_directory(struct blogs *b);

/* A person's texts, new or others; the bio goes to all live posts.  1: is new; 0; -ENOSPC, -ENOMEM. */
int blogs_set_person(struct blogs *b, unsigned side, const struct directory_person *p);

/*
 * Writes a post into draft->blog, by the blog's owner and with the owner's bio; draft->id 0 takes the
 * next number.  Its number; -ENOENT: there is no such blog; -ENOSPC: no number is left; -EEXIST,
 * -EINVAL, -ENOMEM.
 */
int64_t blogs_write(struct blogs *b, unsigned side, const struct posts_draft *draft);

/* As the operations of posts.h. */
int blogs_read(struct blogs *b, unsigned side, uint64_t post, posts_visit *visit, void *ctx);
int blogs_edit(struct blogs *b, unsigned side, uint64_t post, const struct posts_draft *draft);
int blogs_remove(struct blogs *b, unsigned side, uint64_t post, uint64_t now);
int blogs_restore(struct blogs *b, unsigned side, uint64_t post);
int64_t blogs_purge(struct blogs *b, unsigned side, uint64_t now, uint64_t budget);
int blogs_each_post(struct blogs *b, unsigned side, posts_visit *visit, void *ctx);

/* Whether there is a live post of that number. */
bool blogs_has(struct blogs *b, unsigned side, uint64_t post);

/* The highest number that was given; 0: none. */
uint64_t blogs_last(struct blogs *b);
/* No number up to that one is given any more.  -ERANGE if it is none of a post. */
int blogs_skip_to(struct blogs *b, uint64_t post);

/*
 * Keeps the posts by other means from now on, deleted ones included, with the times of their removal; the
 * directory stays.  No side is attached, and nothing else runs.  0; or a negative errno value, and all is
 * as it was.
 */
int blogs_switch(struct blogs *b, unsigned side, const struct posts_ops *ops);

const char *blogs_means(const struct blogs *b);
uint64_t blogs_retention_ms(const struct blogs *b);

#endif
