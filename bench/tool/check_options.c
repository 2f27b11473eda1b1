/* check_options.c - the command line of `contend check`. */
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/entries.h"
#include "bench/tool/check_request.h"
#include "bench/tool/check_textbook.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/sets.h"

static const char help_text[] =
    "Usage: contend check [OPTION]... STRATEGY...\n"
    "       contend check [OPTION]... --all\n"
    "       contend check [OPTION]... textbook/NAME... [--mutant=NAME]\n"
    "       contend check --replay STRING\n"
    "\n"
    "Runs short scenarios of an instrumented copy of a strategy under every schedule\n"
    "that it can try, and judges each execution: races, memory, hangs, lost claps and\n"
    "beats, linearizability, and whether an operation blocks as declared.  The first\n"
    "failure of a strategy is shortened and printed step by step.  STRATEGY is a name\n"
    "of `contend list`, with its folder where several have it: counters/mutex,\n"
    "locks/mutex.\n"
    "\n"
    "  --all             every strategy but the floors and the exhibits\n"
    "  --budget=N        executions per scenario and way of exploring (200): more of\n"
    "                    them repeat the same scenarios with other choices\n"
    "  --budget=Ns       or seconds per strategy: as time allows, new scenarios as\n"
    "                    well\n"
    "  --scenario=TEXT   this one only, written as below\n"
    "  --mode=sc|weak    one kind of memory; both by default\n"
    "  --level=o2|o0     the copy compiled with -O2 (default) or -O0\n"
    "  --seed=N          another stream of choices and scenarios (1)\n"
    "  --set=NAME.OPTION=V  an option of a strategy, in all scenarios but those that\n"
    "                    need one stripe; may be repeated; replay strings carry it\n"
    "  --past-races      goes on past data races, to show what they lead to\n"
    "  --mutant=NAME     of a textbook program: with this mistake; all: each of its\n"
    "                    mistakes\n"
    "  --textbook        lists the textbook programs and their mutants\n"
    "  --replay=STRING   what a failure printed: shows that execution again\n"
    "  --page=FILE       keeps the first failure, or the replay, as a page of HTML\n"
    "  --orders          the weakest memory order of each access with which all\n"
    "                    scenarios pass\n"
    "  --json=FILE       the verdicts for programs (docs/check.schema.json); -:\n"
    "                    standard output\n"
    "  -q, --quiet       no progress on standard error\n"
    "  -h, --help        this text\n"
    "\n"
    "A scenario is threads separated by '+', each a list of operations separated by\n"
    "','.  What stands before a '/' is done first, by one thread.  After a '=' in\n"
    "front all threads are attached before any goes on; '2:' in front is a map's\n"
    "fixed capacity, and '17*' so many others that stay attached (1 to 40); in this\n"
    "order: 2:17*=.\n"
    "  locks       l section   t try, then a section   s shared section\n"
    "              e section by execute   o read without holding it\n"
    "              u the same, then a section if nothing has changed\n"
    "  counters    a5, a-1 add   r read   g2 add_get   q quiescent   x stats\n"
    "  claps       c05, u05 reader 0 claps, takes back 5   g0 given   t total\n"
    "              d remove   x stats\n"
    "  distinct    i0 inserts reader 0   c count   m merge   x stats\n"
    "  maps        h0a heartbeat of user 0 at time a   o0b is_online   n0 last_seen\n"
    "              l0a leave   sd sweep at time d\n"
    "              bd, b7d sweep with a budget of 1, 7   cd count_online\n"
    "              wd for_each_online   x stats\n"
    "              ma, pa heartbeat_many and is_online_many of users 0 and 1\n"
    "Readers and users are 0 to 3.  A user with a heartbeat at time a is online at b\n"
    "and, for the last time, at c, and offline from d on; after a heartbeat at d,\n"
    "from e on.  f is later, for maps that keep old rows.  An example:\n"
    "  contend check --scenario='h0a/h0c+sd' presence_map/packed\n"
    "\n"
    "What is checked was compiled with this program: after a change, build first, or\n"
    "say `bench/run check ...`, which does.  Entries built on code that cannot be\n"
    "instrumented are listed as not checked.\n"
    "\n"
    "Exit status: 0 nothing found, 1 a failure was found, 2 wrong usage, 130\n"
    "interrupted.\n";

