/*
 * command_line.c - the command lines of all commands, cut at blanks.
 *
 * Nothing is carried out: what was accepted must lie within the limits that the help
 * names, and `run` must be able to plan it.
 */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/entries.h"
#include "bench/measure/plan.h"
#include "bench/replay/replay.h"
#include "bench/tool/command_lines.h"
#include "bench/tool/options.h"
#include "bench/tool/replay_options.h"
#include "bench/engine/window.h"
#include "bench/tool/serve_options.h"
#include "tests/fuzz/fuzz.h"
#ifdef CONTEND_HAS_CHECK
#include "bench/tool/check_request.h"
#endif

/* Whether a strategy of a family that was asked for is meant, with its folder or without. */
static bool means_one(const struct run_options *o, const char *text)
{
    struct entry e;

    for (size_t i = 0; entry_at(i, &e); i++)
        if (family_bit(e.family) & o->families && entry_means(text, e.family, e.id->name))
            return true;
    return false;
}

static void check_shared(const struct run_options *o)
{
    FUZZ_CHECK(o->families && (o->families & ~(unsigned)FAMILY_ALL) == 0);
    FUZZ_CHECK(o->strategy_count <= OPTION_STRATEGIES && o->thread_count <= OPTION_LIST);
    FUZZ_CHECK(o->workload_count <= OPTION_LIST && o->user_count <= OPTION_LIST &&
               o->post_count <= OPTION_LIST);
    for (unsigned i = 0; i < o->strategy_count; i++)
        FUZZ_CHECK(means_one(o, o->strategies[i]));
    FUZZ_CHECK(o->set_count <= OPTION_LIST && o->variant_count <= OPTION_VARIANTS);
    for (unsigned i = 0; i < o->variant_count; i++) {
        const struct variant *v = &o->variants[i];
        const struct contend_option *option =
            contend_option_find(v->family->identity(v->ops)->options, v->setting.name);
        FUZZ_CHECK(family_bit(v->family) & o->families && option);
        FUZZ_CHECK(v->setting.value >= option->least && v->setting.value <= option->greatest);
    }
    for (unsigned i = 0; i < o->thread_count; i++)
        FUZZ_CHECK(o->threads[i] > o->readers && o->threads[i] <= WINDOW_MAX_THREADS);
    for (unsigned i = 0; i < o->user_count; i++)
        FUZZ_CHECK(o->users[i] >= 1 && o->users[i] <= 100000000);
    for (unsigned i = 0; i < o->post_count; i++)
        FUZZ_CHECK(o->posts[i] >= 1 && o->posts[i] <= 100000000);
    FUZZ_CHECK(o->blocks <= 1000 && o->window_ms <= 10000);
    FUZZ_CHECK(o->budget_s >= 1 && o->budget_s <= 86400 && o->seed <= INT64_MAX);
}

static void check_plan(const struct plan *p)
{
    uint64_t windows = 0;

    FUZZ_CHECK(p->count > 0 && isfinite(p->seconds) && p->seconds > 0);
    for (unsigned i = 0; i < p->count; i++) {
        const struct plan_cell *c = &p->cells[i];
        char name[PLAN_NAME];
        FUZZ_CHECK(c->count > 0 && c->blocks > 0 && c->blocks <= p->blocks);
        FUZZ_CHECK(c->cell.threads > c->cell.readers && c->cell.threads <= WINDOW_MAX_THREADS);
        for (unsigned k = 0; k < c->count; k++)
            FUZZ_CHECK(strlen(plan_name(c, k, name)) < PLAN_NAME - 1); /* not cut */
        windows += (uint64_t)c->blocks * c->count;
    }
    FUZZ_CHECK(windows == p->windows);
}

/* Expressions with braces or groups may take libc very long; they are the user's own. */
static int is_cheap_filter(const char *filter)
{
    return !filter || (strlen(filter) < 20 && !strpbrk(filter, "{(*+"));
}

static int take_run(int argc, char **argv)
{
    struct run_options o;
    struct plan plan;
    int result = options_parse(&o, argc, argv);

    if (result == 0) {
        FUZZ_CHECK(o.window_ms >= 1);
        check_shared(&o);
        if (is_cheap_filter(o.filter)) {
            int error = plan_make(&plan, &o);
            FUZZ_CHECK(error == 0 || error == -EINVAL);
            if (!error) {
                check_plan(&plan);
                plan_list(&plan, stdout);
                plan_free(&plan);
            }
        }
    }
    free(o.gb.argv);
    return result;
}

