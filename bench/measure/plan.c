/* plan.c - the default selection, and what the options make of it. */
#include "bench/measure/plan.h"

#include <errno.h>
#include <regex.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/entries.h"
#include "bench/peers/peers.h"

enum { BLOCKS = 20 };

struct planner {
    struct plan *plan;
    const struct run_options *options;
    unsigned cpus;
    bool standard; /* the default comparison, which keeps to its budget by itself */
    bool has_filter, negate;
    regex_t filter;
};

static bool named(const struct run_options *o, const struct contestant *c)
{
    for (unsigned i = 0; i < o->strategy_count; i++)
        if (entry_means(o->strategies[i], c->family, contestant_identity(c)->name))
            return true;
    for (unsigned i = 0; i < o->variant_count; i++)
        if (o->variants[i].ops == c->ops)
            return true;
    return false;
}

/* Whether strategies were named, if only to set their options. */
static bool names_some(const struct run_options *o)
{
    return o->strategy_count || o->variant_count;
}

/*
 * With stores: all of them, and of the strategies in the process those that are not the same under
 * one more lock.
 */
static bool wanted_beside_stores(const struct run_options *o, const struct contestant *c)
{
    const struct contend_identity *id = contestant_identity(c);

    if (names_some(o) || (id->flags & CONTEND_EXHIBIT && !(o->exhibits && id->flags & CONTEND_REMOTE)))
        return false;
    return id->flags & CONTEND_REMOTE ||
           (c->family->shelf(c->ops) == CONTEND_CORE &&
            (!id->lock || strcmp(id->name, family_reference(c->family)) == 0));
}

/* Whether the options want this strategy. */
static bool wanted(const struct planner *p, const struct contestant *c)
{
    const struct run_options *o = p->options;
    const struct contend_identity *id = contestant_identity(c);

    if (id->flags & CONTEND_FLOOR)
        return true; /* the floor belongs to every table */
    if (named(o, c))
        return true;
    if (o->stores)
        return wanted_beside_stores(o, c);
    if (id->flags & CONTEND_EXHIBIT)
        return o->exhibits;
    return !names_some(o) && (o->all || c->family->shelf(c->ops) == CONTEND_CORE);
}

enum plan_missing plan_missing(const struct plan_cell *c, const struct run_options *o,
                               const void *ops)
{
    const struct contestant who = { .family = c->cell.workload->family, .ops = ops };
    const struct planner p = { .options = o };

    for (unsigned i = 0; i < c->count; i++)
        if (c->contestants[i].ops == ops)
            return PLAN_PRESENT;
    if (wanted(&p, &who))
        return PLAN_FILTERED;
    if (contestant_identity(&who)->flags & CONTEND_EXHIBIT)
        return PLAN_BROKEN;
    return names_some(o) ? PLAN_UNNAMED : PLAN_STUDY;
}

