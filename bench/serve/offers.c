/* offers.c - see offers.h. */
#include "bench/serve/offers.h"

#include <string.h>

#include "bench/base/family.h"

static const struct contend_identity *identity_of_posts(const void *ops)
{
    return &((const struct posts_ops *)ops)->traits->id;
}

static const struct contend_identity *identity_of_cache(const void *ops)
{
    return &((const struct cache_ops *)ops)->traits->id;
}

static const void *posts_at(size_t i)
{
    return contend_posts_registry[i];
}

static const void *cache_at(size_t i)
{
    return contend_cache_registry[i];
}

struct offer offer_of(int part)
{
    static const char *const names[PARTS] = { [PART_PRESENCE] = "presence", [PART_CLAPS] = "claps",
                                              [PART_COUNTER] = "counter" };
    const struct family *f = part < PARTS ? family_named(names[part]) : NULL;

    /* A floor of a family keeps nothing; a service without a cache is one like any other. */
    return f                     ? (struct offer){ f->name, f->at, f->identity, false }
           : part == MEANS_POSTS ? (struct offer){ "posts", posts_at, identity_of_posts, true }
                                 : (struct offer){ "cache", cache_at, identity_of_cache, true };
}

bool offer_has(const struct offer *o, const void *ops)
{
    return (o->identity(ops)->flags & (CONTEND_EXHIBIT | (o->with_floors ? 0 : CONTEND_FLOOR))) == 0;
}

const void *offer_find(const struct offer *o, const char *name)
{
    const void *ops;

    for (size_t i = 0; name && (ops = o->at(i)) != NULL; i++)
        if (offer_has(o, ops) && strcmp(o->identity(ops)->name, name) == 0)
            return ops;
    return NULL;
}
