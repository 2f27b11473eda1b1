/* lift.c - `contend lift`: copies a strategy and the few files that it needs. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/base/arguments.h"
#include "bench/base/entries.h"
#include "bench/base/text.h"
#include "bench/report/output.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/headers.h"

static const char help_text[] =
    "Usage: contend lift [--from=DIR] [--force] NAME DIR\n"
    "\n"
    "Copies the headers that the strategy NAME needs, and the licence, to the folder DIR\n"
    "and says how to compile with them.  Files that are there already and the same are\n"
    "left alone, so that several strategies can be lifted to one folder.\n"
    "\n"
    "  NAME             as `contend list --names` has it: counters/mutex; or only mutex\n"
    "                   where one folder has it\n"
    "      --from=DIR   the headers to copy (default: those of this program)\n"
    "      --force      overwrite files that are there already and different\n"
    "  -h, --help       this text\n"
    "\n"
    "Exit status: 0 done, 1 failed (nothing was overwritten, or a file could not be\n"
    "written), 2 wrong usage.\n";

/* A file to copy. */
struct copy {
    char *from, *to;
    char *text;            /* all of it */
    bool there, different; /* whether a file is at `to`, and whether it differs */
};

int lift_parse(struct lift_options *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "from", required_argument, NULL, 'f' },
        { "force", no_argument, NULL, 'F' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    arguments_of("lift");
    *o = (struct lift_options){ .force = false };
    optind = 1;
    while ((option = arguments_next(argc, argv, "h", options)) != -1) {
        if (option == 'h') {
            fputs(help_text, stdout);
            return 1;
        }
        if (option == '?')
            return -EINVAL;
        if (option == 'f')
            o->from = optarg;
        else
            o->force = true;
    }
    if (argc - optind != 2)
        return arguments_error("a NAME and a DIR are wanted, as in `contend lift faa claps`; see "
                               "contend lift --help");
    o->name = argv[optind];
    o->to = argv[optind + 1];
    return 0;
}

/* ---- which entry ---- */

/* The entry of that name, if there is exactly one; otherwise says why not. */
static bool find(const char *name, struct entry *out)
{
    struct entry e;
    char full[ENTRY_NAME], choices[4 * ENTRY_NAME] = "";
    unsigned found = 0;

    for (size_t i = 0; entry_at(i, &e); i++) {
        entry_name(&e, full);
        if (!entry_means(name, e.family, e.id->name))
            continue;
        size_t used = strlen(choices);
        snprintf(choices + used, sizeof choices - used, "%s%s", found++ ? ", " : "", full);
        *out = e;
    }
    if (found > 1)
        arguments_error("'%s' is in several folders; say which: %s", name, choices);
    else if (found == 0)
        entry_check(name, FAMILY_ALL, "");
    return found == 1;
}

/* ---- copying ---- */

/* The text of a file, free() it; NULL and errno if it cannot be read. */
static char *read_text(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    struct stat st;
    FILE *f = fopen(path, "re");

    if (!f)
        return NULL;
    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode))
        errno = EISDIR;
    else if (getdelim(&text, &size, '\0', f) == -1 && !ferror(f)) { /* an empty file */
        free(text);
        text = strdup("");
    }
    if (ferror(f)) {
        free(text);
        text = NULL;
    }
    int error = errno;
    fclose(f);
    errno = error;
    return text;
}

static int complain(const char *path, int error)
{
    arguments_error("%s: %s", path, strerror(error));
    return -1;
}

/* Reads what is to be copied and compares it with what is there; writes nothing. */
static int look(struct copy *c, const char *root, const char *to, const char *name)
{
    c->from = headers_path(root, name);
    c->to = headers_path(to, name);
    c->text = read_text(c->from);
    if (!c->text)
        return complain(c->from, errno);
    char *now = read_text(c->to);
    if (!now && errno != ENOENT && errno != ENOTDIR)
        return complain(c->to, errno);
    c->there = now != NULL;
    c->different = now && strcmp(now, c->text) != 0;
    free(now);
    return 0;
}

