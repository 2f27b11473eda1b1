/* serve.c - `contend serve`: its command line. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/base/entries.h"
#include "bench/stores/stores.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/commands.h"
#include "bench/tool/serve_options.h"
#include "bench/tool/sets.h"

static const char help_text[] =
    "Usage: contend serve [OPTION]...\n"
    "\n"
    "The two systems behind the lab as a live service, on the strategies that you\n"
    "name: who is online, and who clapped for which post of whose blog, with a page\n"
    "to look at.  HTTP, server-sent events and WebSockets on one port;\n"
    "docs/service.md lists what it answers.  It prints its address and serves until\n"
    "Ctrl-C or SIGTERM; then it answers what has been asked, and ends.\n"
    "\n"
    "Strategies, and datastores, by a name of `contend list`:\n"
    "      --presence=NAME     who is online (default: the reference of its family,\n"
    "                          as for all)\n"
    "      --claps=NAME        who gave how many claps, at most 50 to a post\n"
    "      --counter=NAME      how often a post was read\n"
    "      --set=NAME.OPTION=V an option of one of them\n"
    "In this process, by a name of `contend posts` and `contend cache`:\n"
    "      --posts=NAME        how posts are kept (default: the first)\n"
    "      --cache=NAME        what is between a read of a post and its claps\n"
    "                          (default: direct, which is none)\n"
    "\n"
    "Size:\n"
    "      --users=N           users that have a place in the presence map (default:\n"
    "                          100k)\n"
    "      --post-count=N      numbers of posts, from 0; each is given once, and 0 is\n"
    "                          not (default: 100)\n"
    "      --samples=N         posts that it begins with, unless a state has others\n"
    "                          (default: 4)\n"
    "      --retention=SECONDS how long a deleted post can be restored, at most a\n"
    "                          year (default: 2592000, which is 30 days)\n"
    "      --readers=N         users who can clap, numbered from 0 (default: 10k)\n"
    "      --connections=N     at most so many at once; the others get 503 (default:\n"
    "                          12k)\n"
    "      --workers=N         threads that serve (default: one for each processor)\n"
    "\n"
    "Where and when:\n"
    "      --address=A         IPv4 address to listen on (default: 127.0.0.1)\n"
    "      --port=N            port (default: 8080); 0 takes one that is free\n"
    "      --state=FILE        keeps in it what there is, and begins with it\n"
    "      --save=SECONDS      between two times that it is saved: what came after\n"
    "                          the last one is lost to a kill -9 (default: 10)\n"
    "      --for=SECONDS       end after so long\n"
    "      --speed=N           its clock runs N times as fast: for tests (default: 1)\n"
    "      --hello             answer \"hello\" to everything, and do nothing else:\n"
    "                          what the library and the machine allow, for comparison\n"
    "\n"
    "  -q, --quiet             nothing but the address\n"
    "  -h, --help              this text\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n";

enum { OPT_PRESENCE = 256, OPT_CLAPS, OPT_COUNTER, OPT_SETTING, OPT_USERS, OPT_POSTS, OPT_CACHE,
       OPT_POST_COUNT, OPT_SAMPLES, OPT_RETENTION, OPT_READERS, OPT_CONNECTIONS, OPT_WORKERS,
       OPT_ADDRESS, OPT_PORT, OPT_FOR, OPT_SPEED, OPT_STATE, OPT_SAVE, OPT_HELLO };

static const struct option long_options[] = {
    { "presence", required_argument, NULL, OPT_PRESENCE },
    { "claps", required_argument, NULL, OPT_CLAPS },
    { "counter", required_argument, NULL, OPT_COUNTER },
    { "set", required_argument, NULL, OPT_SETTING },
    { "users", required_argument, NULL, OPT_USERS },
    { "posts", required_argument, NULL, OPT_POSTS },
    { "cache", required_argument, NULL, OPT_CACHE },
    { "post-count", required_argument, NULL, OPT_POST_COUNT },
    { "samples", required_argument, NULL, OPT_SAMPLES },
    { "retention", required_argument, NULL, OPT_RETENTION },
    { "readers", required_argument, NULL, OPT_READERS },
    { "connections", required_argument, NULL, OPT_CONNECTIONS },
    { "workers", required_argument, NULL, OPT_WORKERS },
    { "address", required_argument, NULL, OPT_ADDRESS },
    { "port", required_argument, NULL, OPT_PORT },
    { "state", required_argument, NULL, OPT_STATE },
    { "save", required_argument, NULL, OPT_SAVE },
    { "for", required_argument, NULL, OPT_FOR },
    { "speed", required_argument, NULL, OPT_SPEED },
    { "hello", no_argument, NULL, OPT_HELLO },
    { "quiet", no_argument, NULL, 'q' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

/* What each of these options names an entry of. */
static const char *const family_names[SERVE_FAMILIES] = { "presence", "claps", "counter" };

