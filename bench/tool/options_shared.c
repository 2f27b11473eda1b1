/* options_shared.c - the options that `run` and `replay` share. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/base/entries.h"
#include "bench/base/nearest.h"
#include "bench/peers/peers.h"
#include "bench/report/output.h"
#include "bench/tool/options.h"
#include "bench/tool/sets.h"
#include "bench/engine/window.h"
#include "locks/parts/platform.h"

int options_list(struct run_options *o, const char *option, const char *text,
                 int (*each)(struct run_options *, const char *option, const char *part))
{
    char *copy = strdup(text), *rest = copy, *part;
    int error = copy ? 0 : -ENOMEM;

    while (!error && (part = strsep(&rest, ",")))
        error = each(o, option, part);
    free(copy);
    return error;
}

static int add_threads(struct run_options *o, const char *option, const char *part)
{
    uint64_t n = 0;
    int error = arguments_number(option, part, 1, WINDOW_MAX_THREADS, &n);

    if (!error && o->thread_count == OPTION_LIST)
        return arguments_error("--%s: more than 16 numbers", option);
    if (!error)
        o->threads[o->thread_count++] = (unsigned)n;
    return error;
}

static int parse_object(struct run_options *o, const char *text)
{
    const struct family *family = family_named(text);
    char names[FAMILY_LIST];

    if (!family || !(o->families & family_bit(family)))
        return arguments_error("--object=%s: %s is wanted", text, family_list(o->families, names));
    o->object = family;
    return 0;
}

static int parse_color(struct run_options *o, const char *text)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    if (strcmp(text, "always") == 0)
        o->color = true;
    else if (strcmp(text, "never") == 0)
        o->color = false;
    else if (strcmp(text, "auto") == 0)
        o->color = isatty(STDOUT_FILENO) && !(no_color && no_color[0]) && term &&
                   term[0] && strcmp(term, "dumb") != 0;
    else
        return arguments_error("--color=%s: auto, always or never is wanted", text);
    return 0;
}

void options_defaults(struct run_options *o)
{
    *o = (struct run_options){
        .families = workload_families(), .window_ms = 50, .budget_s = 172,
        .seed = (uint64_t)time(NULL), .begun_ns = contend_clock_ns(),
    };
    parse_color(o, "auto");
}

int options_add_strategy(struct run_options *o, const char *option, const char *name)
{
    (void)option;
    if (o->strategy_count == OPTION_STRATEGIES)
        return arguments_error("%s: more than 64 strategies", name);
    o->strategies[o->strategy_count++] = name;
    return 0;
}

int options_add_users(struct run_options *o, const char *option, const char *part)
{
    if (o->user_count == OPTION_LIST)
        return arguments_error("--%s: more than 16 sizes", option);
    int error = arguments_number(option, part, 1, 100000000, &o->users[o->user_count]);
    o->user_count += !error;
    return error;
}

int options_batch(struct run_options *o, const char *value)
{
    uint64_t n = 0;
    int error = arguments_number("batch", value, 1, PRESENCE_LARGEST_BATCH, &n);

    o->batch = (unsigned)n;
    return error;
}

int options_add_workload(struct run_options *o, const char *option, const char *part)
{
    const struct workload *w = workload_find(part);
    struct nearest near = { .wanted = part };
    char hint[NEAREST_HINT];

    if (w && o->workload_count == OPTION_LIST)
        return arguments_error("--%s: more than 16 workloads", option);
    if (w) {
        o->workloads[o->workload_count++] = w;
        return 0;
    }
    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        nearest_offer(&near, w->name);
    return arguments_error("there is no workload '%s'%s", part, nearest_hint(&near, "", hint));
}

enum { WHY_NOT = 64 };

/* Why a family is left out, behind what a strategy is instead. */
static const char *why_not(const struct run_options *o, char so[WHY_NOT])
{
    if (o->object)
        snprintf(so, WHY_NOT, ", which --object=%s leaves out", o->object->name);
    else
        snprintf(so, WHY_NOT, ", which is not compared here");
    return so;
}

/* Whether some family that was asked for has a strategy of that name. */
static int check_strategy(const struct run_options *o, const char *name)
{
    char so[WHY_NOT];

    return entry_check(name, o->families, why_not(o, so));
}

static int add_set(struct run_options *o, const char *text)
{
    if (o->set_count == OPTION_LIST)
        return arguments_error("--set=%s: more than %d of them", text, OPTION_LIST);
    o->sets[o->set_count++] = text;
    return 0;
}

