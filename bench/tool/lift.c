/* lift.c - `contend lift`: copies a strategy and the few files that it needs. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/base/arguments.h"
#include "bench/base/entries.h"
#include "bench/base/text.h"
#include "bench/build_info.h"
#include "bench/report/output.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/headers.h"

static const char help_text[] =
    "Usage: contend lift [--single] [--from=DIR] [--force] NAME DIR\n"
    "\n"
    "Copies the headers that the strategy NAME needs, and the licence as\n"
    "CONTEND-LICENSE, to the folder DIR and says how to compile with them.  Each\n"
    "header begins with lines that name its licence, copyright and version.  Files\n"
    "that are there already and the same, but for these lines, are left alone, so\n"
    "that several strategies can be lifted to one folder.\n"
    "\n"
    "  NAME             as `contend list --names` has it: counters/mutex; or only\n"
    "                   mutex where one folder has it\n"
    "      --single     one header with everything in it, the licence too, and no\n"
    "                   folders:\n"
    "                   DIR/presence_map_packed.h\n"
    "      --from=DIR   the headers to copy (default: those of this program)\n"
    "      --force      overwrite files that are there already and different\n"
    "  -h, --help       this text\n"
    "\n"
    "Exit status: 0 done, 1 failed (nothing was overwritten, or a file could not be\n"
    "written), 2 wrong usage.\n";

/* The licence, by a name that cannot be that of the user's own. */
static const char licence_name[] = "CONTEND-LICENSE";

static const char stamp_begin[] = "/* SPDX-License-Identifier: ";

/* A file to copy. */
struct copy {
    char *from, *to;
    char *text;            /* all of it, with a header's stamp in front */
    bool there, different; /* whether a file is at `to`, and whether it differs */
};

int lift_parse(struct lift_options *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "from", required_argument, NULL, 'f' },
        { "force", no_argument, NULL, 'F' },
        { "single", no_argument, NULL, 's' },
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
        else if (option == 's')
            o->single = true;
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

/* The licence's text; free() it.  Sets `holder` to what follows "Copyright (c) ". */
static char *read_licence(const char *root, char *holder, size_t size)
{
    char *path = headers_path(root, "LICENSE"), *text = read_text(path);
    const char *line = text ? strstr(text, "Copyright (c) ") : NULL;

    if (line) {
        snprintf(holder, size, "%.*s", (int)strcspn(line + 14, "\n"), line + 14);
    } else {
        complain(path, text ? EBADMSG : errno);
        free(text);
        text = NULL;
    }
    free(path);
    return text;
}

/* The first `length` characters of `text`, between two strings. */
static void print_part(FILE *f, const char *before, const char *text, size_t length,
                       const char *after)
{
    fputs(before, f);
    fwrite(text, 1, length, f);
    fputs(after, f);
}

/* What stands in front of a header: whose it is, of which version, and where the licence is. */
static void print_stamp(FILE *f, const char *holder, const char *name, const char *licence,
                        bool of_this_program)
{
    fprintf(f, "%sMIT */\n/* SPDX-FileCopyrightText: %s */\n", stamp_begin, holder);
    if (of_this_program)
        fprintf(f, "/* contend %s (%s), %s; see %s */\n", BUILD_VERSION, BUILD_COMMIT, name, licence);
    else
        fprintf(f, "/* contend, another source than that of %s, %s; see %s */\n", BUILD_VERSION, name,
                licence);
}

/* Puts the stamp in front of a header's text. */
static int put_stamp(struct copy *c, const char *holder, const char *name, bool of_this_program)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return complain(c->from, errno);
    print_stamp(f, holder, name, licence_name, of_this_program);
    fputs(c->text, f);
    if (fclose(f) != 0) {
        free(text);
        return complain(c->from, ENOMEM);
    }
    free(c->text);
    c->text = text;
    return 0;
}

/* What follows the stamp, where there is one. */
static const char *body(const char *text)
{
    if (strncmp(text, stamp_begin, sizeof stamp_begin - 1) != 0)
        return text;
    for (int line = 0; line < 3 && strchr(text, '\n'); line++)
        text = strchr(text, '\n') + 1;
    return text;
}

/* Compares the text that is to go to c->to with what is there. */
static int compare(struct copy *c)
{
    char *now = read_text(c->to);

    if (!now && errno != ENOENT && errno != ENOTDIR)
        return complain(c->to, errno);
    c->there = now != NULL;
    c->different = now && strcmp(body(now), body(c->text)) != 0;
    free(now);
    return 0;
}