struct reading {
    struct serve_line *line;
    const char *names[SERVE_FAMILIES];
    const char *sets[SERVE_SETS];
    unsigned set_count;
    const char *set; /* the one that is being read */
};

static struct service_choice *choice_of(struct serve_options *o, unsigned family)
{
    return &o->plan.parts[family];
}

static int read_number(const char *option, const char *text, uint64_t low, uint64_t high,
                       unsigned *out)
{
    uint64_t n;
    int error = arguments_number(option, text, low, high, &n);

    if (!error)
        *out = (unsigned)n;
    return error;
}

static int read_seconds(const char *option, const char *text, unsigned *out)
{
    uint64_t n;
    int error = arguments_quantity(option, text, "s", 1, 86400, &n);

    if (!error)
        *out = (unsigned)n;
    return error;
}

static int read_address(const char *text, const char **out)
{
    struct in_addr address;

    if (inet_pton(AF_INET, text, &address) != 1)
        return arguments_error("--address=%s: an IPv4 address is wanted", text);
    *out = text;
    return 0;
}

/* A name that is none of the registry's, of which `at` gives the index-th, or NULL. */
static int say_unknown(const char *option, const char *text, const char *(*at)(size_t index),
                       const char *more)
{
    const char *there[32];
    char list[512] = "";
    size_t n = 0, used = 0;

    for (; n < 32 && (there[n] = at(n)) != NULL; n++)
        used += (size_t)snprintf(list + used, used < sizeof list ? sizeof list - used : 0, "%s%s",
                                 n ? ", " : "", there[n]);
    return arguments_error("--%s=%s: there are %s%s", option, text, list, more);
}

static const char *posts_at(size_t index)
{
    return contend_posts_registry[index] ? contend_posts_registry[index]->traits->id.name : NULL;
}

static int read_posts(const char *text, const struct posts_ops **out)
{
    *out = contend_posts_find(text);
    return *out ? 0
                : say_unknown("posts", text, posts_at,
                              text[0] >= '0' && text[0] <= '9' ? "; --post-count says how many" : "");
}

static const char *cache_at(size_t index)
{
    return contend_cache_registry[index] ? contend_cache_registry[index]->traits->id.name : NULL;
}

static int read_cache(const char *text, const struct cache_ops **out)
{
    *out = contend_cache_find(text);
    return *out ? 0 : say_unknown("cache", text, cache_at, "");
}

static int read_retention(const char *text, uint64_t *out)
{
    uint64_t seconds;
    int error = arguments_quantity("retention", text, "s", 1, 365 * 86400, &seconds);

    if (!error)
        *out = seconds * 1000;
    return error;
}

static int read_option(struct reading *r, int option, const char *value)
{
    struct serve_options *o = &r->line->serve;

    switch (option) {
    case OPT_PRESENCE: case OPT_CLAPS: case OPT_COUNTER:
        r->names[option - OPT_PRESENCE] = value;
        return 0;
    case OPT_SETTING:
        if (r->set_count == SERVE_SETS)
            return arguments_error("--set: more than %d", SERVE_SETS);
        r->sets[r->set_count++] = value;
        return 0;
    case OPT_USERS: return arguments_number("users", value, 1, 100000000, &o->plan.most_users);
    case OPT_POSTS: return read_posts(value, &o->plan.posts_ops);
    case OPT_CACHE: return read_cache(value, &o->plan.cache_ops);
    case OPT_POST_COUNT: return arguments_number("post-count", value, 2, 1000000, &o->plan.posts);
    case OPT_SAMPLES: return arguments_number("samples", value, 0, 1000000, &o->samples);
    case OPT_RETENTION: return read_retention(value, &o->plan.retention_ms);
    case OPT_READERS: return arguments_number("readers", value, 1, 10000000, &o->plan.readers);
    case OPT_CONNECTIONS:
        return arguments_number("connections", value, 1, 1000000, &o->connections);
    case OPT_WORKERS: return read_number("workers", value, 1, 256, &o->plan.workers);
    case OPT_ADDRESS: return read_address(value, &o->address);
    case OPT_PORT: return read_number("port", value, 0, 65535, &o->port);
    case OPT_FOR: return arguments_quantity("for", value, "s", 1, 1000000, &o->for_s);
    case OPT_STATE: o->state = value; return 0;
    case OPT_SAVE: return read_seconds("save", value, &o->save_s);
    case OPT_HELLO: o->hello = true; return 0;
    case OPT_SPEED: return read_number("speed", value, 1, 100000, &o->plan.speed);
    case 'q': o->quiet = true; return 0;
    case 'h': fputs(help_text, stdout); return 1;
    default: return -EINVAL;
    }
}

