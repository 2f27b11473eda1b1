/* run.c - `contend run`: options, plan, trial. */
#include <errno.h>
#include <stdlib.h>

#include "bench/base/arguments.h"
#include "bench/peers/peers.h"
#include "bench/report/trial.h"
#include "bench/tool/commands.h"
#include "bench/tool/options.h"

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

int command_run(int argc, char **argv)
{
    static const struct trial_kind kind = { .engine = { .run = window_run } };
    struct run_options o;
    struct plan plan = { 0 };
    int status = 0;
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
    else if (error == 0)
        status = trial_run(&plan, &o, &kind);
    plan_free(&plan);
    free(o.gb.argv);
    return status;
}
