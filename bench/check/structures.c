/* structures.c - see structures.h: scenario after scenario, and the shortest that fails. */
#include "bench/check/structures.h"

#include <string.h>

#include "bench/check/alive.h"
#include "bench/check/covered.h"

enum { SCENARIOS = 40, NAME = PLAN_TEXT + 128 };

struct explored {
    uint64_t executions, races;
    unsigned scenarios;
    double seconds;
    bool failed, interrupted;
    bool stopped; /* by most_seconds */
    struct covered_sum covered;
};

static bool came(const struct session *s)
{
    return s->interrupted && s->interrupted();
}

static void name_plan(const struct plan *p, char name[NAME])
{
    char text[PLAN_TEXT];

    plan_print(p, text);
    snprintf(name, NAME, "%s:%s", p->structure->name, text);
}

static struct check_result run_plan(struct plan *p, const struct check_options *o)
{
    char name[NAME];

    p->weak = o->mode == CHECK_WEAK;
    name_plan(p, name);
    struct check_test test = plan_test(p, name);
    return check_run(&test, o);
}

/* ---- minimising ---- */

static bool take_away(struct plan_part *p, unsigned i)
{
    if (i >= p->count)
        return false;
    memmove(&p->calls[i], &p->calls[i + 1], (--p->count - i) * sizeof *p->calls);
    return true;
}

/* The plan without its n-th call; false if it has no such call, or needs it. */
static bool without(const struct plan *p, unsigned n, struct plan *out)
{
    *out = *p;
    if (n < PLAN_BEFORE)
        return take_away(&out->before, n);
    unsigned t = (n - PLAN_BEFORE) / CHECK_STRUCTURE_LENGTH;
    if (t >= out->thread_count || !take_away(&out->threads[t], (n - PLAN_BEFORE) % CHECK_STRUCTURE_LENGTH))
        return false;
    if (out->threads[t].count == 0) {
        if (out->thread_count == 2)
            return false;
        out->thread_count--;
        memmove(&out->threads[t], &out->threads[t + 1], (out->thread_count - t) * sizeof *out->threads);
    }
    return true;
}

/* Whether the shorter plan fails in the same way, and how. */
static bool fails_too(struct plan *p, const struct check_options *found, enum check_verdict verdict,
                      struct check_options *how, struct check_result *r)
{
    const struct check_options tries[] = {
        { .mode = found->mode, .strategy = CHECK_DEPTH_FIRST, .bound = 2, .shallow = true,
          .executions = 20000 },
        { .mode = found->mode, .strategy = CHECK_RANDOM, .executions = 5000 },
    };

    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        *how = tries[i];
        how->reuse = found->reuse;
        how->past_races = found->past_races;
        how->malloc_fails = found->malloc_fails;
        how->seed = found->seed;
        *r = run_plan(p, how);
        if (r->verdict == verdict)
            return true;
    }
    return false;
}

/* Drops one call after the other for as long as the verdict stays. */
static void shorten(struct plan *p, struct check_options *o, struct check_result *r)
{
    struct check_options how;
    struct check_result found;
    struct plan shorter;

    for (unsigned n = 0; n < PLAN_CALLS; n++)
        if (without(p, n, &shorter) && fails_too(&shorter, o, r->verdict, &how, &found)) {
            *p = shorter;
            *o = how;
            *r = found;
            n = UINT32_MAX; /* from the beginning */
        }
}

static void print_failure(struct plan *p, struct check_options *o, struct check_result *r,
                          struct session *s)
{
    char name[NAME];

    shorten(p, o, r);
    p->weak = o->mode == CHECK_WEAK;
    name_plan(p, name);
    struct check_test test = plan_test(p, name);
    session_failure(s, &test, o, r);
}

/* ---- exploring ---- */

/* False if something was found, or it was interrupted. */
static bool explore(struct plan *p, uint64_t executions, double left, struct session *s,
                    struct explored *e)
{
    struct covered c = { .within = { 0 } };

    e->scenarios++;
    for (unsigned w = 0; w < SESSION_WAYS; w++) {
        struct check_options o = session_ways[w];
        if (s->mode >= 0 && s->mode != (int)o.mode)
            continue;
        if (s->bound && o.bound)
            o.bound = s->bound;
        o.executions = executions;
        o.seconds = s->most_seconds > 0 ? session_share(s, e->seconds, SESSION_WAYS - w)
                                      : left / SESSION_WAYS;
        o.seed = s->seed;
        o.past_races = s->past_races;
        o.malloc_fails = s->malloc_fails;
        o.interrupted = s->interrupted;
        struct check_result r = run_plan(p, &o);
        e->executions += r.executions;
        e->races += r.races;
        e->seconds += r.seconds;
        e->interrupted = came(s);
        e->stopped |= r.out_of_time && s->most_seconds > 0;
        covered_learn(&c, &o, &r);
        e->failed = r.verdict != CHECK_PASSED;
        if (e->failed)
            print_failure(p, &o, &r, s);
        if (e->failed || e->interrupted)
            return false;
    }
    covered_add(&e->covered, &c);
    return true;
}

