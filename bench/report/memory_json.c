/* memory_json.c - `contend memory` for programs; docs/results.md describes it. */
#include <math.h>

#include "bench/report/memory.h"
#include "bench/report/results.h"

static json_t *percentiles(const struct histogram *h)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o}", "count", (json_int_t)h->count, "p50",
                     results_number(memory_quantile(h, 0.5)), "p99",
                     results_number(memory_quantile(h, 0.99)), "p999",
                     results_number(memory_quantile(h, 0.999)), "max",
                     results_number(h->count ? (double)h->max : NAN));
}

static json_t *growth_json(const struct growth *g)
{
    json_t *o = json_object(), *points = json_array();

    for (unsigned i = 0; i < g->count; i++)
        json_array_append_new(points, json_pack("{s:f, s:I, s:I}", "ms", g->points[i].ms, "users",
                                                (json_int_t)g->points[i].users, "bytes",
                                                (json_int_t)g->points[i].bytes));
    json_object_set_new(o, "inserts_per_s", results_number(g->inserts_per_s));
    json_object_set_new(o, "bytes", json_integer((json_int_t)g->bytes));
    json_object_set_new(o, "bytes_peak", json_integer((json_int_t)g->bytes_peak));
    json_object_set_new(o, "others_ns", percentiles(&g->others));
    json_object_set_new(o, "timeline", points);
    return o;
}

static void put_growth(json_t *o, const struct growth_result *g)
{
    json_object_set_new(o, "calm_ns", percentiles(&g->calm));
    json_object_set_new(o, "growing", growth_json(&g->growing));
    json_object_set_new(o, "sized", growth_json(&g->sized));
}

static void put_backlog(json_t *o, const struct backlog_result *b)
{
    static const char *const names[BACKLOG_PHASES] = { "calm", "stalled", "after" };
    json_t *points = json_array();

    for (int p = 0; p < BACKLOG_PHASES; p++) {
        json_object_set_new(o, names[p], json_pack("{s:f, s:I}", "writes_per_s", b->writes_per_s[p],
                                                   "retired_peak", (json_int_t)b->peak[p]));
        for (unsigned i = 0; i < b->count[p]; i++)
            json_array_append_new(points, json_pack("{s:s, s:f, s:I, s:I}", "phase", names[p], "ms",
                                                    b->samples[p][i].ms, "writes",
                                                    (json_int_t)b->samples[p][i].writes, "retired",
                                                    (json_int_t)b->samples[p][i].retired));
    }
    json_object_set_new(o, "timeline", points);
}

static void put_expiry(json_t *o, const struct expiry_lag *e)
{
    json_t *points = json_array();

    for (unsigned i = 0; i < e->count; i++)
        json_array_append_new(points, json_pack("{s:i, s:I, s:I, s:I}", "s", (int)i, "entries",
                                                (json_int_t)e->points[i].entries, "live",
                                                (json_int_t)e->points[i].live, "stale_bytes",
                                                (json_int_t)e->points[i].stale_bytes));
    json_object_set_new(o, "policy", json_string(e->policy ? e->policy : ""));
    json_object_set_new(o, "stopped", json_integer((json_int_t)e->stopped));
    json_object_set_new(o, "removed", json_integer((json_int_t)e->removed));
    json_object_set_new(o, "invisible_ms", percentiles(&e->invisible));
    json_object_set_new(o, "gone_ms", percentiles(&e->gone));
    json_object_set_new(o, "sweeps", json_integer((json_int_t)e->sweeps));
    json_object_set_new(o, "sweep_cpu_ns", results_number(e->sweep_ns));
    json_object_set_new(o, "timeline", points);
}

static void put_crowd(json_t *o, const struct mass_result *m)
{
    json_object_set_new(o, "rounds", json_integer(m->rounds));
    json_object_set_new(o, "users", json_integer((json_int_t)m->among));
    json_object_set_new(o, "removed", json_integer((json_int_t)m->removed));
    json_object_set_new(o, "beats_ms", results_number(m->beats_ms));
    json_object_set_new(o, "sweep_ms", results_number(m->sweep_ms));
    json_object_set_new(o, "sweep_cpu_ms", results_number(m->sweep_cpu_ms));
    json_object_set_new(o, "calm_ns", percentiles(&m->calm));
    json_object_set_new(o, "beats_ns", percentiles(&m->beats));
    json_object_set_new(o, "expiry_ns", percentiles(&m->expiry));
    json_object_set_new(o, "slices_ns", percentiles(&m->slices));
}

static json_t *scan_time_json(const struct scan_time *t)
{
    return json_pack("{s:o, s:o}", "best", results_number(t->best), "median",
                     results_number(t->median));
}

static void put_scan(json_t *o, const struct scan_result *s)
{
    json_object_set_new(o, "turns", json_integer(s->turns));
    json_object_set_new(o, "counted", json_integer((json_int_t)s->counted));
    json_object_set_new(o, "met", json_integer((json_int_t)s->met));
    json_object_set_new(o, "bytes", json_integer((json_int_t)s->bytes));
    json_object_set_new(o, "read_bytes", json_integer((json_int_t)s->read_bytes));
    json_object_set_new(o, "count_ns", scan_time_json(&s->count));
    json_object_set_new(o, "walk_ns", scan_time_json(&s->walk));
    json_object_set_new(o, "read_ns", scan_time_json(&s->read));
}

static json_t *item_json(const struct memory_results *r, unsigned i)
{
    const struct memory_figures *f = &r->figures[i];
    const struct cell *c = &r->series.items[i].cell->cell;
    json_t *o = series_item_json(&r->series.items[i]);

    json_object_set_new(o, "part", json_string(memory_part_name(f->part)));
    json_object_set_new(o, "workload", json_string(c->workload->name));
    json_object_set_new(o, "items", json_integer((json_int_t)cell_keys(c)));
    if (!memory_has(r, i))
        return o;
    if (f->part == MEMORY_BYTES)
        json_object_set_new(o, "bytes_per_item", results_number(f->bytes_per_item));
    if (f->growth)
        put_growth(o, f->growth);
    if (f->backlog)
        put_backlog(o, f->backlog);
    if (f->expiry)
        put_expiry(o, f->expiry);
    if (f->crowd)
        put_crowd(o, f->crowd);
    if (f->scan)
        put_scan(o, f->scan);
    return o;
}

json_t *memory_json(const struct memory_results *r)
{
    json_t *o = series_json(&r->series, "contend.memory"), *points = json_array();

    json_object_set_new(o, "grow_to", json_integer((json_int_t)r->options->grow_to));
    json_object_set_new(o, "crowd", json_integer((json_int_t)r->options->crowd));
    json_object_set_new(o, "among", json_integer((json_int_t)r->options->among));
    json_object_set_new(o, "sweep_budget", json_integer((json_int_t)r->options->sweep_budget));
    for (unsigned i = 0; i < r->series.count; i++)
        json_array_append_new(points, item_json(r, i));
    json_object_set_new(o, "points", points);
    return o;
}
