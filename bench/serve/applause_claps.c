/* applause_claps.c - see applause_claps.h. */
#include "bench/serve/applause_claps.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bench/serve/sides.h"
#include "counters/claps.h"

_Static_assert((int)APPLAUSE_LIMIT == (int)CLAPS_LIMIT, "the service promises the contract's bound");

enum { MARKS = 64 }; /* in a word */

struct applause {
    const struct claps_ops *ops;
    void *object;
    struct sides handles;
    uint64_t posts, readers;
    /*
     * Of each post, a bit for each reader who may have given claps; NULL: nobody has.  There may be a million
     * pairs, and a question to a store takes a round trip: a walk over all pairs asks for these alone.
     */
    _Atomic(_Atomic uint64_t *) *marks;
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
    a->marks = calloc(plan->posts, sizeof *a->marks);
    if (a->object && a->marks &&
        sides_make(&a->handles, plan->sides, ops->handle_align, ops->handle_size) == 0) {
        error = ops->init(a->object, &config);
        if (error == 0) {
            *out = a;
            return 0;
        }
    }
    sides_end(&a->handles);
    free(a->object);
    free(a->marks);
    free(a);
    return error;
}

void applause_end(struct applause *a)
{
    if (!a)
        return;
    a->ops->fini(a->object);
    sides_end(&a->handles);
    /* relaxed: all sides have detached. */
    for (uint64_t post = 0; post < a->posts; post++)
        free(atomic_load_explicit(&a->marks[post], memory_order_relaxed));
    free(a->marks);
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

/* The marks of a post, made if they are wanted and not there. */
static _Atomic uint64_t *marks_of(struct applause *a, uint64_t post, bool wanted)
{
    /* acquire: pairs with the release below, which publishes zeros. */
    _Atomic uint64_t *marks = atomic_load_explicit(&a->marks[post], memory_order_acquire), *own;

    if (marks || !wanted)
        return marks;
    own = calloc(a->readers / MARKS + 1, sizeof *own);
    /* release, acquire: as above. */
    if (!own || atomic_compare_exchange_strong_explicit(&a->marks[post], &marks, own, memory_order_acq_rel,
                                                        memory_order_acquire))
        return own;
    free(own); /* another thread was faster */
    return marks;
}

/* Before claps are given, so that there are none without a mark.  0, or -ENOMEM. */
static int mark(struct applause *a, uint64_t post, uint64_t reader)
{
    uint64_t bit = UINT64_C(1) << reader % MARKS;
    _Atomic uint64_t *marks;

    if (post >= a->posts || reader >= a->readers)
        return 0; /* the object refuses it */
    marks = marks_of(a, post, true);
    if (!marks)
        return -ENOMEM;
    /* relaxed, both: a mark says only what to ask for, and what is asked for is published by the object. */
    if (!(atomic_load_explicit(&marks[reader / MARKS], memory_order_relaxed) & bit))
        atomic_fetch_or_explicit(&marks[reader / MARKS], bit, memory_order_relaxed);
    return 0;
}

int applause_give(struct applause *a, unsigned side, uint64_t post, uint64_t reader, int n)
{
    void *h = sides_at(&a->handles, side);
    int error = n > 0 ? mark(a, post, reader) : 0;

    if (error)
        return error;
    return n < 0 ? a->ops->unclap(a->object, h, post, reader, 0u - (unsigned)n)
                 : a->ops->clap(a->object, h, post, reader, (unsigned)n);
}

int applause_given(struct applause *a, unsigned side, uint64_t post, uint64_t reader)
{
    return a->ops->given(a->object, sides_at(&a->handles, side), post, reader);
}

/* The readers of a word of marks. */
static int visit_marked(struct applause *a, unsigned side, uint64_t post, uint64_t first, uint64_t word,
                        applause_visit *fn, void *ctx)
{
    for (int error; word; word &= word - 1) {
        uint64_t reader = first + (uint64_t)__builtin_ctzll(word);
        int given = applause_given(a, side, post, reader);
        error = given > 0 ? fn(ctx, post, reader, given) : given;
        if (error)
            return error;
    }
    return 0;
}

int applause_each(struct applause *a, unsigned side, applause_visit *fn, void *ctx)
{
    int error = 0;

    for (uint64_t post = 0; post < a->posts && !error; post++) {
        _Atomic uint64_t *marks = marks_of(a, post, false);
        for (uint64_t i = 0; marks && i <= a->readers / MARKS && !error; i++)
            /* relaxed: as in mark(). */
            error = visit_marked(a, side, post, i * MARKS, atomic_load_explicit(&marks[i], memory_order_relaxed),
                                 fn, ctx);
    }
    return error;
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
