/* list.c - `contend list`: the registries, as a table and as JSON. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/entries.h"
#include "bench/base/text.h"
#include "bench/base/words.h"
#include "bench/peers/peers.h"
#include "bench/stores/stores.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/list_family.h"
#include "bench/tool/list_page.h"
#include "bench/tool/list_stores.h"

static const char help_text[] =
    "Usage: contend list [--wide | --json | --names | --objects | --workloads]\n"
    "       contend list NAME...\n"
    "\n"
    "Every strategy of this build in teaching order: progress, consistency and\n"
    "memory; and what was left out, and why.\n"
    "\n"
    "The words of the columns are explained below the tables.  With a NAME: all that\n"
    "is known of one strategy or store, its options, and the pages of what it is\n"
    "composed with; with its folder where several have it.\n"
    "\n"
    "      --wide        more columns and longer lines, with options and paper\n"
    "      --json        all of it and more, for programs\n"
    "      --names       only the names, with their folders: counters/mutex\n"
    "      --objects     only what --object= of `contend run` may be\n"
    "      --workloads   only what --workload= of `contend run` may be\n"
    "  -h, --help        this text\n";

/* What the words of the tables mean; with --wide also those of the other columns. */
static const char legend[] =
    "  bytes     of a lock; of a counter without threads; of bounded claps for each\n"
    "            reader of a post; of distinct clappers for 65,536 readers; of a map\n"
    "            per user, with 65,536 users: most tables double, so that with other\n"
    "            numbers a user takes more or less\n"
    "  thread    bytes for each thread that is attached; what `contend run` shows for\n"
    "            a counter is bytes + threads x thread, for a map what it held with\n"
    "            the workload's users\n"
    "  features  fifo: first come, first served; sleeps, spins: what a waiter does;\n"
    "            shared: lets several readers in; try: can be tried without waiting\n"
    "  progress  of add/read, clap/total or heartbeat/is_online, one word where both\n"
    "            are alike\n"
    "              wait-free   every caller ends after a bounded number of own steps\n"
    "              lock-free   some caller always ends, even if others stall\n"
    "              blocking    a thread that stalls can hold the others up\n"
    "              *           apart from system calls or the allocator; --json says\n"
    "                          where\n"
    "  reads     of a counter, one word or what holds beside claps of one / of more /\n"
    "            undos\n"
    "              linearizable (lin)  the sum at one instant of the read\n"
    "              intermediate (int)  between the least and the greatest sum during\n"
    "                                  the read\n"
    "              quiescent (qui)     exact if no add overlaps the read\n"
    "              eventual (eve)      less what each thread may hold back a while\n"
    "              approximate (app)   within an error, with a probability\n"
    "              unspecified (uns)   no promise\n"
    "            of a map how exact a last heartbeat is: exact, or to 1 s\n"
    "  grants    of bounded claps, how exact is what clap, unclap and given answer:\n"
    "            linearizable, or quiescent: exact if nothing overlaps\n"
    "  counts    of distinct clappers: linearizable, or approximate: within an error,\n"
    "            with a probability\n"
    "  broken    wrong on purpose: the tests must reject it; floor: does nothing, to\n"
    "            show what the harness costs; study: compared by name or with --all,\n"
    "            not by default\n";
static const char wide_legend[] =
    "  totals    of bounded claps, how exact is what total answers: as of grants\n"
    "  ids       of a map: 64-bit any number, 32-bit any below 2^32 - 1, dense those\n"
    "            below its capacity\n"
    "  grows     of a map: whether it takes more users than it was made for\n"
    "  reuse     of a map: whether the place of a user who has gone is free for\n"
    "            another id\n"
    "  backlog   of a map, what has been removed and is not freed: none, bounded,\n"
    "            without limit while a reader stands still (stall), or kept until the\n"
    "            end\n"
    "  library   what it needs beside the C library\n"
    "  options   as --set takes them, lock.* those of the lock; `contend list NAME`\n"
    "            has all, with their ranges and what they do\n";
static const char more[] =
    "More columns: contend list --wide.  All of one: contend list NAME.  For\n"
    "programs: contend list --json.\n";

#define ROW(OBJECT) [FAMILY_##OBJECT] = &list_##OBJECT,
static const struct list_family *const of_family[] = { FAMILY_EACH(ROW) };
#undef ROW

const struct list_family *list_of(const struct family *family)
{
    return of_family[family->index];
}

static bool is_core(const struct contestant *c)
{
    return c->family->shelf(c->ops) == CONTEND_CORE;
}