/* Makes the folders above the file `path`. */
static int make_folders(const char *path)
{
    char *copy = strdup(path);
    int error = copy ? 0 : complain(path, ENOMEM);

    for (char *slash = copy; !error && (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            error = complain(copy, errno);
        *slash = '/';
    }
    free(copy);
    return error;
}

static int write_copy(const struct copy *c)
{
    if (c->there && !c->different)
        return 0;
    if (make_folders(c->to) != 0)
        return -1;
    int error = output_write(c->to, c->text);
    return error ? complain(c->to, -error) : 0;
}

static int copy_all(struct copy *copies, unsigned count, bool force)
{
    unsigned refused = 0;

    for (unsigned i = 0; i < count && !force; i++)
        if (copies[i].different) {
            arguments_error("%s is there already and is different", copies[i].to);
            refused++;
        }
    if (refused > 0) {
        arguments_error("nothing was copied; --force overwrites");
        return -1;
    }
    for (unsigned i = 0; i < count; i++)
        if (write_copy(&copies[i]) != 0)
            return -1;
    return 0;
}

/* ---- what to do with it ---- */

/* For a shell: in quotes if it needs them. */
static void print_quoted(const char *text)
{
    bool plain = text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_./-+,:@%")] == '\0';

    if (plain) {
        fputs(text, stdout);
        return;
    }
    putchar('\'');
    for (; *text; text++)
        text[0] == '\'' ? (void)fputs("'\\''", stdout) : (void)putchar(*text);
    putchar('\'');
}

static void print_packages(const struct headers *h, const char *what)
{
    printf(" $(pkg-config --%s", what);
    for (unsigned i = 0; headers_packages[i]; i++)
        if (h->packages >> i & 1)
            printf(" %s", headers_packages[i]);
    putchar(')');
}

static void report(const struct lift_options *o, const struct entry *e, const struct headers *h,
                   const struct copy *copies, unsigned count)
{
    char full[ENTRY_NAME], text[TEXT_NUMBER];

    printf("%s, %s in %s:\n", entry_name(e, full), text_count(count, "file", "files", text), o->to);
    for (unsigned i = 0; i < count; i++)
        printf("  %s%s\n", i < h->count ? h->names[i] : "LICENSE",
               copies[i].different ? " (overwritten)" : copies[i].there ? " (was there)" : "");
    printf("\n#include \"%s\" in your program.c and compile as C11:\n", e->header);
    printf("  cc -std=c11 -D_GNU_SOURCE -O2");
    if (h->composed)
        printf(" -DCONTEND_LOCK=%s", family_lock_of(e->id));
    printf(" -I");
    print_quoted(o->to);
    if (h->packages)
        print_packages(h, "cflags");
    printf(" program.c -pthread");
    if (h->packages)
        print_packages(h, "libs");
    putchar('\n');
    if (h->packages & 1)
        puts("\nIt inlines LGPL code of liburcu: locks/parts/urcu_thread.h says what that means.");
}

static int lift(const struct lift_options *o, const struct entry *e, const char *root)
{
    struct copy copies[HEADERS_MAX + 1] = { { NULL, NULL, NULL, false, false } };
    struct headers h;
    int error = headers_needed(&h, root, e->header, family_lock_of(e->id));

    if (error)
        return 1;
    unsigned count = h.count + 1;
    for (unsigned i = 0; !error && i < count; i++)
        error = look(&copies[i], root, o->to, i < h.count ? h.names[i] : "LICENSE");
    if (!error)
        error = copy_all(copies, count, o->force);
    if (!error)
        report(o, e, &h, copies, count);
    for (unsigned i = 0; i < count; i++) {
        free(copies[i].from);
        free(copies[i].to);
        free(copies[i].text);
    }
    headers_free(&h);
    return error || ferror(stdout) ? 1 : 0;
}

int command_lift(int argc, char **argv)
{
    struct lift_options o;
    struct entry e;
    int status = lift_parse(&o, argc, argv);

    if (status)
        return command_line_status(status);
    if (!find(o.name, &e))
        return 2;
    char *root = headers_root(o.from);
    if (!root)
        return 1;
    status = lift(&o, &e, root);
    free(root);
    return status;
}
