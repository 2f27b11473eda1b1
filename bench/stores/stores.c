/* stores.c - see stores.h. */
#include "bench/stores/stores.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bench/base/variant.h"
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

int stores_try(const char *system, char why[TROUBLE_TEXT])
{
    static const struct contend_setting soon = { "timeout_ms", 3000 };
    const struct store *s;
    size_t i = 0;

    while ((s = stores_at(i)) != NULL && strcasecmp(s->system->name, system) != 0)
        i++;
    if (!s)
        return -ENOENT;
    struct variant v = { .family = s->family, .ops = s->ops, .setting = soon };
    int error = variant_complete(&v);
    if (!trouble_take(why))
        snprintf(why, TROUBLE_TEXT, "%s", strerror(-error));
    return error;
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
