/* plan.c - the default selection, and what the options make of it. */
#include "bench/measure/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <regex.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/entries.h"

/*
 * The default selection: few enough for three minutes, one of each kind.  Names
 * that this build lacks are passed over.
 */
static const char *const default_counters[] = { "mutex", "ttas", "mcs", "futex", "semaphore",
                                                "cas", "faa", "striped", "per_thread", "rcu",
                                                NULL };
static const char *const default_maps[] = { "mutex", "rwlock", "striped_mutex", "striped_rwlock",
                                            "semaphore", "packed", "urcu_lfht", "ck_ht", "direct",
                                            NULL };
/* For large maps and the other costly cells. */
static const char *const few_counters[] = { "mutex", "ttas", "mcs", "faa", "per_thread", NULL };
static const char *const few_maps[] = { "mutex", "striped_mutex", "packed", "urcu_lfht", NULL };

enum { BLOCKS = 20, FEW_BLOCKS = 8 };

struct planner {
    struct plan *plan;
    const struct run_options *options;
    unsigned cpus;
    bool has_filter, negate;
    regex_t filter;
};

const char *plan_cell_name(const struct cell *c, char buffer[PLAN_NAME])
{
    size_t n = (size_t)snprintf(buffer, PLAN_NAME, "%s/%s", object_name(c->workload->object),
                                c->workload->name);

    if (c->workload->object == OBJECT_PRESENCE)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/users:%" PRIu64, c->users);
    if (c->workload->many)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/posts:%" PRIu64, c->posts);
    if (c->skew != SKEW_UNIFORM)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/%s", skew_name(c->skew));
    if (c->disjoint)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/disjoint");
    if (c->readers)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/readers:%u", c->readers);
    snprintf(buffer + n, PLAN_NAME - n, "/threads:%u", c->threads);
    return buffer;
}

const char *plan_name(const struct plan_cell *c, unsigned contestant, char buffer[PLAN_NAME])
{
    char name[64];
    size_t n;

    plan_cell_name(&c->cell, buffer);
    n = strlen(buffer);
    snprintf(buffer + n, PLAN_NAME - n, "/%s",
             contestant_name(&c->contestants[contestant], name, sizeof name));
    return buffer;
}