/* Reads what is to be copied and compares it with what is there; writes nothing. */
static int look(struct copy *c, const char *root, const char *to, const char *name,
                const char *holder, bool of_this_program)
{
    bool licence = strcmp(name, licence_name) == 0;

    c->from = headers_path(root, licence ? "LICENSE" : name);
    c->to = headers_path(to, name);
    c->text = read_text(c->from);
    if (!c->text)
        return complain(c->from, errno);
    if (!licence && put_stamp(c, holder, name, of_this_program) != 0)
        return -1;
    return compare(c);
}

/*
 * All headers as the text of one, composed as the entry is.  Its guard is for the whole, so that a
 * second choice for one of its templates in the same unit meets the first.
 */
static int join(struct copy *c, const struct headers *h, const char *name, const char *holder,
                const char *licence, bool of_this_program)
{
    char guard[ENTRY_NAME], *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return complain(c->to, errno);
    for (size_t i = 0; i <= strlen(name); i++)
        guard[i] = name[i] == '/' ? '_' : (char)toupper((unsigned char)name[i]);
    print_stamp(f, holder, name, "the licence below", of_this_program);
    fprintf(f, "/*\n * In one file: %s and what it needs.\n *\n", name);
    for (const char *line = licence; *line; line += strcspn(line, "\n"), line += *line == '\n')
        print_part(f, *line == '\n' ? " *" : " * ", line, strcspn(line, "\n"), "\n");
    fprintf(f, " */\n#ifndef CONTEND_SINGLE_%s\n#define CONTEND_SINGLE_%s\n\n", guard, guard);
    for (const char *choice = h->choices; *choice; choice += strspn(choice, " ")) {
        size_t macro = strcspn(choice, "="), length = strcspn(choice, " ");
        print_part(f, "#define ", choice, macro, " ");
        print_part(f, "", choice + macro + 1, length - macro - 1, "\n");
        choice += length;
    }
    int error = headers_join(h, f);
    fputs("\n#endif\n", f);
    if (fclose(f) != 0 && !error)
        error = complain(c->to, ENOMEM);
    c->text = text;
    return error;
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
    size_t above = strlen(o->to) + 1;

    printf("%s, %s in %s:\n", entry_name(e, full), text_count(count, "file", "files", text), o->to);
    for (unsigned i = 0; i < count; i++)
        printf("  %s%s\n", copies[i].to + above,
               copies[i].different ? " (overwritten)" : copies[i].there ? " (was there)" : "");
    printf("\n#include \"%s\" in your program.c and compile as C11:\n",
           o->single ? copies[0].to + above : e->header);
    printf("  cc -std=c11 -D_GNU_SOURCE -O2");
    for (const char *c = o->single ? "" : h->choices; *c; c += strcspn(c, " "), c += strspn(c, " "))
        print_part(stdout, " -D", c, strcspn(c, " "), "");
    printf(" -I");
    print_quoted(o->to);
    if (h->packages)
        print_packages(h, "cflags");
    printf(" program.c -pthread");
    if (h->packages)
        print_packages(h, "libs");
    putchar('\n');
    printf("\nThe licence, MIT, asks for one thing: %s, goes with every copy,\n"
           "also with a program that is made of it.\n",
           o->single ? "its text, which stands in the file" : "CONTEND-LICENSE, or its text");
    if (h->packages & 1)
        puts("\nIt inlines LGPL code of liburcu: locks/parts/urcu_thread.h says what that means.");
}

/* Each header, and the licence. */
static int gather(const struct lift_options *o, const struct headers *h, const char *holder,
                  struct copy *copies)
{
    int error = 0;

    for (unsigned i = 0; !error && i <= h->count; i++)
        error = look(&copies[i], h->root, o->to, i < h->count ? h->names[i] : licence_name, holder,
                     !o->from);
    return error;
}

/* All in one. */
static int gather_single(const struct lift_options *o, const struct entry *e,
                         const struct headers *h, const char *holder, const char *licence,
                         struct copy *c)
{
    char full[ENTRY_NAME], file[ENTRY_NAME + 2];

    snprintf(file, sizeof file, "%s.h", entry_name(e, full));
    for (char *slash; (slash = strchr(file, '/'));)
        *slash = '_';
    c->to = headers_path(o->to, file);
    return join(c, h, full, holder, licence, !o->from) ? -1 : compare(c);
}

static int lift(const struct lift_options *o, const struct entry *e, const char *root)
{
    struct copy copies[HEADERS_MAX + 1] = { { NULL, NULL, NULL, false, false } };
    struct headers h;
    char holder[160], *licence = read_licence(root, holder, sizeof holder);
    int error = !licence || headers_needed(&h, root, e->header, e->family->choices(e->ops)) != 0;

    if (error) {
        free(licence);
        return 1;
    }
    unsigned count = o->single ? 1 : h.count + 1;
    error = o->single ? gather_single(o, e, &h, holder, licence, copies)
                      : gather(o, &h, holder, copies);
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
    free(licence);
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
