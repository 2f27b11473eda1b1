/* end_to_end_text.c - the shapes of `contend end-to-end`, its answer, its table, its plot and its file. */
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/curves.h"
#include "bench/report/results.h"
#include "bench/serve/labs/end_to_end.h"

enum { BEAT_S = 10 }; /* a user beats so often */
static const double apart = 1.25; /* what is less is alike */

/* ---- shapes ---- */

static void judge_counts(struct end_lab *l)
{
    uint64_t asked = 0, lost = 0, failed = 0, beats = 0, uncounted = 0;
    unsigned done = 0;

    for (unsigned i = 0; i < END_SUBJECTS; i++) {
        const struct end_run *r = &l->runs[i];
        if (!r->done)
            continue;
        done++;
        asked += r->asked;
        lost += r->asked - r->answered;
        failed += r->failed + r->wrk_failed;
        beats += r->beats;
        if (end_subjects[i].kind != END_HELLO)
            uncounted += r->beats != r->counted;
    }
    if (!done) {
        experiment_not_reached(&l->e, "answered", "whether every request is answered");
        return;
    }
    experiment_shape(&l->e, "answered", SHAPE_EXACT, lost == 0 && failed == 0,
                     "every request is answered, whatever serves: of %.0f, %.0f are not, and %.0f not by "
                     "200.", (double)asked, (double)lost, (double)failed);
    experiment_shape(&l->e, "counted", SHAPE_EXACT, uncounted == 0,
                     "the service has counted each of the %.0f heartbeats that it acknowledged (%.0f "
                     "strategies differ).", (double)beats, (double)uncounted);
}

/* Not, if the pairs differ by more than that and agree which of the two is faster: else the machine is what is seen. */
static bool are_alike(const struct hello_result *r)
{
    return fabs(log(r->ratio)) < log(apart) || (r->low < 1 && r->high > 1);
}

static void judge_strategies(struct end_lab *l)
{
    const struct end_run *packed = end_lab_find(l, "packed"), *mutex = end_lab_find(l, "mutex");
    const struct end_run *redis = end_lab_find(l, "redis_zset");
    const struct end_run *sqlite = end_lab_find(l, "sqlite_atomic");
    double in_process, store = INFINITY;

    if (!packed || !mutex || isnan(packed->share) || isnan(mutex->share) || !l->alike.done) {
        experiment_not_reached(&l->e, "in_process", "the share of strategies in this process");
        return;
    }
    in_process = fmax(packed->share, mutex->share);
    experiment_shape(&l->e, "in_process", SHAPE_MEASURED, in_process < 0.25 && are_alike(&l->alike),
                     "behind HTTP the choice in this process is not seen: packed and mutex are at most %.0f %% "
                     "of a request, and in turns mutex answers %.2f of what packed does, the median of %d pairs "
                     "(%.2f to %.2f).", 100 * in_process, l->alike.ratio, HELLO_PAIRS, l->alike.low,
                     l->alike.high);
    if (l->options->without_stores)
        return;
    if (redis)
        store = fmin(store, redis->share);
    if (sqlite)
        store = fmin(store, sqlite->share);
    if (isinf(store) || isnan(store))
        experiment_not_reached(&l->e, "stores", "the share of stores: none is here");
    else
        experiment_shape(&l->e, "stores", SHAPE_MEASURED, store > 0.5,
                         "a store is most of a request from the first user on: at least %.0f %%.", 100 * store);
}

void end_lab_judge(struct end_lab *l)
{
    judge_counts(l);
    hello_judge(&l->e, &l->speed);
    judge_strategies(l);
}

/* ---- text ---- */

/* Users in millions that this many heartbeats a second are. */
static double users_of(double per_s)
{
    return per_s * BEAT_S / 1e6;
}

/* How many heartbeats a second one thread could do inside the strategy alone. */
static double alone(const struct end_run *r)
{
    return 1e9 / r->strategy_ns;
}

