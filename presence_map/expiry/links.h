/*
 * links.h - lists through the slots of a table, for the policies that have some.
 *
 * Each slot with an entry is in exactly one of the lists.  A list is a ring: its end is a link of its
 * own, behind those of the slots, so that no operation has a special case.  Slots are 32-bit numbers,
 * 8 bytes for each; a table with more slots than that is refused as one for which there is no memory.
 */
#ifndef CONTEND_PRESENCE_MAP_EXPIRY_LINKS_H
#define CONTEND_PRESENCE_MAP_EXPIRY_LINKS_H

#include "locks/parts/platform.h"
#include "presence_map/expiry/expiry.h"

struct expiry_link {
    uint32_t before, after;
};

struct expiry_links {
    struct expiry_link *link; /* of each slot, then of each list's end */
    uint64_t slots;
    uint32_t lists;
    const struct contend_allocator *allocator;
};

static inline size_t expiry_links_bytes(const struct expiry_links *l)
{
    return (l->slots + l->lists) * sizeof *l->link;
}

/* The end of a list, which is both after its last slot and before its first. */
static inline uint32_t expiry_links_end(const struct expiry_links *l, uint64_t list)
{
    return (uint32_t)(l->slots + list);
}

/* Makes empty lists.  0 or -ENOMEM. */
static inline int expiry_links_make(struct expiry_links *l, uint64_t slots, uint32_t lists,
                                    const struct contend_allocator *allocator)
{
    *l = (struct expiry_links){ .slots = slots, .lists = lists, .allocator = allocator };
    if (slots > UINT32_MAX - lists)
        return -ENOMEM;
    l->link = contend_allocate(allocator, CONTEND_CACHE_LINE, expiry_links_bytes(l));
    if (!l->link)
        return -ENOMEM;
    for (uint32_t i = 0; i < lists; i++) {
        uint32_t end = expiry_links_end(l, i);
        l->link[end] = (struct expiry_link){ end, end };
    }
    return 0;
}

static inline void expiry_links_fini(struct expiry_links *l)
{
    contend_release(l->allocator, l->link, expiry_links_bytes(l));
}

/* The list's first slot, or its end. */
static inline uint32_t expiry_links_first(const struct expiry_links *l, uint64_t list)
{
    return l->link[expiry_links_end(l, list)].after;
}

static inline bool expiry_links_is_empty(const struct expiry_links *l, uint64_t list)
{
    return expiry_links_first(l, list) == expiry_links_end(l, list);
}

/* Puts a slot that is in no list after another one, or after a list's end: as the first. */
static inline void expiry_links_put(struct expiry_links *l, uint64_t slot, uint32_t before)
{
    uint32_t after = l->link[before].after;

    l->link[slot] = (struct expiry_link){ before, after };
    l->link[before].after = (uint32_t)slot;
    l->link[after].before = (uint32_t)slot;
}

/* Puts it in a list as the last. */
static inline void expiry_links_append(struct expiry_links *l, uint64_t slot, uint64_t list)
{
    expiry_links_put(l, slot, l->link[expiry_links_end(l, list)].before);
}

static inline void expiry_links_take(struct expiry_links *l, uint64_t slot)
{
    struct expiry_link link = l->link[slot];

    l->link[link.before].after = link.after;
    l->link[link.after].before = link.before;
}

/* The entry of slot `from`, its place in its list included, is now in `to`. */
static inline void expiry_links_move(struct expiry_links *l, uint64_t from, uint64_t to)
{
    struct expiry_link link = l->link[from];

    l->link[to] = link;
    l->link[link.before].after = (uint32_t)to;
    l->link[link.after].before = (uint32_t)to;
}

/* Moves all of one list to the end of another. */
static inline void expiry_links_splice(struct expiry_links *l, uint64_t from, uint64_t to)
{
    uint32_t source = expiry_links_end(l, from), target = expiry_links_end(l, to);
    struct expiry_link moved = l->link[source];

    if (moved.after == source)
        return;
    uint32_t last = l->link[target].before;
    l->link[last].after = moved.after;
    l->link[moved.after].before = last;
    l->link[moved.before].after = target;
    l->link[target].before = moved.before;
    l->link[source] = (struct expiry_link){ source, source };
}

/* The functions that only pass on to `links`, a member of the policy. */
#define EXPIRY_HOLDS_LINKS(NAME)                                                              \
    static inline void expiry_##NAME##_fini(struct expiry_##NAME *e)                          \
    {                                                                                         \
        expiry_links_fini(&e->links);                                                         \
    }                                                                                         \
    static inline size_t expiry_##NAME##_bytes(const struct expiry_##NAME *e)                 \
    {                                                                                         \
        return expiry_links_bytes(&e->links);                                                 \
    }                                                                                         \
    static inline void expiry_##NAME##_freed(struct expiry_##NAME *e, uint64_t slot)          \
    {                                                                                         \
        expiry_links_take(&e->links, slot);                                                   \
    }                                                                                         \
    static inline void expiry_##NAME##_moved(struct expiry_##NAME *e, uint64_t from, uint64_t to) \
    {                                                                                         \
        expiry_links_move(&e->links, from, to);                                               \
    }

#endif