const char *plan_missing_word(enum plan_missing why)
{
    static const char *const words[] = {
        [PLAN_PRESENT] = "", [PLAN_STUDY] = "to be studied (--all)",
        [PLAN_BROKEN] = "broken on purpose (--exhibits)", [PLAN_UNNAMED] = "not named",
        [PLAN_FILTERED] = "filtered out",
    };

    return words[why];
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

/* The strategy's variants, which stand behind it. */
static int add_variants(const struct planner *p, struct plan_cell *c, const struct contestant *who)
{
    const struct run_options *o = p->options;
    struct contestant variant = *who;
    int error = 0;

    variant.again = false;
    for (unsigned i = 0; !error && i < o->variant_count; i++) {
        variant.variant = &o->variants[i];
        if (o->variants[i].ops == who->ops)
            error = add_contestant(p, c, variant);
    }
    return error;
}

const char *plan_reference(const struct run_options *o, const struct family *family)
{
    return o->reference ? o->reference : family_reference(family);
}

/* What ratios are taken to: a strategy, or, where peers are shown, one of them. */
static struct contestant find_reference(const struct planner *p, const struct family *family)
{
    const char *name = plan_reference(p->options, family);
    const void *peer = p->options->peers ? peers_find(family, name) : NULL;

    if (peer)
        return (struct contestant){ .family = family, .ops = peer, .peer = true };
    return contestant_find(family, name);
}

/* A store is no object for each of many posts, and by its own clock a log's times mean nothing. */
static bool fits(const struct planner *p, const struct plan_cell *c, const struct contestant *who)
{
    unsigned flags = contestant_identity(who)->flags;

    return !(flags & CONTEND_REMOTE && c->cell.workload->keys == KEYS_POSTS) &&
           !(flags & CONTEND_REAL_TIME && p->options->virtual_time);
}

/* Of the peers the one that was named, or each. */
static bool is_shown(const struct planner *p, const struct family *family, const void *ops)
{
    const char *only = p->options->peer;

    return !only || strcmp(family->identity(ops)->name, only) == 0;
}

static int choose_contestants(const struct planner *p, struct plan_cell *c)
{
    const struct family *family = c->cell.workload->family;
    struct contestant reference = find_reference(p, family);
    const void *first = reference.ops;
    int error = 0;

    if (contestant_exists(&reference)) {
        error = add_contestant(p, c, reference);
        reference.again = true;
        if (!error)
            error = add_contestant(p, c, reference);
        if (!error)
            error = add_variants(p, c, &reference);
        reference.again = false;
        reference.slowed = p->options->slow;
        if (!error && reference.slowed)
            error = add_contestant(p, c, reference);
    }
    for (size_t i = 0; !error; i++) {
        struct contestant who = contestant_at(family, i);
        if (!contestant_exists(&who))
            break;
        if (!wanted(p, &who) || who.ops == first || !fits(p, c, &who))
            continue;
        error = add_contestant(p, c, who);
        if (!error)
            error = add_variants(p, c, &who);
    }
    const void *ops;
    for (size_t i = 0; !error && p->options->peers && (ops = peers_at(family, i)) != NULL; i++)
        if (ops != first && is_shown(p, family, ops))
            error = add_contestant(p, c, (struct contestant){ .family = family, .ops = ops,
                                                              .peer = true });
    return error;
}

/* Strategies were named, and this family has none of them. */
static bool off_topic(const struct planner *p, const struct plan_cell *c)
{
    const struct run_options *o = p->options;

    for (size_t i = 0;; i++) {
        struct contestant who = contestant_at(c->cell.workload->family, i);
        if (!contestant_exists(&who))
            return names_some(o);
        if (named(o, &who))
            return false;
    }
}

/* Adds a cell unless the options or the filter leave it without contestants. */
static int add_cell(struct planner *p, const struct cell *cell, bool brief)
{
    const struct run_options *o = p->options;
    struct plan *plan = p->plan;
    struct plan_cell c = {
        .cell = *cell,
        .blocks = o->blocks ? o->blocks : brief ? PLAN_LEAST_BLOCKS : BLOCKS,
        .brief = brief,
    };

    if (!(o->families & family_bit(cell->workload->family)) || off_topic(p, &c))
        return 0;
    int error = choose_contestants(p, &c);
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

/* The cell of a workload of that size, with the options' keys. */
static int add_sized(struct planner *p, const struct workload *w, uint64_t size, unsigned threads,
                     bool brief)
{
    const struct run_options *o = p->options;
    bool users = w->keys == KEYS_USERS, posts = w->keys == KEYS_POSTS;
    struct cell cell = {
        .workload = w, .users = users ? size : 1, .posts = users ? 0 : posts ? size : 1,
        .threads = threads, .readers = o->readers,
        .skew = w->keys == KEYS_NONE        ? SKEW_UNIFORM
                : posts && !o->skew_given   ? SKEW_ZIPF
                                            : o->skew,
        .disjoint = w->keys != KEYS_NONE && o->disjoint,
        .ids = w->sparse_ids ? o->ids : IDS_DENSE, .batch = w->batch ? o->batch : 0,
    };

    return threads > o->readers ? add_cell(p, &cell, brief) : 0; /* at least one must write */
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
    const uint64_t *sizes = w->keys == KEYS_POSTS ? &million : &users;
    unsigned size_count = 1;
    int error = 0;

    if (w->keys == KEYS_POSTS && o->post_count)
        sizes = o->posts, size_count = o->post_count;
    else if (w->keys == KEYS_USERS && o->user_count)
        sizes = o->users, size_count = o->user_count;
    for (unsigned s = 0; s < size_count; s++)
        for (unsigned t = 0; t < thread_count && !error; t++)
            error = add_sized(p, w, sizes[s], threads[t], false);
    return error;
}

/* A place in the default comparison, with each number of threads that it names. */
static int add_standard(struct planner *p, const struct workload_standard *s)
{
    unsigned pair = p->cpus < 2 ? 1 : 2;
    bool brief = s->when & STANDARD_BRIEF;
    int error = 0;

    if (s->when & STANDARD_ALONE)
        error = add_sized(p, s->workload, s->size, 1, brief);
    if (!error && s->when & STANDARD_PAIR && !(s->when & STANDARD_ALONE && pair == 1))
        error = add_sized(p, s->workload, s->size, pair, brief);
    if (!error && s->when & STANDARD_CROWD)
        error = add_sized(p, s->workload, s->size, 4 * p->cpus, brief);
    return error;
}

static int plan_default(struct planner *p)
{
    int error = 0;

    p->standard = true;
    for (const struct family *const *f = families; *f; f++)
        for (const struct workload_standard *s = workload_standards(*f); s->workload && !error; s++)
            error = add_standard(p, s);
    return error;
}

static int plan_all(struct planner *p)
{
    static const uint64_t sizes[] = { 1000, 100000, 1000000 };
    const struct workload *w;
    int error = 0;

    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        for (unsigned s = 0; s < (w->keys == KEYS_NONE ? 1 : 3) && !error; s++) {
            if (p->options->user_count || p->options->thread_count) {
                error = s == 0 ? add_grid(p, w, 100000) : 0;
                continue;
            }
            error = add_grid(p, w, sizes[s]);
            if (!error)
                error = add_sized(p, w, sizes[s], 4 * p->cpus, false);
        }
    return error;
}

/* Workloads, sizes or threads were named: exactly those. */
static int plan_named(struct planner *p)
{
    const struct run_options *o = p->options;
    /* Sizes of posts alone ask for the workloads that have some. */
    bool only_posts = o->post_count && !o->user_count;
    const struct workload *w;
    int error = 0;

    for (unsigned i = 0; i < o->workload_count && !error; i++)
        error = add_grid(p, o->workloads[i], 100000);
    if (o->workload_count)
        return error;
    for (size_t i = 0; only_posts && (w = workload_at(i)) != NULL && !error; i++)
        if (w->keys == KEYS_POSTS)
            error = add_grid(p, w, 1);
    for (const struct family *const *f = families; *f && !only_posts; f++)
        for (const struct workload_standard *s = workload_standards(*f); s->workload && !error; s++)
            if (s->when & STANDARD_ALONE)
                error = add_grid(p, s->workload, 100000);
    return error;
}

/* The comparison with datastores: on two threads, and with few enough users for the slowest. */
static int plan_stores(struct planner *p)
{
    const struct run_options *o = p->options;
    const unsigned pair = p->cpus < 2 ? 1 : 2;
    const unsigned *threads = o->thread_count ? o->threads : &pair;
    const uint64_t users = WORKLOAD_STORE_USERS;
    int error = 0;

    for (unsigned t = 0; t < (o->thread_count ? o->thread_count : 1); t++) {
        for (unsigned i = 0; i < o->workload_count && !error; i++)
            error = add_sized(p, o->workloads[i], o->user_count ? o->users[0] : users, threads[t], true);
        for (const struct family *const *f = families; *f && !o->workload_count; f++)
            for (const struct workload_standard *s = workload_standards(*f); s->workload && !error; s++)
                if (s->when & STANDARD_STORES)
                    error = add_sized(p, s->workload, o->user_count ? o->users[0] : s->size, threads[t],
                                      true);
    }
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
    if (!error && p.standard && !o->blocks)
        plan_fit(plan, o);
    return error;
}

static int fill_by_options(struct planner *p, const void *unused)
{
    const struct run_options *o = p->options;

    (void)unused;
    if (o->stores)
        return plan_stores(p);
    if (o->all && !o->workload_count)
        return plan_all(p);
    if (o->workload_count || o->user_count || o->post_count || o->thread_count ||
             o->readers || names_some(o))
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