static void explore_all(const struct check_structure *structure, struct session *s, struct explored *e)
{
    uint64_t executions = s->budget ? s->budget : STRUCTURES_BUDGET;
    struct plan p;

    for (unsigned round = 0; round == 0 || e->seconds < s->seconds; round++, executions *= 2)
        for (unsigned i = 0; i < SCENARIOS; i++) {
            double left = s->seconds > 0 ? s->seconds - e->seconds : 0;
            e->stopped |= s->most_seconds > 0 && e->seconds >= s->most_seconds;
            if ((s->seconds > 0 && left <= 0) || e->stopped)
                return;
            plan_generate(&p, structure, round ? SCENARIOS * round + i : i, s->seed);
            if (!explore(&p, executions, left, s, e))
                return;
        }
}

/* A part of the time is left for the progress of operations. */
static void explore_in_time(const struct check_structure *structure, struct session *s, struct explored *e)
{
    static const double part = 0.8;
    double seconds = s->seconds, most_seconds = s->most_seconds;

    s->seconds *= part;
    s->most_seconds *= part;
    explore_all(structure, s, e);
    s->seconds = seconds;
    s->most_seconds = most_seconds;
}

static bool usable(const struct check_structure *s)
{
    bool fine = s->name && s->make && s->operations && plan_kinds(s) > 0 && s->model_size > 0 &&
                s->model_size <= CHECK_MODEL_SIZE;

    for (unsigned i = 0; fine && i < plan_kinds(s); i++) {
        const struct check_operation *o = &s->operations[i];
        fine = o->call && o->model && o->least <= o->most && o->most - o->least < UINT32_MAX;
    }
    if (!fine)
        fprintf(stderr, "%s: needs make(), a model of 1 to 4096 bytes and operations, each with call(), model() "
                "and least <= most\n", s->name ? s->name : "a structure without a name");
    return fine;
}

static int run_one(const struct check_structure *structure, const char *scenario, struct session *s);

/* Data races that lead to nothing are the failure themselves. */
static int show_race(const struct check_structure *structure, const char *scenario, struct session *s)
{
    struct session races = *s;

    printf("%s: nothing but data races; the first one:\n", structure->name);
    races.past_races = false;
    int status = run_one(structure, scenario, &races);
    s->paged = races.paged;
    return status;
}

static int run_one(const struct check_structure *structure, const char *scenario, struct session *s)
{
    struct explored e = { .executions = 0 };
    char why[256];
    struct plan p;

    if (!usable(structure))
        return 2;
    if (scenario && !plan_parse(&p, structure, scenario, false, why, sizeof why)) {
        fprintf(stderr, "--scenario=%s: %s\n", scenario, why);
        return 2;
    }
    session_budget_default(s, STRUCTURES_BUDGET);
    if (scenario)
        explore(&p, s->budget ? s->budget : STRUCTURES_BUDGET, s->seconds, s, &e);
    else
        explore_in_time(structure, s, &e);
    if (e.failed)
        return 1;
    printf("%s: linearizable in %u scenario%s, %llu executions, %.0f/s%s", structure->name,
           e.scenarios, e.scenarios == 1 ? "" : "s", (unsigned long long)e.executions,
           e.seconds > 0 ? (double)e.executions / e.seconds : 0, e.interrupted ? "; interrupted" : "");
    session_print_stopped(e.stopped && !e.interrupted, e.seconds);
    putchar('\n');
    covered_print_sum(&e.covered, s->mode);
    if (e.interrupted)
        return 130;
    if (!scenario && !structure_progress(structure, s, e.seconds, &e.races))
        return 1;
    return e.races ? show_race(structure, scenario, s) : 0;
}

int structures_run(const struct check_structure *const *list, const char *scenario, struct session *s)
{
    int worst = 0;

    for (; *list && !came(s); list++) {
        alive_begin((*list)->name);
        int status = run_one(*list, scenario, s);
        alive_begin(NULL);
        worst = status > worst ? status : worst;
    }
    if (worst == 0)
        session_caveat();
    return came(s) ? 130 : worst;
}

/* ---- replaying ---- */

int structures_replay(const struct check_structure *const *list, const char *text, struct session *s)
{
    char name[NAME], why[256] = "no structure of this program has this name";
    const char *at = strchr(text, '@'), *colon = strchr(text, ':');
    struct plan p;

    for (; at && colon && colon < at && at - text < NAME && *list; list++) {
        if (strlen((*list)->name) != (size_t)(colon - text) ||
            strncmp((*list)->name, text, (size_t)(colon - text)) != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(at - text), text);
        bool held_up = strstr(at, "+stop") || strstr(at, "+starve");
        if (!plan_parse(&p, *list, strchr(name, ':') + 1, held_up, why, sizeof why))
            break;
        p.weak = strncmp(at, "@weak", 5) == 0;
        struct check_test test = plan_test(&p, name);
        const struct check_test *const tests[] = { &test, NULL };
        return session_replay(tests, text, s);
    }
    fprintf(stderr, "--replay=%s: STRUCTURE:SCENARIO@MODE@REUSE@CHOICES (%s)\n", text, why);
    return 2;
}
