/*
 * posts.h - many counters of one strategy: one for each post.
 *
 * A strategy that is fine for one hot post may cost gigabytes, or minutes of
 * attaching, for a million cold ones.  So both are bounded, the memory before it is
 * asked for; what goes beyond is refused with a sentence that says by how much.
 */
#ifndef CONTEND_BENCH_ENGINE_POSTS_H
#define CONTEND_BENCH_ENGINE_POSTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "counters/counter.h"

/* 0 asks for the default. */
struct posts_limits {
    uint64_t bytes;    /* of counters and handles; default: half of the memory that is available */
    uint64_t setup_ns; /* to make them all, and for each thread to attach; default: 3 s each */
};

/* The counters lie side by side, `ops->size` bytes each; so do each thread's handles. */
struct posts {
    const struct counter_ops *ops;
    void *counters;
    void *reader;   /* a handle for posts_sum */
    uint64_t count;
    uint64_t setup_ns;
    _Atomic bool gave_up; /* some thread did not get attached in time */
    char why[160];  /* after -E2BIG or -ETIME: what it would have taken */
};

/*
 * Makes `count` counters for `threads` threads.  0, -ENOMEM, what the strategy
 * answered, or with a reason in p->why: -E2BIG, they and the threads' handles would
 * take too much memory, or -ETIME.  After an error there is nothing to destroy.
 */
int posts_create(struct posts *p, const struct counter_ops *ops, uint64_t count, unsigned threads,
                 const struct posts_limits *limits);

/* -EBUSY while anybody is attached: then nothing is freed. */
int posts_destroy(struct posts *p);

/*
 * Attaches the calling thread to every post and makes *handles, an array that
 * belongs to it until it detaches.  0, -ENOMEM, what the strategy answered, or
 * -ETIME with a reason in p->why: as soon as it can be foreseen, and for the other
 * threads too.  After an error the thread is attached to nothing.
 */
int posts_attach(struct posts *p, void **handles);
void posts_detach(struct posts *p, void *handles);

/* The claps of a post, for one thread at a time, which attaches for it.  0 or an error. */
int posts_sum(struct posts *p, uint64_t post, int64_t *sum);

/* Held by all posts now, attached handles included.  With no operation under way. */
uint64_t posts_bytes(struct posts *p);

static inline void *posts_counter(const struct posts *p, uint64_t post)
{
    return (char *)p->counters + post * p->ops->size;
}

static inline void *posts_handle(const struct posts *p, void *handles, uint64_t post)
{
    return (char *)handles + post * p->ops->handle_size;
}

#endif