/* Finds the entry that each family is served by. */
static int choose(struct reading *r, unsigned f)
{
    const struct family *family = family_named(family_names[f]);
    const char *name = r->names[f];
    struct entry e;
    char so[64];

    if (!name) {
        choice_of(&r->line->serve, f)->strategy = family_find(family, family_reference(family));
        return 0;
    }
    snprintf(so, sizeof so, ", and --%s wants %s", family_names[f], family->article);
    int error = entry_check(name, family_bit(family), so);
    for (size_t i = 0; !error && entry_at(i, &e); i++)
        if (e.family == family && entry_means(name, family, e.id->name)) {
            choice_of(&r->line->serve, f)->strategy = e.ops;
            return 0;
        }
    return error;
}

/* A setting for one of the chosen entries; what else its name means is left alone. */
static int take_setting(void *ctx, const struct entry *e, struct contend_setting setting)
{
    struct reading *r = ctx;

    for (unsigned f = 0; f < SERVE_FAMILIES; f++) {
        struct settings *s = &r->line->settings[f];
        if (choice_of(&r->line->serve, f)->strategy != e->ops)
            continue;
        if (s->count == SETTINGS_MOST)
            return arguments_error("--set=%s: too many settings", r->set);
        s->list[s->count++] = setting;
        return 0;
    }
    return 0;
}

/* Whether the text set anything: a strategy that does not serve is a mistake. */
static int read_set(struct reading *r, const char *text)
{
    size_t before = 0, after = 0;
    int error;

    for (unsigned f = 0; f < SERVE_FAMILIES; f++)
        before += r->line->settings[f].count;
    r->set = text;
    error = sets_read(text, FAMILY_ALL, "", take_setting, r);
    for (unsigned f = 0; f < SERVE_FAMILIES; f++)
        after += r->line->settings[f].count;
    if (!error && before == after)
        return arguments_error("--set=%s: this strategy is none of those that serve", text);
    return error;
}

int serve_parse(struct serve_line *line, int argc, char **argv)
{
    struct reading r = { .line = line };
    struct serve_options *o = &line->serve;
    int option, error = 0;

    memset(line, 0, sizeof *line);
    o->address = "127.0.0.1";
    o->port = 8080;
    o->connections = 12000;
    o->plan.most_users = 100000;
    o->plan.posts = 100;
    o->samples = 4;
    o->plan.readers = 10000;
    o->plan.speed = 1;
    o->save_s = 10;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    o->plan.workers = processors > 0 && processors <= 256 ? (unsigned)processors : 2;
    arguments_of("serve");
    optind = 0;
    while (!error && (option = arguments_next(argc, argv, "qh", long_options)) != -1)
        error = read_option(&r, option, optarg);
    if (error)
        return error;
    if (optind < argc)
        return arguments_error("'%s' is no option; a strategy follows --presence=, --claps=, "
                               "--counter=, --posts= or --cache=", argv[optind]);
    for (unsigned f = 0; f < SERVE_FAMILIES && !error; f++)
        error = choose(&r, f);
    for (unsigned i = 0; i < r.set_count && !error; i++)
        error = read_set(&r, r.sets[i]);
    for (unsigned f = 0; f < SERVE_FAMILIES; f++)
        choice_of(o, f)->settings = settings_as_given(&line->settings[f]);
    return error;
}

/* Whether an argument is an option whose value means a store. */
static bool names_store(const char *argument)
{
    const char *value = strchr(argument, '=');
    const struct store *s;

    for (size_t i = 0; value && (s = stores_at(i)) != NULL; i++)
        if (entry_means(value + 1, s->family, s->family->identity(s->ops)->name))
            return true;
    return false;
}

/* Stores are registered only where one is named: servers may have to be found for that. */
static int register_stores(int argc, char **argv)
{
    int error = 0;

    for (int i = 1; i < argc && !error; i++)
        if (names_store(argv[i]))
            error = stores_register(STORES_READY);
    if (error)
        arguments_error("the stores could not be registered: %s", strerror(-error));
    return error;
}

int command_serve(int argc, char **argv)
{
    static struct serve_line line;
    int error;

    arguments_of("serve");
    if (register_stores(argc, argv) != 0)
        return 1;
    error = serve_parse(&line, argc, argv);
    if (error)
        return command_line_status(error);
#ifdef CONTEND_HAS_WEBSOCKETS
    error = serve_run(&line.serve);
    stores_end();
    return error;
#else
    arguments_error("this build has no libwebsockets or no wslay (Debian: libwebsockets-dev and libwslay-dev); "
                    "with both, configure and build again");
    return 1;
#endif
}
