/* iterations.c - what equal numbers of operations say, beside equal times. */
#include "bench/report/iterations.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/shortage.h"
#include "bench/base/stats.h"
#include "bench/base/text.h"
#include "bench/measure/iterations.h"
#include "bench/report/report.h"
#include "bench/report/results.h"
#include "bench/report/series.h"

enum { WINDOWS = 3, NAME = 20 };

/* A strategy both ways. */
struct pair {
    struct iterations_result equal;
    double per_s, share; /* of time windows, the medians */
};

/* The windows of one item; what fails there is the item's failure. */
static void run_windows(struct series *s, unsigned item, struct pair *p)
{
    const struct window_settings settings = {
        .length_ns = s->options->window_ms * UINT64_C(1000000),
        .warmup_ns = s->options->window_ms * UINT64_C(100000),
        .seed = s->options->seed, .allowed = s->allowed,
    };
    struct series_item *what = &s->items[item];
    double rates[WINDOWS], shares[WINDOWS];
    struct window_result w;
    size_t n = 0;

    for (unsigned i = 0; i < WINDOWS && !series_is_over(s); i++) {
        window_run(NULL, &what->cell->cell, what->who, &settings, &w);
        if (w.error && !w.starved) {
            what->error = w.skipped ? 0 : w.error;
            what->skipped = w.skipped;
            snprintf(what->why, sizeof what->why, "%s", w.why);
            return;
        }
        if (w.error)
            continue;
        rates[n] = w.ops_per_s;
        shares[n++] = w.min_share;
    }
    p->per_s = stats_median(rates, n);
    p->share = stats_median(shares, n);
    what->begun = n > 0;
    what->done = n == WINDOWS;
}

static void print_item(FILE *out, const struct series_item *item, const struct pair *p)
{
    char name[CONTESTANT_NAME], text[3][TEXT_NUMBER];

    fprintf(out, "  %-*s", NAME, contestant_name(item->who, name, sizeof name));
    if (series_print_reason(out, item))
        return;
    fprintf(out, "  %8s  %8s  %10.2f  %8s  %5.2f\n", text_number(p->equal.says_per_s / 1e6, 4, text[0]),
            text_number(p->equal.real_per_s / 1e6, 4, text[1]), p->equal.first_done,
            text_number(p->per_s / 1e6, 4, text[2]), p->share);
}

static void print(FILE *out, const struct series *s, const struct pair *pairs)
{
    char name[PLAN_NAME];

    fprintf(out, "%s, Mops/s\n", plan_cell_name(&s->plan->cells[0].cell, name));
    text_wrapped(out, "T gives each thread the same number of operations, W the same time.  \"T says\" "
                 "is the library's rate, over the mean of the threads' times; \"T is\" is over the time "
                 "until the last one was done.  After \"first done\", a part of that time, the object had "
                 "fewer users than the name of the run says.  A starved thread shows in the share of W, "
                 "the slowest thread's part of an equal share, and nowhere in T.", 0, REPORT_WIDTH);
    fprintf(out, "\n  %-*s  %8s  %8s  %10s  %8s  %5s\n", NAME, "strategy", "T says", "T is", "first done",
            "W says", "share");
    for (unsigned i = 0; i < s->count; i++)
        print_item(out, &s->items[i], &pairs[i]);
    fputc('\n', out);
    series_print_end(out, s);
}

static json_t *as_json(const struct series *s, const struct pair *pairs)
{
    json_t *o = series_json(s, "contend.iterations"), *list = json_array();

    for (unsigned i = 0; i < s->count; i++) {
        json_t *one = series_item_json(&s->items[i]);
        json_object_set_new(one, "t_says_per_s", results_number(pairs[i].equal.says_per_s));
        json_object_set_new(one, "t_is_per_s", results_number(pairs[i].equal.real_per_s));
        json_object_set_new(one, "t_first_done", results_number(pairs[i].equal.first_done));
        json_object_set_new(one, "w_per_s", results_number(pairs[i].per_s));
        json_object_set_new(one, "w_min_share", results_number(pairs[i].share));
        json_array_append_new(list, one);
    }
    json_object_set_new(o, "strategies", list);
    return o;
}

/* Both ways, T first: it cannot be interrupted between two strategies. */
static int measure(struct series *s, struct pair *pairs, const struct contestant **who,
                   struct iterations_result *equal)
{
    for (unsigned i = 0; i < s->count; i++) {
        who[i] = s->items[i].who;
        pairs[i] = (struct pair){ .per_s = NAN, .share = NAN };
    }
    series_start(s);
    /* Half of the budget is for the windows. */
    uint64_t each_ns = s->options->budget_s * UINT64_C(500000000) / (s->count ? s->count : 1);
    int error = iterations_run(&s->plan->cells[0].cell, who, s->count, s->options->seed, each_ns, equal);
    for (unsigned i = 0; i < s->count && !error; i++) {
        pairs[i].equal = equal[i];
        if (equal[i].error == -EINTR) {
            s->interrupted = true;
        } else if (equal[i].error) {
            s->items[i].skipped = equal[i].error == -ETIME;
            s->items[i].error = equal[i].error == -ETIME ? 0 : equal[i].error;
            snprintf(s->items[i].why, sizeof s->items[i].why, "%s", equal[i].why);
        } else if (!series_is_over(s)) {
            run_windows(s, i, &pairs[i]);
        }
    }
    series_stop(s);
    return error;
}

int iterations_command(const struct plan *plan, const struct run_options *o)
{
    struct series s;

    if (series_begin(&s, plan, o) != 0)
        return 1;
    struct pair *pairs = calloc(s.count, sizeof *pairs);
    const struct contestant **who = calloc(s.count, sizeof *who);
    struct iterations_result *equal = calloc(s.count, sizeof *equal);
    int error = pairs && who && equal ? measure(&s, pairs, who, equal) : -ENOMEM;

    if (!error)
        print(stdout, &s, pairs);
    else
        shortage_fail(error);
    int status = series_end(&s, !error && o->json ? as_json(&s, pairs) : NULL, error != 0);
    free(pairs);
    free(who);
    free(equal);
    return status;
}