static void print_conclusion(const struct end_lab *l)
{
    const struct end_run *packed = end_lab_find(l, "packed"), *mutex = end_lab_find(l, "mutex");
    char text[EXPERIMENT_TEXT];

    if (!packed || !mutex || !(mutex->strategy_ns > 0))
        return;
    snprintf(text, sizeof text,
             "It does not matter until %.3g Mu: one lock around everything could serve so many users that "
             "beat every %d s, and HTTP ends here at %.3g Mu, whatever is behind it.",
             users_of(alone(mutex)), BEAT_S, users_of(packed->per_s));
    text_wrapped(stdout, text, 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

static const char *duration(double ns, char buffer[TEXT_NUMBER])
{
    return ns > 0 ? text_duration(ns, buffer) : "-";
}

static void print_row(const char *name, const struct end_run *r)
{
    char per_s[TEXT_NUMBER], wrk[TEXT_NUMBER], p50[TEXT_NUMBER], p99[TEXT_NUMBER], p999[TEXT_NUMBER],
        strategy[TEXT_NUMBER], share[16] = "-";

    if (!isnan(r->share) && r->strategy_ns > 0)
        snprintf(share, sizeof share, "%.1f %%", 100 * r->share);
    printf("  %-13s  %8s  %8s  %7s  %7s  %7s  %8s  %6s\n", name, text_about(r->per_s, per_s),
           isnan(r->wrk_per_s) ? "-" : text_about(r->wrk_per_s, wrk), duration(r->p50_ns, p50),
           duration(r->p99_ns, p99), duration(r->p999_ns, p999), duration(r->strategy_ns, strategy), share);
}

static void print_table(const struct end_lab *l)
{
    printf("The same service on other strategies\n\n  %-13s  %8s  %8s  %7s  %7s  %7s  %8s  %6s\n", "",
           "req/s", "wrk", "p50", "p99", "p99.9", "strategy", "share");
    for (unsigned i = 0; i < END_SUBJECTS; i++)
        if (l->runs[i].done)
            print_row(end_subjects[i].name, &l->runs[i]);
    for (unsigned i = 0; i < END_SUBJECTS; i++)
        if (l->runs[i].why[0])
            printf("  left out: %.12s: %.50s\n", end_subjects[i].name, l->runs[i].why);
    if (l->wrk_why[0])
        printf("  without wrk: %.60s\n", l->wrk_why);
    printf("\n");
    hello_print(&l->speed);
    if (l->speed.done)
        printf("\n");
    text_wrapped(stdout, "req/s: 32 connections, each asks again when it is answered.  wrk: the same by wrk.  "
                 "p50, p99, p99.9: at half of that rate, from when a request was due.  strategy: time of "
                 "a request inside operations of strategies, waiting included.  share: of that and the "
                 "processor time of a request with strategies that do nothing (null).  hello: the "
                 "library alone.", 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

void end_lab_print(const struct end_lab *l)
{
    static const char marks[] = "hnpmrs";
    double x[END_SUBJECTS], y[END_SUBJECTS];
    struct curve list[END_SUBJECTS];
    size_t count = 0;

    print_table(l);
    for (unsigned i = 0; i < END_SUBJECTS; i++) {
        if (!l->runs[i].done || !(l->runs[i].strategy_ns > 0))
            continue;
        x[count] = l->runs[i].strategy_ns / 1000;
        y[count] = l->runs[i].per_s / 1000;
        list[count] = (struct curve){ end_subjects[i].name, marks[i], &x[count], &y[count], 1 };
        count++;
    }
    const struct curves plot = { .title = "What a strategy takes, and what the service gives",
                                 .x_name = "us of a request in strategies",
                                 .y_name = "1,000 requests a second", .log_x = true, .log_y = true,
                                 .list = list, .count = count };
    curves_print(stdout, &plot);
    printf("\n");
    print_conclusion(l);
}

/* ---- the file ---- */

json_t *end_lab_json(const struct end_lab *l)
{
    json_t *runs = json_array(), *missing = json_array();

    for (unsigned i = 0; i < END_SUBJECTS; i++) {
        const struct end_run *r = &l->runs[i];
        if (r->why[0])
            json_array_append_new(missing, json_pack("{s:s, s:s}", "subject", end_subjects[i].name, "why",
                                                     r->why));
        if (!r->done)
            continue;
        json_array_append_new(runs, json_pack(
            "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:I}",
            "subject", end_subjects[i].name, "per_s", results_number(r->per_s), "cpu_ns",
            results_number(r->cpu_ns), "strategy_ns", results_number(r->strategy_ns), "share",
            results_number(r->share), "rate", results_number(r->rate), "p50_ns", results_number(r->p50_ns),
            "p99_ns", results_number(r->p99_ns), "p999_ns", results_number(r->p999_ns), "asked",
            (json_int_t)r->asked, "answered", (json_int_t)r->answered, "failed", (json_int_t)r->failed,
            "beats", (json_int_t)r->beats, "counted", (json_int_t)r->counted, "wrk_per_s",
            results_number(r->wrk_per_s), "wrk_p99_ns", results_number(r->wrk_p99_ns), "wrk_failed",
            (json_int_t)r->wrk_failed));
    }
    json_t *j = json_pack("{s:I, s:s, s:o, s:o}", "window_ms", (json_int_t)l->options->window_ms, "wrk",
                          l->wrk_why[0] ? l->wrk_why : "here", "runs", runs, "missing", missing);
    if (l->speed.done)
        json_object_set_new(j, "speed", hello_json(&l->speed));
    if (l->alike.done)
        json_object_set_new(j, "alike", json_pack("{s:o, s:o, s:o, s:i}", "ratio", results_number(l->alike.ratio),
                                                  "low", results_number(l->alike.low), "high",
                                                  results_number(l->alike.high), "pairs", HELLO_PAIRS));
    return j;
}