static const char *kind_of(const struct contestant *c)
{
    unsigned flags = contestant_identity(c)->flags;

    return flags & CONTEND_EXHIBIT ? "broken"
           : flags & CONTEND_FLOOR ? "floor"
           : !is_core(c)           ? "study"
                                   : "";
}

const char *list_progress(const struct contestant *c, char buffer[PROMISE_WORDS])
{
    char words[PROMISE_WORDS];
    unsigned write, read;

    promise_pair(c, &write, &read);
    snprintf(buffer, PROMISE_WORDS, "%s%s", promise_progress(c, words),
             (write | read) & (CONTEND_MODULO_MALLOC | CONTEND_MODULO_SYSCALL) ? "*" : "");
    return buffer;
}

/* Of the column of names. */
static int width_of_names(const struct family *family)
{
    const void *ops;
    size_t width = 24;

    for (size_t i = 0; (ops = family->at(i)) != NULL; i++) {
        size_t length = strlen(family->identity(ops)->name);
        width = length > width ? length : width;
    }
    return (int)width;
}

enum { OPTION_NAMES = 32 };

/*
 * The names of its options, with commas between them; "-" for none.  Those of a part, as lock.wait and
 * lock.spins, are lock.*, and where there is no space for all stand three dots.
 */
static const char *names_of_options(const struct contend_identity *id, char buffer[OPTION_NAMES])
{
    size_t used = 0;

    snprintf(buffer, OPTION_NAMES, "-");
    for (const struct contend_option *o = id->options; o && o->name; o++) {
        const char *dot = strchr(o->name, '.');
        int own = dot ? (int)(dot + 1 - o->name) : (int)strlen(o->name);
        char next[OPTION_NAMES];

        snprintf(next, sizeof next, "%s%.*s%s", used ? "," : "", own, o->name, dot ? "*" : "");
        if (dot && strstr(buffer, next + (used ? 1 : 0)))
            continue; /* the part is there */
        if (used + strlen(next) + strlen(",...") >= OPTION_NAMES) {
            snprintf(buffer + used, OPTION_NAMES - used, ",...");
            break;
        }
        used += (size_t)snprintf(buffer + used, OPTION_NAMES - used, "%s", next);
    }
    return buffer;
}

/* Of the column of options. */
static int width_of_options(const struct family *family)
{
    char names[OPTION_NAMES];
    const void *ops;
    size_t width = strlen("options");

    for (size_t i = 0; (ops = family->at(i)) != NULL; i++) {
        size_t length = strlen(names_of_options(family->identity(ops), names));
        width = length > width ? length : width;
    }
    return (int)width;
}

static void print_wide(const struct family *family)
{
    const struct list_family *hooks = of_family[family->index];
    int width = width_of_names(family), options_width = width_of_options(family);
    char columns[LIST_COLUMNS], options[OPTION_NAMES];

    printf("%s\n\n  %-*s %6s %6s  %s %-7s %-7s %-*s  %s\n", family->heading, width, "name", "bytes",
           "thread", hooks->headings, "library", "", options_width, "options", "reference");
    for (size_t i = 0;; i++) {
        struct contestant c = contestant_at(family, i);
        if (!contestant_exists(&c))
            break;
        const struct contend_identity *id = contestant_identity(&c);
        const char *library = family->needs(c.ops);
        hooks->columns(&c, columns);
        printf("  %-*s %6zu %6zu  %s %-7s %-7s %-*s  %s\n", width, id->name, hooks->bytes(c.ops),
               hooks->bytes_of_thread(c.ops), columns, library ? library : "-", kind_of(&c),
               options_width, names_of_options(id, options), family_paper(id));
    }
    putchar('\n');
}

/* The length of the first `most` bytes without the blanks at their end. */
static size_t length_of(const char *text, size_t most)
{
    size_t length = strnlen(text, most);

    while (length && text[length - 1] == ' ')
        length--;
    return length;
}

enum { NARROW_NAME = 20, NARROW = 80 };

