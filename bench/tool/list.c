/* list.c - `contend list`: the registries, as a table and as JSON. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/entries.h"
#include "bench/judge/promise.h"
#include "bench/judge/verdict.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "locks/lock.h"

static const char help_text[] =
    "Usage: contend list [--json | --names]\n"
    "\n"
    "Every strategy of this build in teaching order: progress, consistency, memory and\n"
    "the paper it comes from; and what was left out, and why.\n"
    "\n"
    "The words of the columns are explained below the tables.\n"
    "\n"
    "      --json    all of it and more, for programs\n"
    "      --names   only the names, with their rooms: counters/mutex\n"
    "  -h, --help    this text\n";

static const char legend[] =
    "  bytes     of a lock; of a counter without threads; of a map per user, with 65,536 users:\n"
    "            most tables double, so that with other numbers a user takes more or less\n"
    "  thread    bytes for each thread that is attached; what `contend run` shows for a counter\n"
    "            is bytes + threads x thread, for a map what it held with the workload's users\n"
    "  features  fifo: first come, first served; sleeps, spins: what a waiter does; shared: lets\n"
    "            several readers in; try: can be tried without waiting\n"
    "  progress  of add/read or heartbeat/is_online, one word where both are alike\n"
    "              wait-free   every caller ends after a bounded number of its own steps\n"
    "              lock-free   some caller always ends, whoever stalls\n"
    "              blocking    a thread that stalls can hold the others up\n"
    "              *           apart from system calls or the allocator; --json says where\n"
    "  reads     of a counter, one word or what holds beside claps of one / of more / undos\n"
    "              linearizable (lin)  the sum at one instant of the read\n"
    "              intermediate (int)  between the least and the greatest sum during the read\n"
    "              quiescent (qui)     exact if no add overlaps the read\n"
    "              unspecified         no promise\n"
    "            of a map how exact a last heartbeat is: exact, or to 1 s\n"
    "  broken    wrong on purpose: the tests must reject it; floor: does nothing, to show what\n"
    "            the harness costs\n";

/* An entry that adds nothing to its lock comes from the paper of the lock. */
static const char *reference_of(const struct contend_identity *id)
{
    if (id->lock && strcmp(id->reference, CONTEND_THE_LOCKS) == 0)
        return lock_find(id->lock)->traits->id.reference;
    return id->reference;
}

static const char *promise_word(const struct counter_promise *p)
{
    static const char *const kinds[] = { "linearizable", "intermediate", "quiescent",
                                         "eventual",     "approximate",  "unspecified" };

    return kinds[p->kind];
}

/* One word where all mixes are alike, else three letters each: "lin/int/qui". */
static const char *reads_of(const struct contestant *c)
{
    static char words[16];

    if (contestant_identity(c)->flags & CONTEND_FLOOR)
        return "-";
    if (c->object == OBJECT_PRESENCE)
        return promise_reads(c, NULL);
    const struct counter_traits *t = c->counter->traits;
    if (t->unit.kind == t->batch.kind && t->unit.kind == t->undo.kind)
        return promise_word(&t->unit);
    snprintf(words, sizeof words, "%.3s/%.3s/%.3s", promise_word(&t->unit), promise_word(&t->batch),
             promise_word(&t->undo));
    return words;
}

static const char *kind_of(const struct contend_identity *id)
{
    return id->flags & CONTEND_EXHIBIT ? "broken" : id->flags & CONTEND_FLOOR ? "floor" : "";
}

static void print_locks(void)
{
    printf("LOCKS\n\n  %-24s %6s %6s  %-24s %s\n", "name", "bytes", "thread", "features",
           "reference");
    for (size_t i = 0; lock_registry[i]; i++) {
        const struct lock_traits *t = lock_registry[i]->traits;
        char features[64];
        snprintf(features, sizeof features, "%s%s%s%s", t->features & LOCK_FIFO ? "fifo " : "",
                 t->features & LOCK_SLEEPS ? "sleeps " : "spins ",
                 t->features & LOCK_SHARED ? "shared " : "", t->features & LOCK_TRY ? "try" : "");
        printf("  %-24s %6zu %6zu  %-24s %s\n", t->id.name, t->bytes, lock_registry[i]->handle_size,
               features, t->id.reference);
    }
}

