/* run.c - `contend run`: options, plan, trial. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/shortage.h"
#include "bench/base/text.h"
#include "bench/measure/launch.h"
#include "bench/peers/peers.h"
#include "bench/report/results.h"
#include "bench/report/trial.h"
#include "bench/tool/commands.h"
#include "bench/tool/options.h"
#include "bench/tool/run_stores.h"

/* The property that a workload needs for an option to have an effect. */
static bool has_users(const struct workload *w)
{
    return w->keys == KEYS_USERS;
}

static bool has_posts(const struct workload *w)
{
    return w->keys == KEYS_POSTS;
}

static bool has_keys(const struct workload *w)
{
    return w->keys != KEYS_NONE;
}

static bool has_skew(const struct workload *w)
{
    return has_keys(w) && !w->fresh;
}

static bool has_ids(const struct workload *w)
{
    return w->sparse_ids;
}

static bool has_batches(const struct workload *w)
{
    return w->batch;
}

/* Refuses an option that has no effect on any cell of the plan.  0 or -EINVAL. */
static int check_used(const struct plan *p, const struct run_options *o)
{
    const struct {
        bool given;
        bool (*heeds)(const struct workload *w);
        const char *option, *why;
    } checks[] = {
        { o->user_count > 0, has_users, "users", "users" },
        { o->post_count > 0, has_posts, "posts", "many posts" },
        { o->skew_given, has_skew, "skew", "users who come again, or many posts" },
        { o->disjoint, has_keys, "disjoint", "users or many posts" },
        { o->ids != IDS_DENSE, has_ids, "ids", "a map of users" },
        { o->batch > 0, has_batches, "batch", "batches" },
    };

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        bool used = !checks[i].given;
        for (unsigned c = 0; c < p->count && !used; c++)
            used = checks[i].heeds(p->cells[c].cell.workload);
        if (!used)
            return arguments_error("--%s would be ignored: no workload that was asked for has %s",
                                   checks[i].option, checks[i].why);
    }
    bool any = !o->peers;
    for (unsigned c = 0; c < p->count && !any; c++)
        any = peers_at(p->cells[c].cell.workload->family, 0) != NULL;
    if (!any)
        return arguments_error("--peers would be ignored: this build has none for what is compared%s%s",
                               peers_missing->name ? "; " : "",
                               peers_missing->name ? peers_missing->why : "");
    if (o->all && o->workload_count && o->strategy_count)
        return arguments_error("--all would be ignored: workloads and strategies are named");
    return 0;
}

/* ---- launches ---- */

/* The child's command line: ours behind the seed, which may have been chosen by the clock. */
static char **child_arguments(int argc, char **argv, char *seed)
{
    static char tool[] = "contend", command[] = RUN_WINDOWS;
    char **child = calloc((size_t)argc + 3, sizeof *child);

    if (!child)
        return NULL;
    child[0] = tool;
    child[1] = command;
    child[2] = seed;
    memcpy(child + 3, argv + 1, ((size_t)argc - 1) * sizeof *child);
    return child;
}

static json_t *describe(void *ctx)
{
    return results_launches(ctx);
}

/* What is missing from the intervals of blocks that share a process. */
static bool caveats(FILE *out, bool blocks, void *ctx)
{
    char sentence[LAUNCH_CAVEAT];
    bool shared = launcher_shared(ctx, sentence) && blocks;

    if (shared && out)
        text_wrapped(out, sentence, 2, 76);
    return shared;
}

static const struct window_engine windows = { .run = window_run };

static int try_plan(const struct plan *plan, const struct run_options *o, int argc, char **argv)
{
    struct launcher l;
    struct trial_kind kind = { .caveats = caveats, .describe = describe, .member = "launches",
                               .tails = true, .ctx = &l };
    char seed[40];

    snprintf(seed, sizeof seed, "--seed=%" PRIu64, o->seed);
    char **child = child_arguments(argc, argv, seed);
    if (!child) {
        shortage_fail(-ENOMEM);
        return 1;
    }
    launcher_begin(&l, plan, &windows, child);
    kind.engine = o->one_process ? windows : l.engine;
    int status = trial_run(plan, o, &kind);
    launcher_end(&l);
    free(child);
    return status;
}

int command_run_windows(int argc, char **argv)
{
    struct run_options o;
    struct plan plan = { 0 };
    int error = options_parse(&o, argc, argv);

    if (error == 0)
        error = plan_make(&plan, &o);
    if (error == 0)
        error = launch_serve(&plan, &windows, LAUNCH_FD);
    plan_free(&plan);
    free(o.gb.argv);
    return error ? 1 : 0;
}

int command_run(int argc, char **argv)
{
    struct run_options o;
    struct plan plan = { 0 };
    int status = 0, given = argc;
    char **kept = calloc((size_t)argc + 1, sizeof *kept); /* reading them changes their order */

    if (!kept) {
        shortage_fail(-ENOMEM);
        return 1;
    }
    memcpy(kept, argv, (size_t)argc * sizeof *kept);
    int error = options_parse(&o, argc, argv);

    if (error == 0)
        error = plan_make(&plan, &o);
    if (error == 0)
        error = check_used(&plan, &o);
    if (error == 0 && !o.list_only)
        error = options_try_outputs(&o, NULL, NULL, 0);
    if (error < 0)
        status = error == -EINVAL ? 2 : 1;
    else if (error == 0 && o.list_only)
        plan_list(&plan, stdout);
    else if (error == 0 && o.stores)
        status = run_stores(&plan, &o);
    else if (error == 0)
        status = try_plan(&plan, &o, given, kept);
    plan_free(&plan);
    free(o.gb.argv);
    free(kept);
    return status;
}