static bool listed(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static bool named(const struct run_options *o, const struct contestant *c)
{
    enum entry_rooms room = c->object == OBJECT_COUNTER ? ROOM_COUNTERS : ROOM_MAPS;

    for (unsigned i = 0; i < o->strategy_count; i++)
        if (entry_means(o->strategies[i], room, contestant_identity(c)->name))
            return true;
    return false;
}

/* Whether the options want this strategy in a cell whose selection is `names`. */
static bool wanted(const struct planner *p, const struct contestant *c, const char *const *names)
{
    const struct run_options *o = p->options;
    const struct contend_identity *id = contestant_identity(c);

    if (id->flags & CONTEND_FLOOR)
        return true; /* the floor belongs to every table */
    if (named(o, c))
        return true;
    if (id->flags & CONTEND_EXHIBIT)
        return o->exhibits;
    return o->strategy_count == 0 && (o->all || listed(names, id->name));
}

static bool passes_filter(const struct planner *p, const struct plan_cell *c, unsigned contestant)
{
    char name[PLAN_NAME];

    if (!p->has_filter)
        return true;
    return (regexec(&p->filter, plan_name(c, contestant, name), 0, NULL, 0) == 0) != p->negate;
}

static int add_contestant(const struct planner *p, struct plan_cell *c, struct contestant who)
{
    struct contestant *more = realloc(c->contestants, (c->count + 1) * sizeof *more);

    if (!more)
        return -ENOMEM;
    c->contestants = more;
    c->contestants[c->count] = who;
    if (passes_filter(p, c, c->count))
        c->count++;
    return 0;
}

static int choose_contestants(const struct planner *p, struct plan_cell *c,
                              const char *const *names)
{
    enum object_kind object = c->cell.workload->object;
    struct contestant reference = contestant_find(object, p->options->reference);
    int error = 0;

    if (contestant_exists(&reference)) {
        error = add_contestant(p, c, reference);
        reference.again = true;
        if (!error)
            error = add_contestant(p, c, reference);
    }
    for (size_t i = 0; !error; i++) {
        struct contestant who = contestant_at(object, i);
        if (!contestant_exists(&who))
            break;
        if (wanted(p, &who, names) &&
            strcmp(contestant_identity(&who)->name, p->options->reference) != 0)
            error = add_contestant(p, c, who);
    }
    return error;
}

/* Strategies were named, and this object has none of them. */
static bool off_topic(const struct planner *p, const struct plan_cell *c)
{
    const struct run_options *o = p->options;

    for (size_t i = 0;; i++) {
        struct contestant who = contestant_at(c->cell.workload->object, i);
        if (!contestant_exists(&who))
            return o->strategy_count > 0;
        if (named(o, &who))
            return false;
    }
}

/* Adds a cell unless the options or the filter leave nobody in it. */
static int add_cell(struct planner *p, const struct cell *cell, bool few)
{
    bool counter = cell->workload->object == OBJECT_COUNTER;
    const struct run_options *o = p->options;
    struct plan *plan = p->plan;
    struct plan_cell c = {
        .cell = *cell,
        .blocks = o->blocks ? o->blocks : few ? FEW_BLOCKS : BLOCKS,
    };

    if ((counter ? !o->counters : !o->presence) || off_topic(p, &c))
        return 0;
    int error = choose_contestants(p, &c,
                                   few ? (counter ? few_counters : few_maps)
                                       : (counter ? default_counters : default_maps));
    struct plan_cell *more =
        error || !c.count ? NULL : realloc(plan->cells, (plan->count + 1) * sizeof *more);
    if (!more) {
        free(c.contestants);
        return error ? error : c.count ? -ENOMEM : 0;
    }
    plan->cells = more;
    plan->cells[plan->count++] = c;
    return 0;
}

/* The cell of a workload by name, with the options' keys. */
static int add_named(struct planner *p, const char *workload, uint64_t size, unsigned threads,
                     bool few)
{
    const struct workload *w = workload_find(workload);
    bool counter = w->object == OBJECT_COUNTER, one_post = counter && !w->many;
    const struct run_options *o = p->options;
    struct cell cell = {
        .workload = w, .users = counter ? 1 : size, .posts = !counter ? 0 : one_post ? 1 : size,
        .threads = threads, .readers = o->readers,
        .skew = one_post                    ? SKEW_UNIFORM
                : w->many && !o->skew_given ? SKEW_ZIPF
                                            : o->skew,
        .disjoint = !one_post && o->disjoint,
    };

    return threads > o->readers ? add_cell(p, &cell, few) : 0; /* somebody must write */
}

/* The sizes and thread counts asked for, or the given defaults. */
static int add_grid(struct planner *p, const struct workload *w, uint64_t users)
{
    const struct run_options *o = p->options;
    /* With readers there must be a writer beside them. */
    unsigned standard[2] = { 1, p->cpus > o->readers ? p->cpus : o->readers + 1 };
    const unsigned *threads = o->thread_count ? o->threads : standard;
    unsigned thread_count = o->thread_count ? o->thread_count : standard[1] > 1 ? 2 : 1;
    const uint64_t million = 1000000;
    const uint64_t *sizes = w->many ? &million : &users;
    unsigned size_count = 1;
    int error = 0;

    if (w->many && o->post_count)
        sizes = o->posts, size_count = o->post_count;
    else if (w->object == OBJECT_PRESENCE && o->user_count)
        sizes = o->users, size_count = o->user_count;
    for (unsigned s = 0; s < size_count; s++)
        for (unsigned t = 0; t < thread_count && !error; t++)
            error = add_named(p, w->name, sizes[s], threads[t], false);
    return error;
}

static int plan_default(struct planner *p)
{
    unsigned two = p->cpus < 2 ? 1 : 2;
    int error = 0;

    for (unsigned t = 1; t <= two && !error; t++) {
        error = add_named(p, "claps", 1, t, false);
        if (!error)
            error = add_named(p, "claps_99_1", 1, t, false);
        if (!error)
            error = add_named(p, "heartbeats", 100000, t, false);
        if (!error)
            error = add_named(p, "online_90_10", 100000, t, false);
    }
    if (!error)
        error = add_named(p, "claps", 1, 4 * p->cpus, true);
    if (!error)
        error = add_named(p, "churn_sweep", 100000, two, true);
    if (!error)
        error = add_named(p, "online_90_10", 1000000, two, true);
    if (!error)
        error = add_named(p, "claps_posts", 1000000, two, true);
    return error;
}

static int plan_all(struct planner *p)
{
    static const uint64_t sizes[] = { 1000, 100000, 1000000 };
    int error = 0;

    for (const struct workload *w = workloads; w->name && !error; w++)
        for (unsigned s = 0; s < (w->object == OBJECT_COUNTER && !w->many ? 1 : 3) && !error; s++) {
            if (p->options->user_count || p->options->thread_count) {
                error = s == 0 ? add_grid(p, w, 100000) : 0;
                continue;
            }
            error = add_grid(p, w, sizes[s]);
            if (!error)
                error = add_named(p, w->name, sizes[s], 4 * p->cpus, false);
        }
    return error;
}

/* Workloads, sizes or threads were named: exactly those. */
static int plan_named(struct planner *p)
{
    static const char *const standard[] = { "claps", "claps_99_1", "heartbeats", "online_90_10" };
    const struct run_options *o = p->options;
    int error = 0;

    /* Sizes of posts alone ask for the workloads that have some. */
    if (o->workload_count == 0 && (!o->post_count || o->user_count))
        for (unsigned i = 0; i < 4 && !error; i++)
            error = add_grid(p, workload_find(standard[i]), 100000);
    for (const struct workload *w = workloads; w->name && !o->workload_count && o->post_count; w++)
        if (w->many && !error)
            error = add_grid(p, w, 1);
    for (unsigned i = 0; i < o->workload_count && !error; i++)
        error = add_grid(p, o->workloads[i], 100000);
    return error;
}

static int compile_filter(struct planner *p)
{
    const char *pattern = p->options->filter;
    char message[128];

    if (!pattern)
        return 0;
    p->negate = pattern[0] == '-';
    int error = regcomp(&p->filter, pattern + p->negate, REG_EXTENDED | REG_NOSUB);
    if (error) {
        regerror(error, &p->filter, message, sizeof message);
        return arguments_error("--benchmark_filter=%s: %s", pattern, message);
    }
    p->has_filter = true;
    return 0;
}

/* What a window costs beside its length: warm-up, threads, filling, looking everybody up. */
static double window_seconds(const struct cell *c, const struct run_options *o)
{
    return o->window_ms * 1.15e-3 + 3e-3 + (double)cell_keys(c) * 1.6e-7;
}

void plan_guess(struct plan *plan, const struct run_options *o)
{
    plan->blocks = plan->windows = 0;
    plan->seconds = 0;
    for (unsigned i = 0; i < plan->count; i++) {
        const struct plan_cell *c = &plan->cells[i];
        plan->blocks = c->blocks > plan->blocks ? c->blocks : plan->blocks;
        plan->windows += c->blocks * c->count;
        plan->seconds += c->blocks * (c->count * window_seconds(&c->cell, o) + 1e-3);
    }
}

/* What `fill` puts into the plan, with the filter applied and the time guessed. */
static int make(struct plan *plan, const struct run_options *o,
                int (*fill)(struct planner *p, const void *what), const void *what)
{
    struct planner p = { .plan = plan, .options = o };
    cpu_set_t allowed;
    int error;

    *plan = (struct plan){ 0 };
    p.cpus = 1;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        p.cpus = (unsigned)CPU_COUNT(&allowed);
    if (p.cpus > 16)
        p.cpus = 16; /* four times as many must still be threads that a window can hold */
    error = compile_filter(&p);
    if (error)
        return error;
    error = fill(&p, what);
    if (p.has_filter)
        regfree(&p.filter);
    if (!error && plan->count == 0) {
        error = arguments_error("nothing is left to measure: %s",
                                o->filter ? "the filter matches no case; see --benchmark_list_tests"
                                          : "no workload fits the object or the strategies that "
                                            "were asked for");
    }
    if (error)
        plan_free(plan);
    else
        plan_guess(plan, o);
    return error;
}

static int fill_by_options(struct planner *p, const void *unused)
{
    const struct run_options *o = p->options;

    (void)unused;
    if (o->all && !o->workload_count)
        return plan_all(p);
    if (o->workload_count || o->user_count || o->post_count || o->thread_count ||
             o->readers || o->strategy_count)
        return plan_named(p);
    return plan_default(p);
}

int plan_make(struct plan *plan, const struct run_options *o)
{
    return make(plan, o, fill_by_options, NULL);
}

struct cell_list {
    const struct cell *cells;
    unsigned count;
};

static int fill_with_cells(struct planner *p, const void *what)
{
    const struct cell_list *list = what;
    int error = 0;

    for (unsigned i = 0; i < list->count && !error; i++)
        error = add_cell(p, &list->cells[i], false);
    return error;
}

int plan_of_cells(struct plan *plan, const struct run_options *o, const struct cell *cells,
                  unsigned count)
{
    struct cell_list list = { cells, count };

    return make(plan, o, fill_with_cells, &list);
}

void plan_free(struct plan *p)
{
    for (unsigned i = 0; i < p->count; i++)
        free(p->cells[i].contestants);
    free(p->cells);
    *p = (struct plan){ 0 };
}

void plan_list(const struct plan *p, FILE *out)
{
    char name[PLAN_NAME];

    for (unsigned i = 0; i < p->count; i++)
        for (unsigned k = 0; k < p->cells[i].count; k++)
            fprintf(out, "%s\n", plan_name(&p->cells[i], k, name));
}
