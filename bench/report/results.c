/* results.c - JSON by jansson, files by rename. */
#include "bench/judge/promise.h"
#include "bench/report/results.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *results_number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

json_t *results_interval(const struct interval *i)
{
    return json_pack("{s:o, s:o, s:o}", "low", results_number(i->low), "median",
                     results_number(i->middle), "high", results_number(i->high));
}

json_t *results_session_json(const struct session *s)
{
    json_t *o = json_object();

    for (unsigned i = 0; i < s->count; i++)
        json_object_set_new(o, s->fields[i].key, json_string(s->fields[i].value));
    return o;
}

static json_t *floors_json(const struct calibration *c)
{
    json_t *o = json_object();

    for (const struct calibration_field *f = calibration_fields; f->name; f++)
        json_object_set_new(o, f->name, results_number(calibration_value(c, f)));
    json_t *lines = json_array(), *gaps = json_array();
    for (unsigned i = 0; i < c->line_count; i++)
        json_array_append_new(lines, json_pack("{s:i, s:i, s:o}", "a", (int)c->lines[i].a, "b",
                                               (int)c->lines[i].b, "ns",
                                               results_number(c->lines[i].ns)));
    for (int i = 0; i < CALIBRATION_GAPS && !isnan(c->gaps[i].above_ns); i++)
        json_array_append_new(gaps, json_pack("{s:f, s:o}", "above_ns", c->gaps[i].above_ns, "per_s",
                                              results_number(c->gaps[i].per_s)));
    json_object_set_new(o, "lines", lines);
    json_object_set_new(o, "gaps", gaps);
    return o;
}

const char *results_placement(enum placement p)
{
    static const char *const names[] = { "none", "near", "far" };

    return names[p];
}

#define REAL(member) offsetof(struct window_result, member), FIELD_REAL
#define WHOLE(member) offsetof(struct window_result, member), FIELD_U64

const struct window_field window_fields[] = {
    { "ops", WHOLE(ops) },
    { "seconds", REAL(seconds) },
    { "ops_per_s", REAL(ops_per_s) },
    { "readers_per_s", REAL(readers_per_s) },
    { "writers_per_s", REAL(writers_per_s) },
    { "jain", REAL(jain) },
    { "min_share", REAL(min_share) },
    { "longest_gap_ns", REAL(longest_gap_ns) },
    { "hand_overs", REAL(hand_overs) },
    { "longest_wait_ns", REAL(longest_wait_ns) },
    { "cpu_ns_per_op", REAL(cpu_ns_per_op) },
    { "bytes", offsetof(struct window_result, bytes), FIELD_SIZE },
    { "bytes_per_item", REAL(bytes_per_item) },
    { "bytes_retired_peak", offsetof(struct window_result, bytes_retired_peak), FIELD_SIZE },
    { "swept", WHOLE(swept) },
    { "run_delay", REAL(covariates.run_delay) },
    { "steal", REAL(covariates.steal) },
    { "involuntary_switches", WHOLE(covariates.involuntary_switches) },
    { "start_skew", REAL(covariates.start_skew) },
    { "overrun", REAL(covariates.overrun) },
    { "line_ns", REAL(covariates.line_ns) },
    { NULL, 0, FIELD_REAL },
};

double window_field_value(const struct window_result *w, const struct window_field *f)
{
    const char *at = (const char *)w + f->offset;
    double real;
    uint64_t whole;
    size_t size;

    switch (f->type) {
    case FIELD_REAL: memcpy(&real, at, sizeof real); return real;
    case FIELD_U64: memcpy(&whole, at, sizeof whole); return (double)whole;
    case FIELD_SIZE: memcpy(&size, at, sizeof size); return (double)size;
    }
    return NAN;
}

static json_t *window_json(const struct plan_cell *p, unsigned contestant,
                           const struct window_result *w)
{
    char name[CONTESTANT_NAME];
    json_t *o = json_pack("{s:s}", "strategy",
                          contestant_name(&p->contestants[contestant], name, sizeof name));

    if (w->error) {
        json_object_set_new(o, w->skipped ? "skipped" : "error", json_string(w->why));
        return o;
    }
    for (const struct window_field *f = window_fields; f->name; f++) {
        double value = window_field_value(w, f);
        json_object_set_new(o, f->name,
                            f->type == FIELD_REAL ? results_number(value)
                                                  : json_integer((json_int_t)value));
    }
    json_object_set_new(o, "placement", json_string(results_placement(w->covariates.placement)));
    return o;
}

static json_t *blocks_json(const struct measured_cell *c)
{
    json_t *blocks = json_array();

    for (unsigned b = 0; b < c->plan->blocks; b++) {
        const struct block *block = &c->blocks[b];
        json_t *windows = json_array();
        if (block->done < c->plan->count) { /* begun or never begun: no block */
            json_decref(windows);
            continue;
        }
        for (unsigned k = 0; k < c->plan->count; k++)
            json_array_append_new(windows, window_json(c->plan, k, &block->windows[k]));
        json_array_append_new(
            blocks, json_pack("{s:i, s:o, s:o, s:s?, s:o}", "block", (int)b, "probe_before_ns",
                              results_number(block->probe_before), "probe_after_ns",
                              results_number(block->probe_after), "rejected", block->rejected, "windows",
                              windows));
    }
    return blocks;
}

