/* totals_cache.c - see totals_cache.h. */
#include "bench/serve/totals_cache.h"

#include <errno.h>
#include <stdlib.h>

#include "bench/serve/sides.h"

struct totals {
    const struct cache_ops *ops;
    void *cache;
    struct sides handles;
    struct totals_source source;
    _Atomic uint64_t version; /* rises with each clap, of whichever post */
};

/* The call that the thread is in: a cache asks its source on the thread of the caller. */
static _Thread_local struct {
    unsigned side;
    struct totals_clap *clap;
} call;

static int load(void *ctx, uint64_t key, uint64_t now, struct cache_value *out)
{
    struct totals *t = ctx;
    /* relaxed: the versions of a key only have to rise, and no means reads them. */
    uint64_t version = atomic_load_explicit(&t->version, memory_order_relaxed);
    int64_t total = t->source.total(t->source.ctx, call.side, key);

    if (total < 0)
        return (int)total;
    *out = (struct cache_value){ .version = version, .loaded_ns = now,
                                 .took_ns = contend_clock_ns() - now, .data = { (uint64_t)total } };
    return 0;
}

static int save(void *ctx, uint64_t key, uint64_t now, struct cache_value *value)
{
    struct totals *t = ctx;
    int error = t->source.clap(t->source.ctx, call.side, key, call.clap);

    if (error)
        return error;
    /* relaxed: as above. */
    atomic_fetch_add_explicit(&t->version, 1, memory_order_relaxed);
    return load(ctx, key, now, value);
}

int totals_make(struct totals **out, const struct cache_ops *ops,
                const struct totals_source *source, unsigned sides)
{
    struct totals *t = contend_alloc_aligned(sizeof *t);
    int error = -ENOMEM;

    *out = NULL;
    if (!t)
        return -ENOMEM;
    memset(t, 0, sizeof *t);
    t->ops = ops;
    t->source = *source;
    atomic_init(&t->version, 1);
    t->cache = contend_alloc(ops->align, ops->size);
    if (t->cache && sides_make(&t->handles, sides, ops->handle_align, ops->handle_size) == 0) {
        const struct cache_source from = { load, save, t };
        const struct cache_config config = { .source = &from };
        error = ops->init(t->cache, &config);
        if (error == 0) {
            *out = t;
            return 0;
        }
    }
    sides_end(&t->handles);
    free(t->cache);
    free(t);
    return error;
}

void totals_end(struct totals *t)
{
    if (!t)
        return;
    t->ops->fini(t->cache);
    sides_end(&t->handles);
    free(t->cache);
    free(t);
}

int totals_attach(struct totals *t, unsigned side)
{
    return t->ops->attach(t->cache, sides_at(&t->handles, side));
}

void totals_detach(struct totals *t, unsigned side)
{
    t->ops->detach(t->cache, sides_at(&t->handles, side));
}

int64_t totals_read(struct totals *t, unsigned side, uint64_t post, enum cache_level *level)
{
    struct cache_value value;

    call.side = side;
    int from = t->ops->get(t->cache, sides_at(&t->handles, side), post, contend_clock_ns(), &value);
    if (from < 0)
        return from;
    *level = (enum cache_level)from;
    return (int64_t)value.data[0];
}

int64_t totals_clap(struct totals *t, unsigned side, uint64_t post, struct totals_clap *clap)
{
    struct cache_value value = { .version = 0 };

    call.side = side;
    call.clap = clap;
    int error = t->ops->put(t->cache, sides_at(&t->handles, side), post, contend_clock_ns(), &value);
    return error ? error : (int64_t)value.data[0];
}

const char *totals_means(const struct totals *t)
{
    return t->ops->traits->id.name;
}
