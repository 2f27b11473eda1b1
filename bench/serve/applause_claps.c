/* applause_claps.c - see applause_claps.h. */
#include "bench/serve/applause_claps.h"

#include <errno.h>
#include <stdlib.h>

#include "bench/serve/sides.h"
#include "counters/claps.h"

_Static_assert((int)APPLAUSE_LIMIT == (int)CLAPS_LIMIT, "the service promises the contract's bound");

struct applause {
    const struct claps_ops *ops;
    void *object;
    struct sides handles;
    uint64_t posts, readers;
};

int applause_make(struct applause **out, const struct applause_plan *plan)
{
    const struct claps_ops *ops = plan->strategy;
    const struct claps_config config = {
        .posts = plan->posts, .readers = plan->readers, .threads = plan->sides,
        .settings = plan->settings,
    };
    struct applause *a = calloc(1, sizeof *a);
    int error = -ENOMEM;

    *out = NULL;
    if (!a)
        return -ENOMEM;
    a->ops = ops;
    a->posts = plan->posts;
    a->readers = plan->readers;
    a->object = contend_alloc(ops->align, ops->size);
    if (a->object &&
        sides_make(&a->handles, plan->sides, ops->handle_align, ops->handle_size) == 0) {
        error = ops->init(a->object, &config);
        if (error == 0) {
            *out = a;
            return 0;
        }
    }
    sides_end(&a->handles);
    free(a->object);
    free(a);
    return error;
}

void applause_end(struct applause *a)
{
    if (!a)
        return;
    a->ops->fini(a->object);
    sides_end(&a->handles);
    free(a->object);
    free(a);
}

int applause_attach(struct applause *a, unsigned side)
{
    return a->ops->attach(a->object, sides_at(&a->handles, side));
}

void applause_detach(struct applause *a, unsigned side)
{
    a->ops->detach(a->object, sides_at(&a->handles, side));
}

int applause_give(struct applause *a, unsigned side, uint64_t post, uint64_t reader, int n)
{
    void *h = sides_at(&a->handles, side);

    return n < 0 ? a->ops->unclap(a->object, h, post, reader, 0u - (unsigned)n)
                 : a->ops->clap(a->object, h, post, reader, (unsigned)n);
}

int applause_given(struct applause *a, unsigned side, uint64_t post, uint64_t reader)
{
    return a->ops->given(a->object, sides_at(&a->handles, side), post, reader);
}

int64_t applause_total(struct applause *a, unsigned side, uint64_t post)
{
    return a->ops->total(a->object, sides_at(&a->handles, side), post);
}

uint64_t applause_posts(const struct applause *a)
{
    return a->posts;
}

uint64_t applause_readers(const struct applause *a)
{
    return a->readers;
}

const char *applause_strategy(const struct applause *a)
{
    return a->ops->traits->id.name;
}

size_t applause_bytes(struct applause *a)
{
    struct claps_stats stats;

    a->ops->stats(a->object, &stats);
    return stats.bytes;
}