/* Lines of 80 columns: the first of the family's columns, and a long name in a line of its own. */
static void print_narrow(const struct family *family)
{
    const struct list_family *hooks = of_family[family->index];
    char columns[LIST_COLUMNS];

    printf("%s\n\n  %-*s %6s %6s  %.*s\n", family->heading, NARROW_NAME, "name", "bytes", "thread",
           (int)length_of(hooks->headings, (size_t)hooks->narrow), hooks->headings);
    for (size_t i = 0;; i++) {
        struct contestant c = contestant_at(family, i);
        if (!contestant_exists(&c))
            break;
        const char *name = contestant_identity(&c)->name, *kind = kind_of(&c);
        if (strlen(name) > NARROW_NAME) {
            printf("  %s\n", name);
            name = "";
        }
        hooks->columns(&c, columns);
        int shown = kind[0] ? hooks->narrow : (int)length_of(columns, (size_t)hooks->narrow);
        printf("  %-*s %6zu %6zu  %.*s%s%s\n", NARROW_NAME, name, hooks->bytes(c.ops),
               hooks->bytes_of_thread(c.ops), shown, columns, kind[0] ? " " : "", kind);
    }
    putchar('\n');
}

static json_t *options_json(const struct contend_option *o)
{
    json_t *list = json_array();

    for (; o && o->name; o++)
        json_array_append_new(
            list, json_pack("{s:s, s:I, s:I, s:I, s:s}", "name", o->name, "default",
                            (json_int_t)o->preset, "least", (json_int_t)o->least, "greatest",
                            (json_int_t)o->greatest, "meaning", o->meaning));
    return list;
}

static json_t *identity_json(const struct family *family, const void *ops)
{
    static const struct {
        const char *name;
        unsigned flag;
    } flags[] = {
        { "exhibit", CONTEND_EXHIBIT },
        { "floor", CONTEND_FLOOR },
        { "spins", CONTEND_SPINS },
        { "library_aborts", CONTEND_LIB_ABORTS },
        { "signal_safe", CONTEND_SIGNAL_SAFE },
        { "process_shared", CONTEND_PROCESS_SHARED },
        { "runs_thread", CONTEND_RUNS_THREAD },
        { "real_time", CONTEND_REAL_TIME },
        { "looks_into_handles", CONTEND_LOOKS_INTO_HANDLES },
        { "remote", CONTEND_REMOTE },
    };
    const struct contend_identity *id = family->identity(ops);
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:b, s:o}", "name", id->name, "title",
                          id->title, "header", family->header(ops), "shelf",
                          family->shelf(ops) == CONTEND_CORE ? "core" : "study", "reference",
                          family_paper(id), "lock", id->lock, "library", family->needs(ops), "tsan_sound",
                          !(id->flags & CONTEND_TSAN_UNSOUND), "options",
                          options_json(id->options));

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        json_object_set_new(o, flags[i].name, json_boolean(id->flags & flags[i].flag));
    return o;
}

json_t *list_progress_json(unsigned progress)
{
    char word[PROMISE_WORDS];

    snprintf(word, sizeof word, "%s", words_progress(progress));
    for (char *c = word; *c; c++)
        if (*c == '-') /* "wait_free": an identifier */
            *c = '_';
    return json_pack("{s:s, s:b, s:b}", "class", word, "modulo_malloc",
                     !!(progress & CONTEND_MODULO_MALLOC), "modulo_syscall",
                     !!(progress & CONTEND_MODULO_SYSCALL));
}

static json_t *family_json(const struct family *family)
{
    json_t *list = json_array();

    for (size_t i = 0;; i++) {
        struct contestant c = contestant_at(family, i);
        if (!contestant_exists(&c))
            return list;
        json_t *o = identity_json(family, c.ops);
        json_object_update_missing_new(o, of_family[family->index]->json(c.ops));
        json_array_append_new(list, o);
    }
}

static json_t *missing_json(void)
{
    json_t *list = json_array();

    for (const struct family *const *f = families; *f; f++)
        for (const struct contend_missing *m = (*f)->missing(); m->name; m++)
            json_array_append_new(list, json_pack("{s:s, s:s}", "name", m->name, "why", m->why));
    return list;
}

static json_t *peers_json(void)
{
    json_t *list = json_array();
    const void *ops;

    for (const struct family *const *f = families; *f; f++)
        for (size_t i = 0; (ops = peers_at(*f, i)) != NULL; i++) {
            const struct contend_identity *id = (*f)->identity(ops);
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", id->name,
                                                  "object", (*f)->name, "title", id->title,
                                                  "reference", id->reference, "library",
                                                  (*f)->needs(ops)));
        }
    return list;
}

static int print_json(void)
{
    json_t *root = json_pack("{s:s, s:i}", "schema", "contend.list", "version", 1);

    for (const struct family *const *f = families; *f; f++)
        json_object_set_new(root, of_family[(*f)->index]->json_key, family_json(*f));
    json_object_set_new(root, "stores", list_stores_json());
    json_object_set_new(root, "peers", peers_json());
    json_object_set_new(root, "left_out", missing_json());
    int failed = !root || json_dumpf(root, stdout, JSON_INDENT(1)) != 0;

    json_decref(root);
    putchar('\n');
    return failed;
}

