/* latency_json.c - `contend latency` for programs; docs/results.md describes it. */
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

json_t *latency_json(const struct latency_results *r)
{
    json_t *o = series_json(&r->series, "contend.latency"), *curves = json_array();

    json_object_set_new(o, "arrivals", json_string(arrivals_name(r->options->arrivals)));
    json_object_set_new(o, "point_s", json_real((double)r->length_ns / 1e9));
    json_object_set_new(o, "pause_ms", json_integer(r->options->pause_ms));
    for (unsigned i = 0; i < r->series.count; i++) {
        const struct latency_curve *c = &r->curves[i];
        json_t *curve = series_item_json(&r->series.items[i]), *points = json_array();
        json_object_set_new(curve, "copes_per_s",
                            c->count > 0 ? results_number(c->knee.copes) : json_null());
        json_object_set_new(curve, "fails_per_s",
                            c->knee.fails > 0 ? json_real(c->knee.fails) : json_null());
        for (unsigned k = 0; k < c->count; k++)
            json_array_append_new(points, point_json(&c->points[k]));
        json_object_set_new(curve, "points", points);
        json_array_append_new(curves, curve);
    }
    json_object_set_new(o, "curves", curves);
    return o;
}
