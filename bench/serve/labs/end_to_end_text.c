/* end_to_end_text.c - the shapes of `contend end-to-end`, its answer, its table, its plot and its file. */
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/curves.h"
#include "bench/report/results.h"
#include "bench/serve/labs/end_to_end.h"

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

static void print_conclusion(const struct end_lab *l)
{
    const struct end_run *packed = end_lab_find(l, "packed"), *mutex = end_lab_find(l, "mutex");
    char text[2 * EXPERIMENT_TEXT], until[TEXT_NUMBER] = "", most[TEXT_NUMBER];

    if (!packed || !mutex || isnan(mutex->beyond_ns))
        return;
    text_number(end_lab_users(packed->per_s), 3, most);
    if (isnan(end_lab_alone(mutex)))
        snprintf(text, sizeof text, "It does not matter here at all: one lock around everything took no more of a "
                 "request than strategies that do nothing.");
    else
        snprintf(text, sizeof text, "It does not matter until %s Mu: so many users could one lock around everything "
                 "serve.", text_number(end_lab_users(end_lab_alone(mutex)), 3, until));
    text_wrapped(stdout, text, 2, EXPERIMENT_WIDTH - 2);
    snprintf(text, sizeof text, "HTTP ends here at %s Mu, whatever is behind it.  A user beats every %d s and asks for "
             "one thing more meanwhile, as half of the mix are heartbeats.  What the lock takes is an average of the "
             "mix's requests beyond null: of %d, %d heartbeats, 4 posts read and viewed, 2 claps, and 2 questions who of "
             "ten users is online.", most, END_BEAT_S, LOAD_MIX, LOAD_MIX_BEATS);
    text_wrapped(stdout, text, 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

static const char *duration(double ns, char buffer[TEXT_NUMBER])
{
    return ns > 0 ? text_duration(ns, buffer) : "-";
}

static void print_times(double per_s, double p50, double p99, double p999)
{
    char rate[TEXT_NUMBER], cells[3][TEXT_NUMBER];

    printf("  %7s %6s %6s %6s", isnan(per_s) ? "-" : text_about(per_s, rate), duration(p50, cells[0]),
           duration(p99, cells[1]), duration(p999, cells[2]));
}

static void print_left_out(const char *what, const char *why)
{
    char text[END_WHY + 40];

    snprintf(text, sizeof text, "%s: %s", what, why);
    text_wrapped(stdout, text, 2, EXPERIMENT_WIDTH - 2);
}

static void print_loads(const struct end_lab *l)
{
    char what[40];

    printf("The same service on other strategies\n\n  %-13s  %7s %6s %6s %6s  %7s %6s %6s %6s\n", "", "req/s", "p50",
           "p99", "p99.9", "wrk", "p50", "p99", "p99.9");
    for (unsigned i = 0; i < END_SUBJECTS; i++) {
        const struct end_run *r = &l->runs[i];
        if (!r->done)
            continue;
        printf("  %-13s", end_subjects[i].name);
        print_times(r->per_s, r->p50_ns, r->p99_ns, r->p999_ns);
        print_times(r->wrk_per_s, r->wrk_p50_ns, r->wrk_p99_ns, r->wrk_p999_ns);
        printf("\n");
    }
    for (unsigned i = 0; i < END_SUBJECTS; i++)
        if (l->runs[i].why[0]) {
            snprintf(what, sizeof what, "left out: %s", end_subjects[i].name);
            print_left_out(what, l->runs[i].why);
        }
    if (l->wrk_why[0])
        print_left_out("without wrk", l->wrk_why);
    printf("\n");
    text_wrapped(stdout, "req/s: 32 connections, each asks again when it is answered.  The times beside it: at half "
                 "of that rate, from when a request was due.  wrk: 32 connections that ask again, by wrk, and its "
                 "times of that, from when a request was sent.", 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

static void print_shares(const struct end_lab *l)
{
    const struct end_run *floor = end_lab_find(l, "null");
    char cells[2][TEXT_NUMBER], text[EXPERIMENT_TEXT];

    if (!floor)
        return;
    printf("What of a request is the strategy's\n\n  %-13s  %9s  %9s  %6s\n", "", "inside", "beyond", "share");
    for (unsigned i = 0; i < END_SUBJECTS; i++) {
        const struct end_run *r = &l->runs[i];
        if (!isnan(r->share))
            printf("  %-13s  %9s  %9s  %4.1f %%\n", end_subjects[i].name, duration(r->strategy_ns, cells[0]),
                   r->beyond_ns > 0 ? text_duration(r->beyond_ns, cells[1]) : "0 ns", 100 * r->share);
    }
    printf("\n");
    snprintf(text, sizeof text, "inside: time of a request in operations of strategies, waiting and the looks at a "
             "clock around them included.  beyond: without the %s that null has, which does nothing.  share: of that "
             "and the processor time of a request with null, outside operations.", duration(floor->strategy_ns, cells[0]));
    text_wrapped(stdout, text, 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

static void print_tables(const struct end_lab *l)
{
    print_loads(l);
    print_shares(l);
    hello_print(&l->speed);
    if (l->speed.done)
        printf("\n");
}

void end_lab_print(const struct end_lab *l)
{
    static const char marks[] = "hnpmrs";
    double x[END_SUBJECTS], y[END_SUBJECTS];
    struct curve list[END_SUBJECTS];
    size_t count = 0;

    print_tables(l);
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
            "{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:I}",
            "subject", end_subjects[i].name, "per_s", results_number(r->per_s), "cpu_ns",
            results_number(r->cpu_ns), "strategy_ns", results_number(r->strategy_ns), "beyond_ns",
            results_number(r->beyond_ns), "share", results_number(r->share), "rate", results_number(r->rate), "p50_ns", results_number(r->p50_ns),
            "p99_ns", results_number(r->p99_ns), "p999_ns", results_number(r->p999_ns), "asked",
            (json_int_t)r->asked, "answered", (json_int_t)r->answered, "failed", (json_int_t)r->failed,
            "beats", (json_int_t)r->beats, "counted", (json_int_t)r->counted, "wrk_per_s",
            results_number(r->wrk_per_s), "wrk_p50_ns", results_number(r->wrk_p50_ns), "wrk_p99_ns",
            results_number(r->wrk_p99_ns), "wrk_p999_ns", results_number(r->wrk_p999_ns), "wrk_failed",
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
