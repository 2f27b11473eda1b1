/*
 * ledger.h - what every object of bounded claps keeps: its size, its arrays, its threads.
 */
#ifndef CONTEND_COUNTERS_CLAPS_PARTS_LEDGER_H
#define CONTEND_COUNTERS_CLAPS_PARTS_LEDGER_H

#include "counters/claps.h"
#include "counters/parts/attached.h"
#include "locks/parts/platform.h"

struct claps_ledger {
    uint64_t posts, readers;                   /* never change */
    const struct contend_allocator *allocator; /* never changes */
    counter_attached attached;
};

static inline void claps_ledger_init(struct claps_ledger *l, const struct claps_config *config)
{
    l->posts = config->posts;
    l->readers = config->readers;
    l->allocator = config->allocator;
    atomic_init(&l->attached, 0);
}

/* 0, or -ERANGE where there is no such post or reader (B9). */
static inline int claps_ledger_check(const struct claps_ledger *l, uint64_t post, uint64_t reader)
{
    return post < l->posts && reader < l->readers ? 0 : -ERANGE;
}

/* Where a reader's claps for a post stand in an array of all. */
static inline size_t claps_ledger_place(const struct claps_ledger *l, uint64_t post, uint64_t reader)
{
    return (size_t)(post * l->readers + reader);
}

/* The number of such places, or 0 if no memory holds that many of `size` bytes. */
static inline size_t claps_ledger_places(const struct claps_ledger *l, size_t size)
{
    return l->posts > SIZE_MAX / size / l->readers ? 0 : (size_t)(l->posts * l->readers);
}

/* An array of `count` elements, not cleared; NULL without memory, or for a count of 0. */
static inline void *claps_ledger_array(const struct claps_ledger *l, size_t count, size_t size)
{
    if (count == 0 || count > SIZE_MAX / size)
        return NULL;
    return contend_allocate(l->allocator, CONTEND_CACHE_LINE, count * size);
}

static inline void claps_ledger_release(const struct claps_ledger *l, void *array, size_t count,
                                        size_t size)
{
    contend_release(l->allocator, array, count * size);
}

/* Attach and detach of an object with a member `ledger` that keeps nothing for a thread. */
#define CLAPS_EMPTY_HANDLE(NAME) ATTACHED_HANDLE(claps, NAME, ledger.attached)

/* The statistics of an object that holds `held` bytes besides itself. */
#define CLAPS_LEDGER_STATS(NAME, held)                                                        \
    static inline void claps_##NAME##_stats(struct claps_##NAME *c, struct claps_stats *out)  \
    {                                                                                         \
        out->attached = counter_attached_count(&c->ledger.attached);                          \
        out->retired = 0;                                                                     \
        out->bytes = sizeof *c + (held) + out->attached * sizeof(struct claps_##NAME##_handle); \
    }

#endif
