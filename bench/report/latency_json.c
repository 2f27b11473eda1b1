/* latency_json.c - `contend latency` for programs; docs/results.md describes it. */
#include <stdlib.h>

#include "bench/report/latency_points.h"
#include "bench/report/results.h"

static json_t *figures_json(const struct latency_figures *f)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "p50_ns", results_number(f->p50), "p90_ns",
                     results_number(f->p90), "p99_ns", results_number(f->p99), "p999_ns",
                     results_number(f->p999), "max_ns", results_number(f->max));
}

static json_t *point_json(const struct latency_point *p)
{
    return json_pack("{s:f, s:f, s:b, s:I, s:I, s:f, s:o, s:o, s:o}", "per_s", p->per_s, "mu",
                     p->per_s / LATENCY_MU, "copes", p->copes, "due", (json_int_t)p->due, "served",
                     (json_int_t)p->served, "busy", p->busy, "run_delay", results_number(p->run_delay), "response", figures_json(&p->response),
                     "service", figures_json(&p->service));
}

static json_t *curve_json(const struct latency_curve *c)
{
    const struct contestant *who = &c->cell->contestants[c->contestant];
    char name[CONTESTANT_NAME], cell[PLAN_NAME];
    json_t *points = json_array();
    json_t *o = json_pack("{s:s, s:s, s:s, s:b}", "cell", plan_cell_name(&c->cell->cell, cell),
                          "object", who->family->name, "strategy",
                          contestant_name(who, name, sizeof name), "complete", c->done);

    if (c->error || c->skipped)
        json_object_set_new(o, c->skipped ? "skipped" : "error", json_string(c->why));
    json_object_set_new(o, "copes_per_s", results_number(c->knee.copes));
    json_object_set_new(o, "fails_per_s", c->knee.fails > 0 ? json_real(c->knee.fails)
                                                            : json_null());
    for (unsigned i = 0; i < c->count; i++)
        json_array_append_new(points, point_json(&c->points[i]));
    json_object_set_new(o, "points", points);
    return o;
}

char *latency_json(const struct latency_results *r)
{
    json_t *curves = json_array();
    json_t *o = json_pack("{s:s, s:i, s:b, s:b, s:s, s:f, s:i}", "schema", "contend.latency",
                          "version", 1, "interrupted", r->interrupted, "out_of_budget",
                          r->out_of_budget, "arrivals", arrivals_name(r->options->arrivals),
                          "point_s", (double)r->length_ns / 1e9, "pause_ms",
                          (int)r->options->pause_ms);

    for (unsigned i = 0; i < r->count; i++)
        json_array_append_new(curves, curve_json(&r->curves[i]));
    json_object_set_new(o, "session", results_session_json(&r->session));
    json_object_set_new(o, "curves", curves);
    char *text = json_dumps(o, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    json_decref(o);
    return text;
}