/* The options that were set, by name; {} for a strategy with its defaults. */
static json_t *settings_json(const struct contestant *c)
{
    const struct contend_settings s = contestant_settings(c);
    json_t *o = json_object();

    for (size_t i = 0; i < s.count; i++)
        json_object_set_new(o, s.list[i].name, json_integer((json_int_t)s.list[i].value));
    return o;
}

static json_t *standing_json(const struct cell_verdict *v, const struct standing *s)
{
    const struct contestant *c = &v->cell->plan->contestants[s->contestant];
    char name[CONTESTANT_NAME], progress[PROMISE_WORDS], guarantee[PROMISE_WORDS];

    return json_pack("{s:s, s:o, s:b, s:i, s:b, s:s, s:s?, s:i, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, "
                     "s:o, s:o, s:o, s:o, s:s, s:s}",
                     "strategy", contestant_name(c, name, sizeof name), "settings",
                     settings_json(c), "again", (int)c->again, "slowed_percent", (int)c->slowed, "peer", (int)c->peer, "verdict",
                     verdict_word(s->verdict), "why", s->why, "blocks", (int)s->blocks, "ops_per_s",
                     results_number(s->ops_per_s), "readers_per_s",
                     results_number(s->readers_per_s), "writers_per_s",
                     results_number(s->writers_per_s), "ratio", results_interval(&s->ratio), "floor",
                     results_interval(&s->floor), "at_floor", (int)s->at_floor, "jain",
                     results_number(s->jain), "min_share", results_number(s->min_share),
                     "longest_gap_ns", results_number(s->longest_gap_ns), "hand_overs",
                     results_number(s->hand_overs), "longest_wait_ns",
                     results_number(s->longest_wait_ns), "cpu_ns_per_op", results_number(s->cpu_ns_per_op),
                     "bytes_per_item", results_number(s->bytes_per_item), "progress", promise_progress(c, progress),
                     "reads", promise_guarantee(c, guarantee));
}

/* The strategies of the registry that the cell does not have, and why. */
static json_t *missing_json(const struct plan_cell *p, const struct run_options *o)
{
    const struct family *family = p->cell.workload->family;
    json_t *list = json_array();
    const void *ops;

    for (size_t i = 0; (ops = family->at(i)) != NULL; i++) {
        enum plan_missing why = plan_missing(p, o, ops);
        if (why != PLAN_PRESENT)
            json_array_append_new(list, json_pack("{s:s, s:s}", "strategy", family->identity(ops)->name,
                                                  "why", plan_missing_word(why)));
    }
    return list;
}

static json_t *cell_json(const struct cell_verdict *v, const struct run_options *o)
{
    const struct measured_cell *m = v->cell;
    const struct cell *c = &m->plan->cell;
    json_t *standings = json_array();
    char name[PLAN_NAME], pick[CONTESTANT_NAME];

    for (unsigned i = 0; i < v->count; i++)
        json_array_append_new(standings, standing_json(v, &v->standings[i]));
    if (v->pick >= 0)
        contestant_name(&m->plan->contestants[v->standings[v->pick].contestant], pick, sizeof pick);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:i, s:i, s:s, s:b, s:s, s:i, s:s, s:s, s:i, s:i, s:b, s:b, s:o, s:o, "
        "s:s?, s:s, s:o, s:o, s:o}",
        "name",
        plan_cell_name(c, name), "object", c->workload->family->name, "workload",
        c->workload->name, "title", c->workload->title, "users", (json_int_t)c->users, "posts", (json_int_t)c->posts,
        "threads", (int)c->threads, "readers", (int)c->readers, "skew",
        skew_name(c->skew), "disjoint", (int)c->disjoint, "ids", ids_name(c->ids), "batch",
        (int)cell_batch(c), "reference",
        plan_reference(o, c->workload->family), "placement",
        results_placement(v->placement), "blocks_complete", (int)m->complete, "blocks_rejected",
        (int)m->rejected, "noisy", (int)v->noisy, "ranked", (int)verdict_ranks(v), "resolution",
        results_interval(&v->again), "margin", results_number(v->margin), "pick",
        v->pick >= 0 ? pick : NULL, "reason", v->reason, "strategies", standings, "missing",
        missing_json(m->plan, o), "blocks", blocks_json(m));
}

json_t *results_launches(const struct launcher *l)
{
    return json_pack("{s:i, s:b, s:s?}", "count", l->launches ? (int)l->launches : 1, "each_block",
                     l->launches && !l->gave_up, "why", l->gave_up ? l->why : NULL);
}

char *results_json(const struct report *r)
{
    const struct run_options *o = r->m->options;
    json_t *cells = json_array();

    for (unsigned i = 0; i < r->m->plan->count; i++)
        json_array_append_new(cells, cell_json(&r->cells[i], o));
    json_t *root = json_pack(
        "{s:s, s:i, s:o, s:o, s:{s:s, s:i, s:i, s:I, s:b, s:b, s:b}, s:o, s:o}", "schema", RESULTS_SCHEMA,
        "version", RESULTS_VERSION, "session", results_session_json(r->session), "calibration",
        floors_json(r->floors), "run", "reference", o->reference ? o->reference : family_reference(families[0]), "window_ms", (int)o->window_ms,
        "budget_s", (int)o->budget_s, "seed", (json_int_t)o->seed, "interrupted",
        (int)r->m->interrupted, "finished", (int)r->finished, "out_of_budget", (int)r->m->out_of_budget, "answers",
        report_answer_json(r), "cells", cells);
    if (root && r->kind->describe)
        json_object_set_new(root, r->kind->member, r->kind->describe(r->kind->ctx));
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(root);
    return text;
}
