/* end_to_end.c - the runs of `contend end-to-end`. */
#include "bench/serve/labs/end_to_end.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/shortage.h"
#include "bench/serve/labs/site.h"

const struct end_subject end_subjects[END_SUBJECTS] = {
    { "hello", END_HELLO, NULL, NULL, NULL },
    { "null", END_FLOOR, "null", "null", "null" },
    { "packed", END_IN_PROCESS, "packed", "cas", "striped" },
    { "mutex", END_IN_PROCESS, "mutex", "mutex", "mutex" },
    { "redis_zset", END_STORE, "redis_zset", "redis_lua", "redis_incr" },
    { "sqlite_atomic", END_STORE, "sqlite", "sqlite", "sqlite_atomic" },
};

const struct end_run *end_lab_find(const struct end_lab *l, const char *name)
{
    for (unsigned i = 0; i < END_SUBJECTS; i++)
        if (strcmp(end_subjects[i].name, name) == 0)
            return l->runs[i].done ? &l->runs[i] : NULL;
    return NULL;
}

static bool is_over(void *ctx)
{
    return experiment_is_over(ctx);
}

static struct load_plan plan_of(struct end_lab *l, const struct end_subject *s, unsigned port)
{
    return (struct load_plan){
        .port = port, .mix = s->kind == END_HELLO ? LOAD_HELLO : LOAD_SERVICE, .users = END_USERS,
        .posts = END_POSTS, .readers = END_READERS, .length_ns = l->options->window_ms * 1000000,
        .seed = l->options->base.seed, .is_over = is_over, .ctx = &l->e,
    };
}

static void add(struct end_run *out, const struct load_result *r)
{
    out->asked += r->asked;
    out->answered += r->answered;
    out->failed += r->failed;
    out->beats += r->beats;
}

/* As fast as answers come, and what the service says of it and the kernel of the service. */
static int run_closed(const struct load_plan *plan, const struct site *site, struct end_run *out)
{
    struct load_result *r = calloc(1, sizeof *r);
    bool hello = plan->mix == LOAD_HELLO;
    json_t *before = hello ? NULL : site_stats(site), *after;
    uint64_t cpu = site_cpu_ns(site);
    int error = r ? load_run(plan, r) : -ENOMEM;

    cpu = site_cpu_ns(site) - cpu;
    after = hello ? NULL : site_stats(site);
    if (!error && r->answered && r->seconds > 0) {
        add(out, r);
        out->per_s = (double)r->answered / r->seconds;
        out->cpu_ns = (double)cpu / (double)r->answered;
        out->strategy_ns = (double)(site_number(after, "strategy_ns") -
                                    site_number(before, "strategy_ns")) / (double)r->answered;
    }
    json_decref(before);
    json_decref(after);
    free(r);
    return error;
}

/* At half of that rate, as requests are due. */
static int run_open(struct load_plan plan, struct end_run *out)
{
    struct load_result *r = calloc(1, sizeof *r);
    int error;

    plan.per_s = out->rate = out->per_s / 2;
    plan.seed++;
    error = r ? load_run(&plan, r) : -ENOMEM;
    if (!error) {
        add(out, r);
        out->p50_ns = histogram_quantile(&r->response, 0.5);
        out->p99_ns = histogram_quantile(&r->response, 0.99);
        out->p999_ns = histogram_quantile(&r->response, 0.999);
    }
    free(r);
    return error;
}

static int start(const struct end_subject *s, struct site *site)
{
    char presence[64], claps[64], counter[64], count[32], samples[32];
    const char *options[] = { presence, claps, counter, "--users=150k", count, samples, NULL };

    if (s->kind == END_HELLO)
        return site_start(site, (const char *const[]){ "--hello", NULL });
    snprintf(count, sizeof count, "--post-count=%d", END_POSTS + 1);
    snprintf(samples, sizeof samples, "--samples=%d", END_POSTS);
    snprintf(presence, sizeof presence, "--presence=%s", s->presence);
    snprintf(claps, sizeof claps, "--claps=%s", s->claps);
    snprintf(counter, sizeof counter, "--counter=%s", s->counter);
    return site_start(site, options);
}

