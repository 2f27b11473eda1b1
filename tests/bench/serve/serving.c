/*
 * serving.c - `contend serve`, and of `contend list` what the tests of the service's clients ask: the build with
 * ThreadSanitizer needs no more of the tool for them.  Names are of those that it understands.
 */
#include <stdio.h>
#include <string.h>

#include "bench/stores/stores.h"
#include "bench/tool/commands.h"

enum { NAME = 96 };

static const char *name_of(const struct family *f, const void *ops, char name[NAME])
{
    snprintf(name, NAME, "%s/%s", f->folder, f->identity(ops)->name);
    return name;
}

static int list_names(void)
{
    char name[NAME];
    const void *ops;

    for (const struct family *const *f = families; *f; f++)
        for (size_t i = 0; (ops = (*f)->at(i)) != NULL; i++)
            if (!((*f)->identity(ops)->flags & CONTEND_TSAN_UNSOUND))
                puts(name_of(*f, ops, name));
    return 0;
}

static int has_store(const char *wanted)
{
    char name[NAME];
    const struct store *s;

    for (size_t i = 0; (s = stores_at(i)) != NULL; i++)
        if (strcmp(name_of(s->family, s->ops, name), wanted) == 0)
            return 0;
    return 2;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "serve") == 0)
        return command_serve(argc - 1, argv + 1);
    if (argc != 3 || strcmp(argv[1], "list") != 0)
        return 2;
    return strcmp(argv[2], "--names") == 0 ? list_names() : has_store(argv[2]);
}
