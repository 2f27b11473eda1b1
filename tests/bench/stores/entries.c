/* entries.c - the datastores that can be used here, in place of the registries' entries. */
#include <stdlib.h>
#include <string.h>

#include "bench/stores/stores.h"
#include "tests/support/support.h"

#include "tests/support/entries.h"

#ifndef OWN_CLOCK
#define OWN_CLOCK 0
#endif

/* A server that takes milliseconds for a request is too slow for a model of many steps. */
static bool left_out(const struct store_system *system)
{
    const char *without = getenv("CONTEND_WITHOUT_STORE"), *only = getenv("CONTEND_ONLY_STORE");

    return (without && strcmp(without, system->name) == 0) ||
           (only && strcmp(only, system->name) != 0);
}

/*
 * The family's index-th store that is ready.  One with a clock of its own cannot be held to a model
 * under virtual time: real_time.c has those, and no others.
 */
static const void *at(const struct family *family, size_t index)
{
    char why[STORES_WHY];
    const struct store *s;

    for (size_t i = 0; (s = stores_at(i)) != NULL; i++)
        if (s->family == family && !left_out(s->system) &&
            !(s->family->identity(s->ops)->flags & CONTEND_REAL_TIME) == !OWN_CLOCK &&
            stores_ready(s, why) && index-- == 0)
            return s->ops;
    return NULL;
}

#define AT(OBJECT)                                                                            \
    const struct OBJECT##_ops *support_##OBJECT##_at(size_t index)                            \
    {                                                                                         \
        return at(&family_##OBJECT, index);                                                   \
    }

AT(lock)
AT(counter)
AT(claps)
AT(distinct)
AT(presence)
