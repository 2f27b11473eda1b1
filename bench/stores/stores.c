/* stores.c - see stores.h. */
#include "bench/stores/stores.h"

#include <errno.h>
#include <strings.h>

#include "bench/stores/list.h"

const struct store *stores_of(const void *ops)
{
    const struct store *s;

    for (size_t i = 0; (s = stores_at(i)) != NULL; i++)
        if (s->ops == ops)
            return s;
    return NULL;
}

bool stores_ready(const struct store *s, char why[STORES_WHY])
{
    why[0] = '\0';
    return !s->system->ready || s->system->ready(why, STORES_WHY) == 0;
}

int stores_register(enum stores_which which)
{
    static bool done;
    char why[STORES_WHY];
    const struct store *s;
    int error = 0;

    for (size_t i = 0; !done && !error && (s = stores_at(i)) != NULL; i++)
        if (which == STORES_ALL || stores_ready(s, why))
            error = family_register(s->family, s->ops);
    done = true;
    return error;
}

int stores_use(const char *system, const char *address)
{
    const struct store *s;

    for (size_t i = 0; (s = stores_at(i)) != NULL; i++)
        if (strcasecmp(s->system->name, system) == 0 && s->system->use)
            return s->system->use(address);
    return -ENOENT;
}

const struct store *stores_at(size_t index)
{
    return stores_list[index];
}

/* Ending a system twice does nothing, so that no list of systems is needed. */
void stores_end(void)
{
    const struct store *s;

    for (size_t i = 0; (s = stores_at(i)) != NULL; i++)
        if (s->system->end)
            s->system->end();
}
