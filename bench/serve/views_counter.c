/* views_counter.c - see views_counter.h. */
#include "bench/serve/views_counter.h"

#include <errno.h>
#include <stdlib.h>

#include "bench/serve/sides.h"
#include "counters/counter.h"

struct views {
    const struct counter_ops *ops;
    struct sides counters;
    struct sides *handles; /* of each side: one for each post */
    uint64_t posts, made;
    unsigned sides;
};

static void *counter_at(const struct views *v, uint64_t post)
{
    return sides_at(&v->counters, post);
}

static void *handle_at(const struct views *v, unsigned side, uint64_t post)
{
    return sides_at(&v->handles[side], post);
}

static int make(struct views *v, const struct views_plan *plan)
{
    const struct counter_ops *ops = plan->strategy;
    const struct counter_config config = { .threads = plan->sides, .settings = plan->settings };
    int error;

    v->ops = ops;
    v->posts = plan->posts;
    v->sides = plan->sides;
    v->handles = calloc(plan->sides, sizeof *v->handles);
    if (!v->handles || sides_make(&v->counters, plan->posts, ops->align, ops->size) != 0)
        return -ENOMEM;
    for (unsigned side = 0; side < plan->sides; side++)
        if (sides_make(&v->handles[side], plan->posts, ops->handle_align, ops->handle_size) != 0)
            return -ENOMEM;
    for (; v->made < v->posts; v->made++)
        if ((error = ops->init(counter_at(v, v->made), &config)) != 0)
            return error;
    return 0;
}

int views_make(struct views **out, const struct views_plan *plan)
{
    struct views *v = calloc(1, sizeof *v);
    int error = v ? make(v, plan) : -ENOMEM;

    *out = NULL;
    if (error)
        views_end(v);
    else
        *out = v;
    return error;
}

void views_end(struct views *v)
{
    if (!v)
        return;
    for (uint64_t post = 0; post < v->made; post++)
        v->ops->fini(counter_at(v, post));
    for (unsigned side = 0; v->handles && side < v->sides; side++)
        sides_end(&v->handles[side]);
    sides_end(&v->counters);
    free(v->handles);
    free(v);
}

static void detach_below(struct views *v, unsigned side, uint64_t end)
{
    for (uint64_t post = 0; post < end; post++) {
        v->ops->online(counter_at(v, post), handle_at(v, side, post));
        v->ops->detach(counter_at(v, post), handle_at(v, side, post));
    }
}

int views_attach(struct views *v, unsigned side)
{
    for (uint64_t post = 0; post < v->posts; post++) {
        int error = v->ops->attach(counter_at(v, post), handle_at(v, side, post));
        if (error) {
            detach_below(v, side, post);
            return error;
        }
        v->ops->offline(counter_at(v, post), handle_at(v, side, post));
    }
    return 0;
}

void views_detach(struct views *v, unsigned side)
{
    detach_below(v, side, v->posts);
}

int views_add(struct views *v, unsigned side, uint64_t post, int64_t n)
{
    if (post >= v->posts)
        return -ERANGE;
    void *c = counter_at(v, post), *h = handle_at(v, side, post);
    v->ops->online(c, h);
    int error = v->ops->add(c, h, n);
    v->ops->quiescent(c, h);
    v->ops->offline(c, h);
    return error;
}

int64_t views_read(struct views *v, unsigned side, uint64_t post)
{
    if (post >= v->posts)
        return 0;
    void *c = counter_at(v, post), *h = handle_at(v, side, post);
    v->ops->online(c, h);
    int64_t sum = v->ops->read(c, h);
    v->ops->offline(c, h);
    return sum;
}

const char *views_strategy(const struct views *v)
{
    return v->ops->traits->id.name;
}

size_t views_bytes(struct views *v)
{
    size_t bytes = 0;

    for (uint64_t post = 0; post < v->posts; post++) {
        struct counter_stats stats;
        v->ops->stats(counter_at(v, post), &stats);
        bytes += stats.bytes;
    }
    return bytes;
}
