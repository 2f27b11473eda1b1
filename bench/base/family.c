/* family.c - the descriptors of the families, and what works on each of them alike. */
#include "bench/base/family.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters/claps.h"
#include "counters/counter.h"
#include "counters/distinct.h"
#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"

/* What was registered at run time, behind the `own` entries of a family's registry. */
static struct registered {
    const void *ops[FAMILY_REGISTERED];
    size_t count, own;
} registered[FAMILY_COUNT];

static const void *registered_at(enum family_index index, size_t from_the_end)
{
    const struct registered *r = &registered[index];

    return from_the_end < r->count ? r->ops[from_the_end] : NULL;
}

/* A descriptor: its words, and the access to its registry, which differs by the types only. */
#define DESCRIBE(OBJECT, ...)                                                                 \
    static const void *OBJECT##_at(size_t index)                                              \
    {                                                                                         \
        const struct registered *r = &registered[FAMILY_##OBJECT];                            \
                                                                                              \
        if (r->count && index >= r->own)                                                      \
            return registered_at(FAMILY_##OBJECT, index - r->own);                            \
        return contend_##OBJECT##_registry[index];                                            \
    }                                                                                         \
    static const struct contend_identity *OBJECT##_identity(const void *ops)                  \
    {                                                                                         \
        return &((const struct OBJECT##_ops *)ops)->traits->id;                               \
    }                                                                                         \
    static const char *OBJECT##_header(const void *ops)                                       \
    {                                                                                         \
        return ((const struct OBJECT##_ops *)ops)->header;                                    \
    }                                                                                         \
    static const void *OBJECT##_traits_at(const void *ops)                                    \
    {                                                                                         \
        return ((const struct OBJECT##_ops *)ops)->traits;                                    \
    }                                                                                         \
    static enum contend_shelf OBJECT##_shelf(const void *ops)                                 \
    {                                                                                         \
        return ((const struct OBJECT##_ops *)ops)->shelf;                                     \
    }                                                                                         \
    static const char *OBJECT##_needs(const void *ops)                                        \
    {                                                                                         \
        return ((const struct OBJECT##_ops *)ops)->needs;                                     \
    }                                                                                         \
    static const char *OBJECT##_choices(const void *ops)                                      \
    {                                                                                         \
        return ((const struct OBJECT##_ops *)ops)->choices;                                   \
    }                                                                                         \
    static size_t OBJECT##_handle_size(const void *ops)                                       \
    {                                                                                         \
        return ((const struct OBJECT##_ops *)ops)->handle_size;                               \
    }                                                                                         \
    static int OBJECT##_own_traits(const void *table, const struct contend_settings *settings, \
                                   void *traits)                                              \
    {                                                                                         \
        const struct OBJECT##_ops *ops = table;                                               \
        struct OBJECT##_config config = { .settings = *settings };                            \
        void *object = contend_alloc_aligned(ops->size);                                      \
        int error = object ? ops->init(object, &config) : -ENOMEM;                            \
        if (!error) {                                                                         \
            ops->traits_of(object, traits);                                                   \
            error = ops->fini(object);                                                        \
        }                                                                                     \
        free(object);                                                                         \
        return error;                                                                         \
    }                                                                                         \
    static const struct contend_missing *OBJECT##_left_out(void)                              \
    {                                                                                         \
        return contend_##OBJECT##_missing;                                                    \
    }                                                                                         \
    const struct family family_##OBJECT = {                                                   \
        .index = FAMILY_##OBJECT, .at = OBJECT##_at, .identity = OBJECT##_identity,           \
        .header = OBJECT##_header, .shelf = OBJECT##_shelf, .missing = OBJECT##_left_out,     \
        .needs = OBJECT##_needs, .choices = OBJECT##_choices,                                 \
        .handle_size = OBJECT##_handle_size,                                                  \
        .traits = OBJECT##_traits_at, .own_traits = OBJECT##_own_traits, __VA_ARGS__          \
    };

DESCRIBE(lock, .folder = "locks", .name = "lock", .article = "a lock", .heading = "LOCKS",
         .what = "One thread at a time: what the other objects can be built on.", .item_bytes = "B/lock", .shows_cpu = true)
DESCRIBE(counter, .folder = "counters", .name = "counter", .article = "a counter",
         .heading = "CLAP COUNTERS", .what = "How often a post was clapped for.", .item_bytes = "B/ctr")
DESCRIBE(claps, .folder = "counters/claps", .name = "claps", .article = "an object of bounded claps",
         .heading = "BOUNDED CLAPS", .what = "How often each reader clapped, at most 50 times, with undo.",
         .item_bytes = "B/rdr")
DESCRIBE(distinct, .folder = "counters/distinct", .name = "distinct",
         .article = "a counter of distinct clappers", .heading = "DISTINCT CLAPPERS",
         .what = "How many different readers clapped for a post.",
         .item_bytes = "B/rdr")
DESCRIBE(presence, .folder = "presence_map", .name = "presence", .article = "a presence map",
         .heading = "PRESENCE MAPS", .what = "Which users are online, by the last heartbeat of each.", .item_bytes = "B/user")

#define ROW(OBJECT) &family_##OBJECT,
const struct family *const families[FAMILY_COUNT + 1] = { FAMILY_EACH(ROW) NULL };
#undef ROW

const struct family *family_named(const char *name)
{
    for (const struct family *const *f = families; *f; f++)
        if (strcmp((*f)->name, name) == 0)
            return *f;
    return NULL;
}

const struct family *family_in(const char *folder, size_t length)
{
    for (const struct family *const *f = families; *f; f++)
        if (strlen((*f)->folder) == length && strncmp((*f)->folder, folder, length) == 0)
            return *f;
    return NULL;
}

int family_register(const struct family *f, const void *ops)
{
    struct registered *r = &registered[f->index];

    if (r->count == FAMILY_REGISTERED)
        return -ENOSPC;
    if (family_find(f, f->identity(ops)->name))
        return -EEXIST;
    if (r->count == 0)
        while (f->at(r->own))
            r->own++;
    r->ops[r->count++] = ops;
    return 0;
}

const void *family_find(const struct family *f, const char *name)
{
    const void *ops;

    for (size_t i = 0; (ops = f->at(i)) != NULL; i++)
        if (strcmp(f->identity(ops)->name, name) == 0)
            return ops;
    return NULL;
}

const char *family_reference(const struct family *f)
{
    const void *ops;

    for (size_t i = 0; (ops = f->at(i)) != NULL; i++)
        if (!(f->identity(ops)->flags & (CONTEND_FLOOR | CONTEND_EXHIBIT)))
            return f->identity(ops)->name;
    return "";
}

const char *family_paper(const struct contend_identity *id)
{
    if (!id->lock || strcmp(id->reference, CONTEND_THE_LOCKS) != 0)
        return id->reference;
    return family_lock.identity(family_find(&family_lock, id->lock))->reference;
}

const char *family_list(unsigned set, char buffer[FAMILY_LIST])
{
    size_t used = 0;

    buffer[0] = '\0';
    for (const struct family *const *f = families; *f; f++) {
        if (!(set & family_bit(*f)))
            continue;
        set &= ~family_bit(*f);
        used += (size_t)snprintf(buffer + used, FAMILY_LIST - used, "%s%s",
                                 !used ? "" : set ? ", " : " or ", (*f)->name);
    }
    return buffer;
}