static int run_with(struct end_lab *l, const struct end_subject *s, const struct site *site,
                    struct end_run *out)
{
    struct load_plan plan = plan_of(l, s, site->port);
    int error = run_closed(&plan, site, out);
    json_t *stats;

    if (!error && !experiment_is_over(&l->e) && out->per_s > 0)
        error = run_open(plan, out);
    if (!error && s->kind != END_HELLO) {
        stats = site_stats(site);
        out->counted = site_number(stats, "beats");
        json_decref(stats);
    }
    if (!error && !experiment_is_over(&l->e))
        end_lab_wrk(l, site->port, plan.mix, out);
    out->done = !error && !experiment_is_over(&l->e);
    return error;
}

static int run(struct end_lab *l, unsigned i)
{
    struct end_run *out = &l->runs[i];
    struct site site;
    int error;

    if (end_subjects[i].kind == END_STORE && l->options->without_stores) {
        snprintf(out->why, sizeof out->why, "not wanted");
        return 0;
    }
    error = start(&end_subjects[i], &site);
    if (error == -EINTR)
        return 0;
    if (error) {
        snprintf(out->why, sizeof out->why, "%s",
                 error == -ENOENT && site.said[0] ? site.said : strerror(-error));
        return 0;
    }
    error = run_with(l, &end_subjects[i], &site, out);
    site_stop(&site);
    if (error)
        snprintf(out->why, sizeof out->why, "%s", strerror(-error));
    return error;
}

static const char *const packed[] = { "--presence=packed", "--claps=cas", "--counter=striped", "--users=100k",
                                      "--post-count=101", "--samples=100", NULL };
static const char *const mutex[] = { "--presence=mutex", "--claps=mutex", "--counter=mutex", "--users=100k",
                                     "--post-count=101", "--samples=100", NULL };

/* What is compared by its speed takes turns: between two runs, one after the other, a machine may have become another. */
static int run_in_turns(struct end_lab *l)
{
    const struct hello_plan plan = { .window_ns = l->options->window_ms * 1000000,
                                     .seed = l->options->base.seed, .is_over = is_over, .ctx = &l->e };
    int error;

    experiment_progress(&l->e, END_SUBJECTS, END_STEPS, "hello, in turns");
    error = hello_compare(&plan, &l->speed);
    if (!error && !shortage_came() && !experiment_is_over(&l->e)) {
        experiment_progress(&l->e, END_SUBJECTS + 1, END_STEPS, "packed and mutex, in turns");
        error = hello_compare_services(&plan, packed, mutex, &l->alike);
    }
    return error == -EINTR ? 0 : error;
}

/* A store may be missing here, and the service may not: whether it is, and why. */
static bool say_missing(const struct end_lab *l)
{
    const char *why = l->speed.why[0] ? l->speed.why : l->alike.why;

    for (unsigned i = 0; i < END_SUBJECTS; i++)
        if (end_subjects[i].kind != END_STORE && l->runs[i].why[0])
            why = l->runs[i].why;
    if (!why[0] || site_left_out(why))
        return false;
    if (!shortage_came())
        arguments_error("the service could not be started: %s", why);
    return true;
}

int end_lab_command(const struct end_options *o)
{
    static struct end_lab lab;
    struct end_lab *l = &lab;
    int error = 0;

    memset(l, 0, sizeof *l);
    l->options = o;
    experiment_begin(&l->e, "end-to-end", &o->base);
    for (unsigned i = 0; i < END_SUBJECTS; i++)
        l->runs[i].wrk_per_s = l->runs[i].wrk_p50_ns = l->runs[i].wrk_p99_ns = l->runs[i].wrk_p999_ns = NAN;
    for (unsigned i = 0; i < END_SUBJECTS && !error && !shortage_came() && !experiment_is_over(&l->e); i++) {
        experiment_progress(&l->e, i, END_STEPS, end_subjects[i].name);
        error = run(l, i);
    }
    if (!error && !shortage_came() && !experiment_is_over(&l->e))
        error = run_in_turns(l);
    shortage_note(error);
    if (error && !shortage_came())
        arguments_error("the service could not be asked: %s", strerror(-error));
    end_lab_find_shares(l);
    end_lab_judge(l);
    if (experiment_has_figures(&l->e))
        end_lab_print(l);
    return experiment_end(&l->e, end_lab_json(l), error || say_missing(l));
}