static size_t bytes_of(const struct contestant *c)
{
    return c->object == OBJECT_COUNTER ? c->counter->traits->bytes
                                       : c->presence->traits->bytes_per_user;
}

static size_t bytes_of_thread(const struct contestant *c)
{
    return c->object == OBJECT_COUNTER ? c->counter->traits->bytes_per_thread
                                       : c->presence->handle_size;
}

/* As the tables of a run have it, with a mark where an operation may call the system. */
static const char *progress_of(const struct contestant *c, char buffer[32])
{
    unsigned both = c->object == OBJECT_COUNTER
                        ? c->counter->traits->add | c->counter->traits->read
                        : c->presence->traits->heartbeat | c->presence->traits->is_online;

    snprintf(buffer, 32, "%s%s", promise_progress(c),
             both & (CONTEND_MODULO_MALLOC | CONTEND_MODULO_SYSCALL) ? "*" : "");
    return buffer;
}

static void print_object(enum object_kind object, const char *title)
{
    char progress[32];

    printf("\n%s\n\n  %-24s %6s %6s  %-20s %-13s %-7s %s\n", title, "name", "bytes", "thread",
           "progress", "reads", "", "reference");
    for (size_t i = 0;; i++) {
        struct contestant c = contestant_at(object, i);
        if (!contestant_exists(&c))
            break;
        const struct contend_identity *id = contestant_identity(&c);
        printf("  %-24s %6zu %6zu  %-20s %-13s %-7s %s\n", id->name, bytes_of(&c),
               bytes_of_thread(&c), progress_of(&c, progress), reads_of(&c), kind_of(id),
               reference_of(id));
    }
}

static void print_missing(const struct contend_missing *m, const char *what)
{
    for (; m->name; m++)
        printf("  left out: %s %s (%s)\n", what, m->name, m->why);
}

static json_t *identity_json(const struct contend_identity *id)
{
    return json_pack("{s:s, s:s, s:s, s:s?, s:b, s:b, s:b, s:b}", "name", id->name, "title",
                     id->title, "reference", reference_of(id), "lock", id->lock, "exhibit",
                     !!(id->flags & CONTEND_EXHIBIT), "floor", !!(id->flags & CONTEND_FLOOR),
                     "tsan_sound", !(id->flags & CONTEND_TSAN_UNSOUND), "library_aborts",
                     !!(id->flags & CONTEND_LIB_ABORTS));
}

static json_t *progress_json(unsigned progress)
{
    static const char *const words[] = { "wait_free", "lock_free", "obstruction_free", "blocking" };

    return json_pack("{s:s, s:b, s:b}", "class", words[progress & CONTEND_PROGRESS_CLASS],
                     "modulo_malloc", !!(progress & CONTEND_MODULO_MALLOC), "modulo_syscall",
                     !!(progress & CONTEND_MODULO_SYSCALL));
}