static int take_replay(int argc, char **argv)
{
    struct replay_options o;
    int result = replay_options_parse(&o, argc, argv);

    if (result == 0) {
        check_shared(&o.run);
        FUZZ_CHECK(o.file_count > 0 && o.files[0] && !o.files[o.file_count]);
        FUZZ_CHECK(o.scale >= 1 && o.scale <= 1000000 && o.repeat >= 1 && o.repeat <= 1000000);
        FUZZ_CHECK(o.ttl_ms >= 1000 && o.ttl_ms <= UINT64_C(31536000000));
        FUZZ_CHECK(o.speed == 0 || (o.speed >= 1e-3 && o.speed <= 1e9));
        FUZZ_CHECK(o.instants >= 1 && o.top <= REPLAY_TOP);
        FUZZ_CHECK(!o.parse.columns || (o.columns.time[0] && o.columns.user[0]));
    }
    replay_options_free(&o);
    return result;
}

static int take_compare(int argc, char **argv)
{
    struct compare_options o;
    int result = compare_parse(&o, argc, argv);

    FUZZ_CHECK(result || (o.a && o.b));
    return result;
}

static int take_costs(int argc, char **argv)
{
    struct costs_options o;
    int result = costs_parse(&o, argc, argv);

    FUZZ_CHECK(o.strategy_count <= COSTS_STRATEGIES);
    benchmark_flags_free(&o.flags);
    return result;
}

static int take_lift(int argc, char **argv)
{
    struct lift_options o;
    int result = lift_parse(&o, argc, argv);

    FUZZ_CHECK(result || (o.name && o.to));
    return result;
}

static int take_list(int argc, char **argv)
{
    struct list_options o;

    int result = list_parse(&o, argc, argv);

    for (char **n = o.names; result == 0 && *n; n++)
        FUZZ_CHECK(o.form == LIST_TABLES);
    return result;
}

static int take_serve(int argc, char **argv)
{
    static struct serve_line line;
    const struct serve_options *o = &line.serve;
    int result = serve_parse(&line, argc, argv);

    if (result != 0)
        return result;
    for (int part = 0; part < PARTS; part++)
        FUZZ_CHECK(o->plan.parts[part].strategy &&
                   o->plan.parts[part].settings.count <= SETTINGS_MOST);
    FUZZ_CHECK(o->port <= 65535 && o->plan.workers >= 1 && o->plan.workers <= 256);
    FUZZ_CHECK(o->plan.speed >= 1 && o->save_s >= 1 && o->save_s <= 86400);
    FUZZ_CHECK(o->plan.posts >= 2 && o->plan.posts <= 1000000 && o->plan.readers >= 1);
    FUZZ_CHECK(o->samples <= 1000000 && o->plan.retention_ms <= UINT64_C(31536000000));
    return result;
}

#ifdef CONTEND_HAS_CHECK
static int take_check(int argc, char **argv)
{
    struct check_request q;
    int result = check_parse(&q, argc, argv);

    if (result == 0 && !q.replay) {
        FUZZ_CHECK(q.copy && q.copy->level && q.all == !q.names[0]);
        FUZZ_CHECK(q.suite.executions <= 1000000000 && q.suite.seconds <= 1e9);
        FUZZ_CHECK(q.setting_count <= CHECK_SETTINGS);
        FUZZ_CHECK(q.suite.mode >= -1 && q.suite.mode <= CHECK_WEAK);
    }
    return result;
}
#endif

static const struct command {
    const char *name;
    int (*take)(int argc, char **argv);
} commands[] = {
    { "run", take_run },     { "replay", take_replay }, { "compare", take_compare },
    { "costs", take_costs }, { "lift", take_lift },     { "list", take_list },
    { "serve", take_serve },
#ifdef CONTEND_HAS_CHECK
    { "check", take_check },
#endif
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size), *argv[FUZZ_WORDS + 1];
    int argc = fuzz_words(text, argv, 0);

    for (size_t i = 0; argc && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[0], commands[i].name) == 0) {
            fuzz_reset_getopt();
            int result = commands[i].take(argc, argv);
            FUZZ_CHECK(result == 0 || result == 1 || result == -EINVAL);
        }
    free(text);
    return 0;
}
