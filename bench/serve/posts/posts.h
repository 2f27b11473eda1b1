/*
 * posts.h - the contract of a blog's posts: made, read, edited, deleted for now, restored, purged.
 *
 * A means NAME is one header, bench/serve/posts/HEADER.h, with `struct posts_HEADER`, a per-thread
 * `struct posts_HEADER_handle`, the operations below as `static inline` functions
 * `posts_HEADER_read(posts, handle, id, visit, ctx)` and so on, and its traits.  This file says
 * what each of them promises, and holds the table through which the service, the experiments and
 * the tests call them.  No atomics here.
 *
 * A post has a title and a body, which are replaced whole and kept by reference; a bio of its
 * author, which lies in the post's record itself and is written in place; a date of publication; and
 * a number of views.  Deleting a post only marks it: it can be restored until a purge finds that
 * it has been deleted for as long as the retention says.
 *
 * Guarantees
 *
 *  O1  State: for each id at most one post, which is live or deleted at a time t; ids of purged
 *      posts are gone.  Ids are from 1 to UINT64_MAX - 1.
 *  O2  create(draft) makes a live post and returns its id: the draft's, or one that no post has had
 *      if that is 0.  -EEXIST if the id is taken by a live or a deleted post.
 *  O3  read(id, visit, ctx) calls visit once with the post as it is at one instant of the call, and
 *      returns what that returned, which must not be negative; -ENOENT if there is no live post.
 *      Title, body and date belong together.  The bio is one that was written as a whole, at some instant
 *      of the call.  What the post points to is valid until visit returns; visit calls nothing of
 *      this object.
 *  O4  edit(id, draft) replaces title, body and bio of a live post, and its date if the draft is
 *      dated; a NULL in the draft leaves that part.  -ENOENT if there is no live post.
 *  O5  remove(id, now) marks a live post as deleted at `now`; -ENOENT if there is none.
 *  O6  restore(id) makes a deleted post live again; -EALREADY if it is live, -ENOENT if it is
 *      not there.  A restore that returned 0 is never undone by a purge: the post is there, with
 *      its text, until it is removed again.
 *  O7  purge(now, budget) looks at about `budget` posts, from where the last purge stopped, and
 *      takes away those that are deleted and were removed at a time t with t + retention <= now.  It
 *      returns how many.  The judgement holds at the instant at which the post goes.
 *  O8  erase(id) takes the post away at once, live or deleted; -ENOENT if there is none.
 *  O9  view(id) counts a view and returns the new number; -ENOENT if there is no live post.
 *  O10 each(visit, ctx) visits every post that is there during the whole call once, live or deleted,
 *      as the post says; no post twice, and none that was never there during it.  It stops when visit
 *      returns something other than 0, and returns that.
 *  O11 read, edit, remove, restore, erase, view and create of one post are linearizable, but for the
 *      bio, which is a register of its own.
 *  O12 A call that fails returns a negative errno value and changes nothing: -EINVAL for a reserved
 *      id, or a title, bio or body that is too long; -ENOMEM.
 *  O13 A thread attaches before it uses an object and detaches after.  The handle's storage belongs
 *      to the caller and must not move in between.  fini returns -EBUSY while one is attached;
 *      it and init are called by one thread while nothing else is under way.
 */
#ifndef CONTEND_BENCH_SERVE_POSTS_H
#define CONTEND_BENCH_SERVE_POSTS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bench/serve/means.h"
#include "locks/parts/allocator.h"

/* Bytes of a title, of a bio and of a body, at most. */
enum { POSTS_TITLE = 96, POSTS_BIO = 64, POSTS_BODY = 1 << 20 };
enum { POSTS_DEFAULT_EXPECTED = 1024 };

/* How an object is made.  All zero, or a NULL pointer, asks for the defaults. */
struct posts_config {
    uint64_t expected;     /* about so many posts; 0 = POSTS_DEFAULT_EXPECTED */
    uint64_t retention_ms; /* how long a deleted post can be restored; 0 = until the next purge */
    const struct contend_allocator *allocator; /* NULL = the C library's */
};

/* What a post is made of, or is to become.  Texts need not end in 0. */
struct posts_draft {
    uint64_t id; /* create: 0 = the object chooses; edit: not used */
    uint64_t blog, author; /* create only */
    uint64_t published_at; /* milliseconds since 1970 */
    bool dated;            /* edit: there is a date, too; create: not used */
    const char *title, *body, *bio;      /* NULL: empty, or as it was */
    uint32_t title_size, body_size, bio_size;
};

/* A post as a reader sees it, until its visit returns. */
struct posts_post {
    uint64_t id, blog, author, published_at, views;
    bool deleted;        /* never of a read */
    uint64_t deleted_at; /* the `now` of its removal, if it is deleted */
    const char *title, *body, *bio; /* do not end in 0 */
    uint32_t title_size, body_size, bio_size;
};

typedef int posts_visit(void *ctx, const struct posts_post *post);

/* While nothing else is under way these are exact; otherwise a snapshot of moving parts. */
struct posts_stats {
    uint64_t live, deleted;
    double probes;        /* records that a look-up of a live post passes, on average */
    uint64_t probes_most;
    size_t bytes;         /* requested from the allocator and held now */
    size_t attached;
};

struct posts_traits {
    struct contend_identity id;
    unsigned reads, writes;  /* progress of read and of remove, restore: enum contend_progress */
    const char *bodies, *bios; /* how a reader is kept from torn or freed text, in a few words */
};

static inline int posts_check_draft(const struct posts_draft *d)
{
    return d->title_size > POSTS_TITLE || d->bio_size > POSTS_BIO || d->body_size > POSTS_BODY ||
                   d->id == UINT64_MAX
               ? -EINVAL
               : 0;
}

#define POSTS_OPERATIONS(GIVES, DOES)                                                         \
    GIVES(int, init, (void *posts, const struct posts_config *config), (posts, config))       \
    GIVES(int, fini, (void *posts), (posts))                                                  \
    GIVES(int, attach, (void *posts, void *handle), (posts, handle))                          \
    DOES(detach, (void *posts, void *handle), (posts, handle))                                \
    GIVES(int64_t, create, (void *posts, void *handle, const struct posts_draft *draft),      \
          (posts, handle, draft))                                                             \
    GIVES(int, read, (void *posts, void *handle, uint64_t id, posts_visit *visit, void *ctx), \
          (posts, handle, id, visit, ctx))                                                    \
    GIVES(int, edit, (void *posts, void *handle, uint64_t id, const struct posts_draft *draft), \
          (posts, handle, id, draft))                                                         \
    GIVES(int, remove, (void *posts, void *handle, uint64_t id, uint64_t now),                \
          (posts, handle, id, now))                                                           \
    GIVES(int, restore, (void *posts, void *handle, uint64_t id), (posts, handle, id))        \
    GIVES(int, erase, (void *posts, void *handle, uint64_t id), (posts, handle, id))          \
    GIVES(int64_t, purge, (void *posts, void *handle, uint64_t now, uint64_t budget),         \
          (posts, handle, now, budget))                                                       \
    GIVES(int64_t, view, (void *posts, void *handle, uint64_t id), (posts, handle, id))       \
    GIVES(int, each, (void *posts, void *handle, posts_visit *visit, void *ctx),              \
          (posts, handle, visit, ctx))                                                        \
    DOES(stats, (void *posts, struct posts_stats *out), (posts, out))

/* The loops of benchmarks: none yet, since each experiment measures through the table. */
struct posts_loops {
    const void *none;
};

/* The table, and the registry. */
SERVE_MEANS(posts, POSTS_OPERATIONS);

#endif