static json_t *locks_json(void)
{
    json_t *list = json_array();

    for (size_t i = 0; lock_registry[i]; i++) {
        const struct lock_ops *l = lock_registry[i];
        json_t *o = identity_json(&l->traits->id);
        json_object_update_missing_new(
            o, json_pack("{s:I, s:I, s:b, s:b, s:b, s:b}", "bytes", (json_int_t)l->traits->bytes,
                         "bytes_per_thread", (json_int_t)l->handle_size, "fifo",
                         !!(l->traits->features & LOCK_FIFO), "sleeps",
                         !!(l->traits->features & LOCK_SLEEPS), "shared",
                         !!(l->traits->features & LOCK_SHARED), "try",
                         !!(l->traits->features & LOCK_TRY)));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *counters_json(void)
{
    json_t *list = json_array();

    for (size_t i = 0; counter_registry[i]; i++) {
        const struct counter_traits *t = counter_registry[i]->traits;
        json_t *o = identity_json(&t->id);
        json_object_update_missing_new(
            o, json_pack("{s:o, s:o, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:b}", "add",
                         progress_json(t->add), "read", progress_json(t->read), "unit",
                         promise_word(&t->unit), "batch", promise_word(&t->batch), "undo",
                         promise_word(&t->undo), "min", (json_int_t)t->min, "max",
                         (json_int_t)t->max, "bytes", (json_int_t)t->bytes, "bytes_per_thread",
                         (json_int_t)t->bytes_per_thread, "add_get",
                         !!(t->features & COUNTER_ADD_GET)));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *maps_json(void)
{
    static const char *const backlogs[] = { "none", "bounded", "unbounded_if_a_reader_stalls" };
    json_t *list = json_array();

    for (size_t i = 0; presence_registry[i]; i++) {
        const struct presence_traits *t = presence_registry[i]->traits;
        json_t *o = identity_json(&t->id);
        /* max_user may need all 64 bits, which JSON integers here do not have: as text. */
        char max_user[24];
        snprintf(max_user, sizeof max_user, "%llu", (unsigned long long)t->max_user);
        json_object_update_missing_new(
            o, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:I, s:s, s:I, s:I, s:I, "
                         "s:b, s:b, s:b}",
                         "heartbeat", progress_json(t->heartbeat), "insert",
                         progress_json(t->insert), "is_online", progress_json(t->is_online),
                         "last_seen", progress_json(t->last_seen), "leave",
                         progress_json(t->leave), "sweep", progress_json(t->sweep), "walk",
                         progress_json(t->walk), "backlog", backlogs[t->backlog], "expiry",
                         t->expiry, "granularity_ms", (json_int_t)t->granularity_ms, "max_user",
                         max_user, "max_span_ms", (json_int_t)t->max_span, "bytes_per_user",
                         (json_int_t)t->bytes_per_user, "bytes_fixed", (json_int_t)t->bytes_fixed,
                         "grows", !!(t->features & PRESENCE_GROWS), "dense_ids",
                         !!(t->features & PRESENCE_DENSE_IDS), "keeps_ids",
                         !!(t->features & PRESENCE_KEEPS_IDS)));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *missing_json(void)
{
    const struct contend_missing *rooms[] = { lock_missing, counter_missing, presence_missing };
    json_t *list = json_array();

    for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++)
        for (const struct contend_missing *m = rooms[r]; m->name; m++)
            json_array_append_new(list, json_pack("{s:s, s:s}", "name", m->name, "why", m->why));
    return list;
}

static int print_json(void)
{
    json_t *root = json_pack("{s:s, s:i, s:o, s:o, s:o, s:o}", "schema", "contend.list", "version",
                             1, "locks", locks_json(), "counters", counters_json(), "presence_maps",
                             maps_json(), "left_out", missing_json());
    int failed = !root || json_dumpf(root, stdout, JSON_INDENT(1)) != 0;

    json_decref(root);
    putchar('\n');
    return failed;
}

static int print_names(void)
{
    struct entry e;
    char name[ENTRY_NAME];

    for (size_t i = 0; entry_at(i, &e); i++)
        puts(entry_name(&e, name));
    return ferror(stdout) ? 1 : 0;
}

static int print_tables(void)
{
    print_locks();
    print_object(OBJECT_COUNTER, "CLAP COUNTERS");
    print_object(OBJECT_PRESENCE, "PRESENCE MAPS");
    putchar('\n');
    print_missing(lock_missing, "lock");
    print_missing(counter_missing, "counter");
    print_missing(presence_missing, "map");
    fputs(legend, stdout);
    return ferror(stdout) ? 1 : 0;
}

int list_parse(struct list_options *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "json", no_argument, NULL, 'j' },
        { "names", no_argument, NULL, 'n' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    arguments_of("list");
    *o = (struct list_options){ .json = false };
    optind = 1;
    while ((option = arguments_next(argc, argv, "h", options)) != -1) {
        if (option == 'h') {
            fputs(help_text, stdout);
            return 1;
        }
        if (option == '?')
            return -EINVAL;
        if (o->json || o->names)
            return arguments_error("either --json or --names is wanted, not both");
        o->json = option == 'j';
        o->names = option == 'n';
    }
    if (optind < argc)
        return arguments_error("'%s' is not understood; it takes no names", argv[optind]);
    return 0;
}

int command_list(int argc, char **argv)
{
    struct list_options o;
    int result = list_parse(&o, argc, argv);

    if (result)
        return command_line_status(result);
    return o.json ? print_json() : o.names ? print_names() : print_tables();
}