static int refuse(const char *option, const char *value, const char *wanted)
{
    return arguments_error("--%s=%s: %s", option, value, wanted);
}

static bool parse_number(const char *text, uint64_t *out, const char **rest)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    *rest = end;
    return *text >= '0' && *text <= '9' && errno == 0;
}

static int set_budget(struct check_request *r, const char *value)
{
    const char *rest;
    uint64_t n;

    if (!parse_number(value, &n, &rest) || n == 0 || n > 1000000000 ||
        (*rest && strcmp(rest, "s") != 0))
        return refuse("budget", value, "a whole number of executions, or of seconds: 30s");
    if (*rest)
        r->suite.seconds = (double)n;
    else
        r->suite.executions = n;
    return 0;
}

static int set_level(struct check_request *r, const char *value)
{
    for (const struct check_copy *c = check_copies; c->level; c++)
        if (strcmp(c->level, value) == 0) {
            r->copy = c;
            return 0;
        }
    return refuse("level", value, "o2 or o0");
}

static int add_setting(void *context, const struct entry *e, struct contend_setting setting)
{
    struct check_request *r = context;
    unsigned already = 0;
    char name[ENTRY_NAME];

    for (unsigned i = 0; i < r->setting_count; i++) {
        if (r->settings[i].family != e->family || strcmp(r->settings[i].name, e->id->name) != 0)
            continue;
        already++;
        if (strcmp(r->settings[i].setting.name, setting.name) == 0)
            return arguments_error("--set: %s.%s: one value of an option is checked at a time",
                                   entry_name(e, name), setting.name);
    }
    if (already == SUBJECT_SETTINGS)
        return arguments_error("--set: more than %d options of %s", SUBJECT_SETTINGS,
                               entry_name(e, name));
    if (r->setting_count == CHECK_SETTINGS)
        return arguments_error("--set: more than %d settings", CHECK_SETTINGS);
    r->settings[r->setting_count++] = (struct check_setting){ e->family, e->id->name, setting };
    return 0;
}

static int set_option(struct check_request *r, int option, const char *value)
{
    const char *rest;

    switch (option) {
    case 'a': r->all = true; return 0;
    case 'q': r->quiet = true; return 0;
    case 'c': r->suite.past_races = true; return 0;
    case 'u': r->mutant = value; return 0;
    case 't': r->textbook = true; return 0;
    case 'r': r->replay = value; return 0;
    case 'x': r->suite.scenario = value; return 0;
    case 'p': r->page = value; return 0;
    case 'j': r->json = value; return 0;
    case 'w': r->orders = true; return 0;
    case 'o': return sets_read(value, FAMILY_ALL, "", add_setting, r);
    case 'b': return set_budget(r, value);
    case 'l': return set_level(r, value);
    case 's':
        if (!parse_number(value, &r->suite.seed, &rest) || *rest)
            return refuse("seed", value, "a whole number");
        return 0;
    case 'm':
        r->suite.mode = strcmp(value, "sc") == 0 ? CHECK_SC : CHECK_WEAK;
        if (strcmp(value, "sc") != 0 && strcmp(value, "weak") != 0)
            return refuse("mode", value, "sc or weak");
        return 0;
    default: return -EINVAL; /* after a message */
    }
}

static const char *box_of(const struct check_copy *c, const char *name)
{
    const char *slash = strrchr(name, '/');

    for (int f = 0; f < FAMILY_COUNT; f++)
        for (const struct contend_missing *m = *c->boxes[f]; m->name; m++)
            if (strcmp(m->name, slash ? slash + 1 : name) == 0)
                return m->why;
    return NULL;
}

static int require_name(const struct check_request *r, const char *name)
{
    int error;

    if (suite_subjects(r->copy, name, NULL, NULL) > 0)
        return 0;
    if (box_of(r->copy, name))
        return arguments_error("'%s' cannot be checked: it is built on %s", name,
                               box_of(r->copy, name));
    error = entry_check(name, FAMILY_ALL, "");
    return error ? error : arguments_error("'%s' has no copy to check in this build", name);
}

