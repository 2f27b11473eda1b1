/*
 * posts.h - many counters of one strategy: one for each post.
 *
 * A strategy that is fine for one hot post may cost gigabytes, or minutes of
 * attaching, for a million cold ones.  Both are bounded: the memory before any is
 * allocated, the time while it passes.  A strategy that exceeds a bound is refused, with
 * a sentence that says by how much.
 */
#ifndef CONTEND_BENCH_ENGINE_POSTS_H
#define CONTEND_BENCH_ENGINE_POSTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/base/memory.h"
#include "counters/counter.h"

/* A member that is 0 stands for its default. */
struct posts_request {
    uint64_t bytes;    /* of counters and handles; default: half of the memory that is available */
    uint64_t setup_ns; /* to make all counters, and again for each thread to attach; default: 3 s */
    struct contend_settings settings; /* of each counter; they must outlive posts_create() */
};

/* The counters lie side by side, `ops->size` bytes each; so do each thread's handles. */
struct posts {
    const struct counter_ops *ops;
    void *counters;
    void *reader;   /* a handle for posts_sum */
    uint64_t count;
    uint64_t setup_ns;
    _Atomic bool gave_up; /* a thread could not attach in time, so the others need not try */
    char why[MEMORY_REASON]; /* after -E2BIG or -ETIME: how much memory or time would have been needed */
};

/*
 * Makes `count` counters for `threads` threads.  Returns 0, -ENOMEM, the strategy's
 * error, or with a reason in p->why: -E2BIG if the counters and the threads' handles
 * would take too much memory, or -ETIME.  After an error there is nothing to destroy.
 */
int posts_create(struct posts *p, const struct counter_ops *ops, uint64_t count, unsigned threads,
                 const struct posts_request *request);

/* -EBUSY while a thread is attached: then nothing is freed. */
int posts_destroy(struct posts *p);

/*
 * Attaches the calling thread to every post and makes *handles, an array that
 * belongs to it until it detaches.  Returns 0, -ENOMEM, the strategy's error, or -ETIME with a
 * reason in p->why.  -ETIME is returned as soon as it can be foreseen, and then to the other
 * threads, too.  After an error the thread is attached to no post.
 */
int posts_attach(struct posts *p, void **handles);
void posts_detach(struct posts *p, void *handles);

/* Attaches, reads the claps of a post and detaches; one thread at a time.  0 or an error. */
int posts_sum(struct posts *p, uint64_t post, int64_t *sum);

/* Bytes held by all posts now, attached handles included.  No operation may be under way. */
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
