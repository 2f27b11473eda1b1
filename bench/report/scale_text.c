/* scale_text.c - the curves of `contend scale` as tables and as JSON. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/results.h"
#include "bench/report/scale.h"

static const char *const ways[] = { "threads", "processes" };

static void print_rate(FILE *out, double per_s)
{
    if (isnan(per_s))
        fprintf(out, " %8s", "-");
    else if (per_s >= 1e7)
        fprintf(out, " %7.1fM", per_s / 1e6);
    else if (per_s >= 1e4)
        fprintf(out, " %7.1fk", per_s / 1e3);
    else
        fprintf(out, " %8.0f", per_s);
}

/* The rates, and on a second line what the law makes of them. */
static void print_curve(FILE *out, const struct scale_results *r, const struct scale_curve *c,
                        enum scale_way way)
{
    fprintf(out, "    %-10s", ways[way]);
    for (unsigned i = 0; i < r->options->count; i++)
        print_rate(out, c->rates[i]);
    fputc('\n', out);
    if (!c->fitted)
        return;
    fprintf(out, "      sigma %.3f, kappa %.4f, ", c->law.sigma, c->law.kappa);
    if (isfinite(c->law.peak))
        fprintf(out, "peak at %.1f", c->law.peak);
    else
        fputs("no peak", out);
    fprintf(out, "; off by at most %.0f %%\n", 100 * c->law.worst);
}

/* Whether the last of each curve says which way carries more. */
static void print_answer(FILE *out, const struct scale_results *r, unsigned item)
{
    unsigned last = r->options->count - 1;
    double t = r->curves[item][SCALE_THREADS].rates[last];
    double p = r->curves[item][SCALE_PROCESSES].rates[last];

    if (t > 0 && p > 0)
        fprintf(out, "      %u processes with a part each: %.2f times the rate of %u threads on one\n",
                r->options->sizes[last], p / t, r->options->sizes[last]);
}

void scale_print(FILE *out, const struct scale_results *r)
{
    const struct plan_cell *cell = NULL;
    char name[PLAN_NAME];

    for (unsigned i = 0; i < r->series.count; i++) {
        const struct series_item *item = &r->series.items[i];
        if (item->cell != cell) {
            cell = item->cell;
            plan_cell_name(&cell->cell, name);
            char *threads = strstr(name, "/threads:"); /* which are what is varied */
            if (threads)
                *threads = '\0';
            fprintf(out, "\nVERTICAL AND HORIZONTAL: %s, ops/s with n =\n    %-10s", name, "");
            for (unsigned k = 0; k < r->options->count; k++)
                fprintf(out, " %8u", r->options->sizes[k]);
            fputc('\n', out);
        }
        if (!item->begun)
            continue;
        fprintf(out, "  %s\n", contestant_name(item->who, name, sizeof name));
        if (item->error || item->skipped)
            fprintf(out, "    %s\n", item->why[0] ? item->why : "no figures");
        for (int way = 0; way < SCALE_WAYS; way++)
            print_curve(out, r, &r->curves[i][way], (enum scale_way)way);
        print_answer(out, r, i);
    }
    fputc('\n', out);
    text_wrapped(out, "sigma: the part that is done one after the other; kappa: what each pair costs to "
                      "agree, which makes the rate fall beyond the peak (Gunther's law).", 2, 76);
    fprintf(out, "\n  Of %u processors: what is beyond them takes turns, and neither way can rise.\n",
            r->cpus);
    series_print_end(out, &r->series);
}

json_t *scale_json(const struct scale_results *r)
{
    json_t *all = series_json(&r->series, "contend.scale"), *list = json_array();

    for (unsigned i = 0; i < r->series.count; i++)
        for (int way = 0; way < SCALE_WAYS && r->series.items[i].begun; way++) {
            const struct scale_curve *c = &r->curves[i][way];
            json_t *o = series_item_json(&r->series.items[i]), *points = json_array();
            for (unsigned k = 0; k < r->options->count; k++)
                if (!isnan(c->rates[k]))
                    json_array_append_new(points, json_pack("{s:i, s:f}", "n", (int)r->options->sizes[k],
                                                            "ops_per_s", c->rates[k]));
            json_object_set_new(o, "way", json_string(ways[way]));
            json_object_set_new(o, "points", points);
            if (c->fitted) {
                json_object_set_new(o, "law", json_pack("{s:f, s:f, s:f, s:f}", "lambda", c->law.lambda,
                                                        "sigma", c->law.sigma, "kappa", c->law.kappa,
                                                        "worst", c->law.worst));
                if (isfinite(c->law.peak))
                    json_object_set_new(json_object_get(o, "law"), "peak", json_real(c->law.peak));
            }
            json_array_append_new(list, o);
        }
    if (all)
        json_object_set_new(all, "curves", list);
    return all;
}