/* Whether it is a scenario of some object that was asked for, and one that has its operations. */
struct fitting {
    const char *text;
    bool parsed, supported;
    char why[CHECK_TEXT];
};

static void look_if_it_fits(void *context, const struct subject *s)
{
    struct fitting *f = context;
    struct scenario p;

    if (!scenario_parse(&p, s->family, f->text, f->why, sizeof f->why))
        return;
    f->parsed = true;
    f->supported |= subject_supports(s, &p);
}

static int require_scenario(const struct check_request *r)
{
    struct fitting f = { .text = r->suite.scenario };

    if (!r->suite.scenario)
        return 0;
    if (r->all)
        suite_subjects(r->copy, NULL, look_if_it_fits, &f);
    for (char **n = r->names; *n; n++)
        suite_subjects(r->copy, *n, look_if_it_fits, &f);
    if (f.supported)
        return 0;
    if (f.parsed)
        return arguments_error("--scenario: no strategy that was named has all operations of '%s'", f.text);
    return arguments_error("--scenario: %s; contend check --help says how to write them", f.why);
}

/* Whether a strategy that was set is one of those that are checked. */
static int require_set(const struct check_request *r)
{
    for (unsigned i = 0; i < r->setting_count; i++) {
        const struct check_setting *s = &r->settings[i];
        bool named = r->all;
        for (char **n = r->names; *n && !named; n++)
            named = entry_means(*n, s->family, s->name);
        if (!named)
            return arguments_error("--set: %s/%s is not among what is to be checked",
                                   s->family->folder, s->name);
    }
    return 0;
}

/* Checks the options together, and the names after them. */
static int check_rest(const struct check_request *r)
{
    int error = 0;

    if (r->all == (r->names[0] != NULL))
        return arguments_error("name strategies, or --all; see contend check --help");
    if (r->names[0] && textbook_means(r->names[0]))
        return textbook_require(r);
    if (r->mutant)
        return arguments_error("--mutant=%s: mutants are of textbook programs, textbook/NAME", r->mutant);
    for (char **n = r->names; *n && !error; n++)
        error = require_name(r, *n);
    if (!error)
        error = require_set(r);
    return error ? error : require_scenario(r);
}

int check_parse(struct check_request *r, int argc, char **argv)
{
    static const struct option options[] = {
        { "all", no_argument, NULL, 'a' },            { "budget", required_argument, NULL, 'b' },
        { "scenario", required_argument, NULL, 'x' }, { "mode", required_argument, NULL, 'm' },
        { "level", required_argument, NULL, 'l' },    { "seed", required_argument, NULL, 's' },
        { "replay", required_argument, NULL, 'r' },   { "page", required_argument, NULL, 'p' },
        { "set", required_argument, NULL, 'o' },      { "past-races", no_argument, NULL, 'c' },
        { "mutant", required_argument, NULL, 'u' },   { "textbook", no_argument, NULL, 't' },
        { "quiet", no_argument, NULL, 'q' },          { "help", no_argument, NULL, 'h' },
        { "json", required_argument, NULL, 'j' },     { "orders", no_argument, NULL, 'w' },
        { NULL, 0, NULL, 0 },
    };
    int option, error;

    arguments_of("check");
    *r = (struct check_request){ .copy = check_copies, .suite = { .seed = 1, .mode = -1 } };
    optind = 1;
    while ((option = arguments_next(argc, argv, "qh", options)) != -1) {
        if (option == 'h') {
            fputs(help_text, stdout);
            return 1;
        }
        error = set_option(r, option, optarg);
        if (error)
            return error;
    }
    r->names = argv + optind;
    if (r->json && (r->replay || r->textbook || (r->names[0] && textbook_means(r->names[0]))))
        return arguments_error("--json: the verdicts on strategies alone are written so; leave it out");
    if (r->orders && (r->replay || r->textbook || r->json || r->page ||
                      (r->names[0] && textbook_means(r->names[0]))))
        return arguments_error("--orders: of strategies, and printed only: without --json, --page, "
                               "--replay and textbook programs");
    return r->replay || r->textbook ? 0 : check_rest(r);
}