static int add_variant(void *context, const struct entry *e, struct contend_setting setting)
{
    struct run_options *o = context;
    struct variant v = { .family = e->family, .ops = e->ops, .setting = setting };
    char name[VARIANT_NAME];

    variant_name(&v, name, sizeof name);
    for (unsigned i = 0; i < o->variant_count; i++)
        if (o->variants[i].ops == v.ops && o->variants[i].setting.value == setting.value &&
            strcmp(o->variants[i].setting.name, setting.name) == 0)
            return arguments_error("--set: %s/%s was asked for twice", e->family->folder, name);
    if (o->variant_count == OPTION_VARIANTS)
        return arguments_error("--set: more than %d values", OPTION_VARIANTS);
    int error = variant_complete(&v);
    if (error)
        return arguments_error("--set: %s/%s cannot be made: %s", e->family->folder, name,
                               strerror(-error));
    o->variants[o->variant_count++] = v;
    return 0;
}

/* Whether a peer has that name, and peers are shown. */
static bool is_peer(const struct run_options *o, const char *name)
{
    for (const struct family *const *f = families; *f; f++)
        if (o->peers && o->families & family_bit(*f) && peers_find(*f, name))
            return true;
    return false;
}

/* A peer that is named must be one of this build. */
static int check_peer(const char *name)
{
    struct nearest near = { .wanted = name };
    char hint[NEAREST_HINT];
    const void *ops;

    for (const struct family *const *f = families; *f; f++)
        for (size_t i = 0; (ops = peers_at(*f, i)) != NULL; i++) {
            if (peers_find(*f, name))
                return 0;
            nearest_offer(&near, (*f)->identity(ops)->name);
        }
    return arguments_error("--peers=%s: this build has no such peer%s, see contend list", name,
                           nearest_hint(&near, "", hint));
}

int options_check_names(struct run_options *o)
{
    char so[WHY_NOT];
    int error = 0;

    if (o->object)
        o->families = family_bit(o->object);
    if (o->reference && strchr(o->reference, '/'))
        return arguments_error("--reference=%s: a name without a folder is wanted, as each family "
                               "has its own", o->reference);
    if (o->peer)
        error = check_peer(o->peer);
    if (!error && o->reference && !is_peer(o, o->reference))
        error = check_strategy(o, o->reference);
    for (unsigned i = 0; !error && i < o->strategy_count; i++)
        error = check_strategy(o, o->strategies[i]);
    for (unsigned i = 0; !error && i < o->set_count; i++)
        error = sets_read(o->sets[i], o->families, why_not(o, so), add_variant, o);
    return error;
}

int options_try_outputs(const struct run_options *o, const char *curve, const char *const *inputs,
                        size_t input_count)
{
    const struct output outputs[] = {
        { "json", o->json },       { "csv", o->csv },
        { "windows", o->windows }, { "benchmark_out", o->gb_out },
        { "curve", curve },        { NULL, NULL },
    };

    return output_try(outputs, inputs, input_count);
}

static int number(const char *option, const char *text, const char *unit, uint64_t high,
                  unsigned *out)
{
    uint64_t n = 0;
    int error = arguments_quantity(option, text, unit, 1, high, &n);

    *out = error ? *out : (unsigned)n;
    return error;
}

int options_shared(struct run_options *o, int option, const char *value)
{
    switch (option) {
    case OPT_OBJECT: return parse_object(o, value);
    case OPT_THREADS: return options_list(o, "threads", value, add_threads);
    case OPT_ALL: o->all = true; return 0;
    case OPT_EXHIBITS: o->exhibits = true; return 0;
    case OPT_REFERENCE: o->reference = value; return 0;
    case OPT_BUDGET: o->budget_given = true; return number("budget", value, "s", 86400, &o->budget_s);
    case OPT_BLOCKS: return number("blocks", value, "", 1000, &o->blocks);
    case OPT_WINDOW: return number("window", value, "ms", 10000, &o->window_ms);
    case OPT_SEED: return arguments_number("seed", value, 0, INT64_MAX, &o->seed);
    case OPT_JSON: o->json = value; return 0;
    case OPT_CSV: o->csv = value; return 0;
    case OPT_WINDOWS: o->windows = value; return 0;
    case OPT_COLOR: return parse_color(o, value);
    case OPT_SET: return add_set(o, value);
    case OPT_NO_FLOORS: o->no_floors = true; return 0;
    case 'q': o->quiet = true; return 0;
    default: return -EINVAL; /* after a message of arguments_next() */
    }
}
