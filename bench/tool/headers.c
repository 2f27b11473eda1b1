/* headers.c - follows the includes of a header. */
#include "bench/tool/headers.h"

#include <errno.h>
#include <stdint.h>
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
static int add(struct headers *h, const char *name, bool chosen)
{
    for (unsigned i = 0; i < h->count; i++)
        if (strcmp(h->names[i], name) == 0) {
            h->chosen[i] |= chosen;
            return 0;
        }
    if (h->count == HEADERS_MAX || name[0] == '/' || strstr(name, "..")) {
        arguments_error("\"%s\" is no header of a family, or one too many", name);
        return -1;
    }
    h->chosen[h->count] = chosen;
    h->names[h->count++] = or_die(strdup(name));
    return 0;
}

/* What one line of a header includes. */
enum included { NOTHING, OF_LIBRARY, OF_OURS, CHOSEN };

/* Copies what lies between the first character of `text` and the next `close`; whether it fits. */
static bool between(const char *text, char close, char name[HEADERS_NAME])
{
    const char *end = strchr(text + 1, close);
    size_t length = end ? (size_t)(end - text - 1) : HEADERS_NAME;

    if (length >= HEADERS_NAME)
        return false;
    memcpy(name, text + 1, length);
    name[length] = '\0';
    return true;
}

static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

/* The value of the macro that `text` begins with, in the list "NAME=VALUE NAME=VALUE"; or NULL. */
static const char *value_in(const char *choices, const char *text)
{
    size_t length = strspn(text, capitals);

    for (const char *c = choices; *c; c += strspn(c, " ")) {
        if (length && strncmp(c, text, length) == 0 && c[length] == '=')
            return c + length + 1;
        c += strcspn(c, " ");
    }
    return NULL;
}

/* What a template takes when nothing is chosen: `#define CONTEND_LOCK mutex` in its own text. */
static void read_default(struct headers *h, const char *line)
{
    char name[HEADERS_NAME], value[HEADERS_NAME];
    size_t used = strlen(h->defaults);

    if (sscanf(line, "#define CONTEND_%63[A-Z_] %31[a-z0-9_]", name, value) == 2)
        snprintf(h->defaults + used, sizeof h->defaults - used, "CONTEND_%s=%s ", name, value);
}

/*
 * A name that is computed: CONTEND_STRING(locks/CONTEND_LOCK.h).  Each macro stands for its choice;
 * whether all of them have one.
 */
static bool computed(const struct headers *h, const char *text, char name[HEADERS_NAME])
{
    char pattern[HEADERS_NAME];
    size_t used = 0;

    if (!between(text, ')', pattern))
        return false;
    for (const char *p = pattern; *p;) {
        bool macro = *p >= 'A' && *p <= 'Z';
        const char *value = macro ? value_in(h->choices, p) : p;
        if (!value)
            value = value_in(h->defaults, p);
        size_t length = !value ? HEADERS_NAME : macro ? strcspn(value, " ") : 1;

        if (used + length >= HEADERS_NAME)
            return false;
        memcpy(name + used, value, length);
        used += length;
        p += macro ? strspn(p, capitals) : 1;
    }
    name[used] = '\0';
    return used > 0;
}

/* What `line` includes, and its name. */
static enum included read_line(const struct headers *h, const char *line, char name[HEADERS_NAME])
{
    line += strspn(line, " \t");
    if (*line != '#')
        return NOTHING;
    line += 1 + strspn(line + 1, " \t");
    if (strncmp(line, "include", 7) != 0)
        return NOTHING;
    line += 7 + strspn(line + 7, " \t");
    if (*line == '"' && between(line, '"', name))
        return OF_OURS;
    if (*line == '<' && between(line, '>', name))
        return OF_LIBRARY;
    return strchr(line, '(') && computed(h, strchr(line, '('), name) ? CHOSEN : NOTHING;
}

static void add_package(struct headers *h, const char *included)
{
    for (size_t i = 0; i < sizeof from_packages / sizeof *from_packages; i++)
        if (strncmp(included, from_packages[i].prefix, strlen(from_packages[i].prefix)) == 0) {
            h->packages |= 1u << from_packages[i].package;
            return;
        }
}

static int read_header(struct headers *h, const char *name)
{
    char *path = headers_path(h->root, name), *line = NULL, included[HEADERS_NAME];
    size_t size = 0;
    int error = 0;
    FILE *f = fopen(path, "re");

    while (f && !error && getline(&line, &size, f) != -1) {
        enum included what = read_line(h, line, included);
        read_default(h, line);
        if (what == OF_OURS || what == CHOSEN)
            error = add(h, included, what == CHOSEN);
        else if (what == OF_LIBRARY)
            add_package(h, included);
    }
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

int headers_needed(struct headers *h, const char *root, const char *header, const char *choices)
{
    *h = (struct headers){ .root = root, .choices = choices };
    int error = add(h, header, false);

    for (unsigned i = 0; !error && i < h->count; i++) /* the list grows as it is read */
        error = read_header(h, h->names[i]);
    if (error)
        headers_free(h);
    return error;
}

static unsigned index_of(const struct headers *h, const char *name)
{
    unsigned i = 0;

    while (strcmp(h->names[i], name) != 0)
        i++;
    return i;
}

/* Writes header `i`, and in it those that are not `written` yet. */
static int join(const struct headers *h, unsigned i, uint64_t *written, FILE *out)
{
    char *path = headers_path(h->root, h->names[i]), *line = NULL, included[HEADERS_NAME];
    size_t size = 0;
    int error = 0;
    FILE *f = fopen(path, "re");

    *written |= (uint64_t)1 << i;
    fprintf(out, "/* ======== %s ======== */\n\n", h->names[i]);
    while (f && !error && getline(&line, &size, f) != -1) {
        bool ours = read_line(h, line, included) >= OF_OURS;
        unsigned inner = ours ? index_of(h, included) : HEADERS_MAX;
        if (inner == HEADERS_MAX)
            fputs(line, out);
        else if (!(*written >> inner & 1))
            error = join(h, inner, written, out);
    }
    if (!f || ferror(f)) {
        arguments_error("%s: %s", path, strerror(errno));
        error = -1;
    }
    if (f)
        fclose(f);
    free(line);
    free(path);
    fprintf(out, "\n/* ======== end of %s ======== */\n", h->names[i]);
    return error;
}

int headers_join(const struct headers *h, FILE *out)
{
    uint64_t written = 0;

    _Static_assert(HEADERS_MAX <= 64, "a bit for each");
    return join(h, 0, &written, out);
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
                        "--from=DIR, where DIR/locks/parts/traits.h is", folder, BUILD_HEADERS);
    free(folder);
    return found;
}
