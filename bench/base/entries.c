/* entries.c - walks the registries one after the other. */
#include "bench/base/entries.h"

#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/nearest.h"

bool entry_at(size_t index, struct entry *out)
{
    for (const struct family *const *f = families; *f; f++) {
        const void *ops;
        for (size_t i = 0; (ops = (*f)->at(i)) != NULL; i++)
            if (index-- == 0) {
                *out = (struct entry){ *f, ops, (*f)->identity(ops), (*f)->header(ops) };
                return true;
            }
    }
    return false;
}

const char *entry_name(const struct entry *e, char *buffer)
{
    snprintf(buffer, ENTRY_NAME, "%s/%s", e->family->folder, e->id->name);
    return buffer;
}

bool entry_means(const char *text, const struct family *family, const char *name)
{
    const char *slash = strrchr(text, '/'); /* a folder may lie in another one */

    if (!slash)
        return strcmp(text, name) == 0;
    return family_in(text, (size_t)(slash - text)) == family && strcmp(slash + 1, name) == 0;
}

/* Says which name may have been meant: with its folder where a folder was given. */
static int suggest(const char *text, unsigned set)
{
    struct nearest near = { .wanted = text };
    char full[ENTRY_NAME], kept[ENTRY_NAME], hint[NEAREST_HINT];
    const char *slash = strrchr(text, '/');
    struct entry e;

    for (size_t i = 0; entry_at(i, &e); i++) {
        if (!(family_bit(e.family) & set))
            continue;
        nearest_offer(&near, slash ? entry_name(&e, full) : e.id->name);
        if (near.best == full) { /* `full` is overwritten by the next name */
            snprintf(kept, sizeof kept, "%s", full);
            near.best = kept;
        }
    }
    return arguments_error("there is no strategy '%s', `contend list --names` shows all%s", text,
                           nearest_hint(&near, "", hint));
}

int entry_check(const char *text, unsigned set, const char *so)
{
    const struct family *elsewhere = NULL;
    struct entry e;

    for (size_t i = 0; entry_at(i, &e); i++)
        if (entry_means(text, e.family, e.id->name)) {
            if (family_bit(e.family) & set)
                return 0;
            elsewhere = e.family;
        }
    for (const struct family *const *f = families; *f; f++)
        for (const struct contend_missing *m = (*f)->missing(); m->name; m++)
            if (family_bit(*f) & set && entry_means(text, *f, m->name))
                return arguments_error("'%s' is left out of this build: %s", text, m->why);
    if (elsewhere)
        return arguments_error("'%s' is %s%s", text, elsewhere->article, so);
    return suggest(text, set);
}