/* The page of each strategy that one of the names means. */
static int print_pages(char **names)
{
    struct entry e;
    unsigned count = 0;

    for (; *names; names++)
        for (size_t i = 0; entry_at(i, &e); i++)
            if (entry_means(*names, e.family, e.id->name)) {
                if (count++)
                    putchar('\n');
                list_page(&e);
            }
    return ferror(stdout) ? 1 : 0;
}

static int print_names(void)
{
    struct entry e;
    char name[ENTRY_NAME];

    for (size_t i = 0; entry_at(i, &e); i++)
        puts(entry_name(&e, name));
    return ferror(stdout) ? 1 : 0;
}

static int print_families(void)
{
    for (const struct family *const *f = families; *f; f++)
        puts((*f)->name);
    return ferror(stdout) ? 1 : 0;
}

static int print_workloads(void)
{
    const struct workload *w;

    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        puts(w->name);
    return ferror(stdout) ? 1 : 0;
}

static void print_missing(const char *folder, const struct contend_missing *m, bool wide)
{
    char line[320];

    snprintf(line, sizeof line, "left out: %s%s%s (%s)", folder, folder[0] ? "/" : "", m->name, m->why);
    if (wide)
        printf("  %s\n", line);
    else
        text_labelled(stdout, "", line, 2, NARROW);
}

/* Maps of other libraries: by name only, since no test holds them to what they promise. */
static void print_peers(bool wide)
{
    enum { TITLE = 27 };
    const void *ops;

    puts("PEERS: other libraries' maps, shown by `contend run --peers`, never picked\n");
    for (const struct family *const *f = families; *f; f++)
        for (size_t i = 0; (ops = peers_at(*f, i)) != NULL; i++) {
            const struct contend_identity *id = (*f)->identity(ops);
            if (wide)
                printf("  %-*s%s\n", TITLE - 2, id->name, id->title);
            else
                text_labelled(stdout, id->name, id->title, TITLE, NARROW);
        }
    for (const struct contend_missing *m = peers_missing; m->name; m++)
        print_missing("", m, wide);
    putchar('\n');
}

static int print_tables(bool wide)
{
    for (const struct family *const *f = families; *f; f++)
        (wide ? print_wide : print_narrow)(*f);
    for (const struct family *const *f = families; *f; f++)
        for (const struct contend_missing *m = (*f)->missing(); m->name; m++)
            print_missing((*f)->folder, m, wide);
    list_print_stores(wide);
    print_peers(wide);
    fputs(legend, stdout);
    if (wide)
        fputs(wide_legend, stdout);
    else
        printf("\n%s", more);
    return ferror(stdout) ? 1 : 0;
}

int list_parse(struct list_options *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "wide", no_argument, NULL, LIST_WIDE },
        { "json", no_argument, NULL, LIST_JSON },
        { "names", no_argument, NULL, LIST_NAMES },
        { "objects", no_argument, NULL, LIST_OBJECTS },
        { "workloads", no_argument, NULL, LIST_WORKLOADS },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    arguments_of("list");
    *o = (struct list_options){ .form = LIST_TABLES };
    optind = 1;
    while ((option = arguments_next(argc, argv, "h", options)) != -1) {
        if (option == 'h') {
            fputs(help_text, stdout);
            return 1;
        }
        if (option == '?')
            return -EINVAL;
        if (o->form != LIST_TABLES)
            return arguments_error("one of --wide, --json, --names, --objects and --workloads is "
                                   "wanted, not several");
        o->form = (enum list_form)option;
    }
    o->names = argv + optind;
    if (*o->names && o->form != LIST_TABLES)
        return arguments_error("'%s': names and options do not go together", *o->names);
    int error = *o->names ? stores_register(STORES_ALL) : 0; /* their pages need no server */
    for (char **n = o->names; *n && !error; n++)
        error = entry_check(*n, FAMILY_ALL, "");
    return error;
}

int command_list(int argc, char **argv)
{
    struct list_options o;
    int result = list_parse(&o, argc, argv);

    if (result)
        return command_line_status(result);
    switch (o.form) {
    case LIST_JSON: return print_json();
    case LIST_NAMES: return print_names();
    case LIST_OBJECTS: return print_families();
    case LIST_WORKLOADS: return print_workloads();
    case LIST_WIDE: return print_tables(true);
    case LIST_TABLES: break;
    }
    return *o.names ? print_pages(o.names) : print_tables(false);
}
