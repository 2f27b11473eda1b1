/* headers.c - follows the includes of a header. */
#include "bench/tool/headers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/build_info.h"

/* What is included as <...>, and the package that it comes with; the first that fits counts. */
static const struct {
    const char *prefix;
    unsigned package;
} from_packages[] = {
    { "urcu/rculfhash.h", 1 },
    { "urcu/", 0 },
    { "ck_", 2 },
};

const char *const headers_packages[] = { "liburcu-memb", "liburcu-cds", "ck", NULL };

static void *or_die(void *memory)
{
    if (!memory) {
        arguments_error("out of memory");
        exit(1);
    }
    return memory;
}

char *headers_path(const char *dir, const char *name)
{
    size_t size = strlen(dir) + strlen(name) + 2;
    char *path = or_die(malloc(size));

    snprintf(path, size, "%s/%s", dir, name);
    return path;
}

/* Adds a name that is not in the list yet. */
static int add(struct headers *h, const char *name)
{
    for (unsigned i = 0; i < h->count; i++)
        if (strcmp(h->names[i], name) == 0)
            return 0;
    if (h->count == HEADERS_MAX || name[0] == '/' || strstr(name, "..")) {
        arguments_error("\"%s\" is no header of a family, or one too many", name);
        return -1;
    }
    h->names[h->count++] = or_die(strdup(name));
    return 0;
}

/* The text between `open` and the next `close`, cut out of the line; or NULL. */
static char *between(char *line, char open, char close)
{
    char *begin = strchr(line, open), *end = begin ? strchr(begin + 1, close) : NULL;

    if (!end)
        return NULL;
    *end = '\0';
    return begin + 1;
}

static void add_package(struct headers *h, const char *included)
{
    for (size_t i = 0; i < sizeof from_packages / sizeof *from_packages; i++)
        if (strncmp(included, from_packages[i].prefix, strlen(from_packages[i].prefix)) == 0) {
            h->packages |= 1u << from_packages[i].package;
            return;
        }
}

/* Adds what one line of a header includes, if it does. */
static int read_line(struct headers *h, char *line, const char *lock)
{
    char chosen[96], *included;

    line += strspn(line, " \t");
    if (*line != '#')
        return 0;
    line += 1 + strspn(line + 1, " \t");
    if (strncmp(line, "include", 7) != 0)
        return 0;
    line += 7 + strspn(line + 7, " \t");
    if (*line == '"' && (included = between(line, '"', '"')))
        return add(h, included);
    if (*line == '<' && (included = between(line, '<', '>')))
        add_package(h, included);
    else if (strstr(line, "CONTEND_LOCK")) { /* locks/parts/chosen.h: a name that is computed */
        h->composed = true;
        snprintf(chosen, sizeof chosen, "locks/%s.h", lock);
        return add(h, chosen);
    }
    return 0;
}

static int read_header(struct headers *h, const char *root, const char *name, const char *lock)
{
    char *path = headers_path(root, name), *line = NULL;
    size_t size = 0;
    int error = 0;
    FILE *f = fopen(path, "re");

    while (f && !error && getline(&line, &size, f) != -1)
        error = read_line(h, line, lock);
    if (!f || ferror(f)) {
        arguments_error("%s: %s", path, strerror(errno));
        error = -1;
    }
    if (f)
        fclose(f);
    free(line);
    free(path);
    return error;
}

int headers_needed(struct headers *h, const char *root, const char *header, const char *lock)
{
    *h = (struct headers){ .count = 0 };
    int error = add(h, header);

    for (unsigned i = 0; !error && i < h->count; i++) /* the list grows as it is read */
        error = read_header(h, root, h->names[i], lock);
    if (error)
        headers_free(h);
    return error;
}

void headers_free(struct headers *h)
{
    while (h->count > 0)
        free(h->names[--h->count]);
}

/* ---- where they are ---- */

static bool has_rooms(const char *root)
{
    char *path = headers_path(root, "locks/parts/traits.h");
    bool there = access(path, R_OK) == 0;

    free(path);
    return there;
}

/* The folder of this program; free() it. */
static char *program_folder(void)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

    path[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
    return or_die(strdup(slash ? path : "."));
}

/* The source folder, which a build writes beside the program; NULL if there is none; free() it. */
static char *source_of_build(const char *folder)
{
    char *path = headers_path(folder, "headers_root"), *line = NULL;
    size_t size = 0;
    FILE *f = fopen(path, "re");
    ssize_t length = f ? getline(&line, &size, f) : -1;

    if (length > 0 && line[length - 1] == '\n')
        line[length - 1] = '\0';
    if (f)
        fclose(f);
    free(path);
    if (length > 0)
        return line;
    free(line);
    return NULL;
}

char *headers_root(const char *from)
{
    if (from) {
        if (has_rooms(from))
            return or_die(strdup(from));
        arguments_error("--from=%s: there is no locks/parts/traits.h in it", from);
        return NULL;
    }
    char *folder = program_folder();
    char *places[] = { source_of_build(folder), headers_path(folder, "../include/contend"),
                       or_die(strdup(BUILD_HEADERS)) };
    char *found = NULL;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (!found && places[i] && has_rooms(places[i]))
            found = places[i];
        else
            free(places[i]);
    }
    if (!found)
        arguments_error("the headers are neither in %s/../include/contend nor in %s; say "
                        "--from=DIR, where DIR/locks/traits.h is", folder, BUILD_HEADERS);
    free(folder);
    return found;
}
