/* posts.c - making, attaching to and adding up many counters within bounds. */
#include "bench/engine/posts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "locks/parts/platform.h"

enum {
    BETWEEN_LOOKS = 64,       /* counters between two looks at the clock */
    FORESIGHT_NS = 200000000  /* after this the time for all is estimated from the part done */
};

static const uint64_t default_setup_ns = UINT64_C(3000000000);

/* Whether all p->count will take too long, by the time that `done` of them took since `start`. */
static bool too_slow(const struct posts *p, uint64_t start, uint64_t done, double *seconds)
{
    uint64_t spent = contend_clock_ns() - start;

    if (done == 0)
        return false; /* there is nothing to estimate from */
    *seconds = (double)spent * (double)p->count / (double)done / 1e9;
    return spent > p->setup_ns || (spent > FORESIGHT_NS && *seconds * 1e9 > (double)p->setup_ns);
}

static int say_too_slow(struct posts *p, const char *what, double seconds)
{
    snprintf(p->why, sizeof p->why, "%s %" PRIu64 " posts takes longer than %.3g s: %.1f s, as "
             "far as can be foreseen", what, p->count, (double)p->setup_ns / 1e9, seconds);
    return -ETIME;
}

static int check_memory(struct posts *p, unsigned threads, uint64_t limit)
{
    const struct counter_traits *t = p->ops->traits;
    size_t handle = t->bytes_per_thread > p->ops->handle_size ? t->bytes_per_thread
                                                              : p->ops->handle_size;
    double each = (double)t->bytes + (double)handle * threads;
    char what[80];

    snprintf(what, sizeof what, "%" PRIu64 " posts of %.0f bytes", p->count, each);
    return memory_check(each * (double)p->count, limit, what, p->why);
}

static int make_counters(struct posts *p, const struct contend_settings *settings)
{
    const struct counter_config config = { .settings = *settings };
    uint64_t start = contend_clock_ns(), made = 0;
    double seconds;
    int error = 0;

    p->reader = contend_alloc_aligned(p->ops->handle_size);
    p->counters = p->count <= (SIZE_MAX - CONTEND_CACHE_LINE) / p->ops->size
                      ? contend_alloc_aligned(p->count * p->ops->size) : NULL;
    if (!p->counters || !p->reader)
        error = -ENOMEM;
    for (; !error && made < p->count; made++) {
        if (made % BETWEEN_LOOKS == 0 && too_slow(p, start, made, &seconds))
            error = say_too_slow(p, "making", seconds);
        else
            error = p->ops->init(posts_counter(p, made), &config);
        if (error)
            break;
    }
    if (!error)
        return 0;
    while (made > 0)
        p->ops->fini(posts_counter(p, --made));
    free(p->counters);
    free(p->reader);
    return error;
}

int posts_create(struct posts *p, const struct counter_ops *ops, uint64_t count, unsigned threads,
                 const struct posts_request *request)
{
    static const struct posts_request defaults = { .bytes = 0 };
    int error;

    if (!request)
        request = &defaults;
    memset(p, 0, sizeof *p);
    p->ops = ops;
    p->count = count;
    p->setup_ns = request->setup_ns ? request->setup_ns : default_setup_ns;
    error = check_memory(p, threads, request->bytes);
    return error ? error : make_counters(p, &request->settings);
}

int posts_destroy(struct posts *p)
{
    /* A thread attaches to all posts or to none, so that only the first can be busy. */
    for (uint64_t i = 0; i < p->count; i++) {
        int error = p->ops->fini(posts_counter(p, i));
        if (error)
            return error;
    }
    free(p->counters);
    free(p->reader);
    return 0;
}

int posts_attach(struct posts *p, void **handles)
{
    uint64_t start = contend_clock_ns(), i = 0;
    double seconds;
    int error = 0;

    *handles = p->count <= (SIZE_MAX - CONTEND_CACHE_LINE) / p->ops->handle_size
                   ? contend_alloc_aligned(p->count * p->ops->handle_size) : NULL;
    if (!*handles)
        return -ENOMEM;
    for (; !error && i < p->count; i++) {
        /* relaxed: a hint that going on is useless. */
        if (i % BETWEEN_LOOKS == 0 &&
            atomic_load_explicit(&p->gave_up, memory_order_relaxed))
            error = -ETIME;
        else if (i % BETWEEN_LOOKS == 0 && too_slow(p, start, i, &seconds))
            /* relaxed: only the first one may write the reason; it is read after all have ended. */
            error = atomic_exchange_explicit(&p->gave_up, true, memory_order_relaxed)
                        ? -ETIME : say_too_slow(p, "attaching to", seconds);
        else
            error = p->ops->attach(posts_counter(p, i), posts_handle(p, *handles, i));
        if (error)
            break;
    }
    if (!error)
        return 0;
    while (i-- > 0)
        p->ops->detach(posts_counter(p, i), posts_handle(p, *handles, i));
    free(*handles);
    *handles = NULL;
    return error;
}

void posts_detach(struct posts *p, void *handles)
{
    for (uint64_t i = 0; i < p->count; i++)
        p->ops->detach(posts_counter(p, i), posts_handle(p, handles, i));
    free(handles);
}

int posts_sum(struct posts *p, uint64_t post, int64_t *sum)
{
    void *counter = posts_counter(p, post);
    int error = p->ops->attach(counter, p->reader);

    if (error)
        return error;
    *sum = p->ops->read(counter, p->reader);
    p->ops->detach(counter, p->reader);
    return 0;
}

uint64_t posts_bytes(struct posts *p)
{
    struct counter_stats stats;
    uint64_t bytes = 0;

    for (uint64_t i = 0; i < p->count; i++) {
        p->ops->stats(posts_counter(p, i), &stats);
        bytes += stats.bytes;
    }
    return bytes;
}
