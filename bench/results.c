/* results.c - JSON by jansson, files by rename. */
#include "bench/results.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* JSON has no NAN: what is not known is null. */
static json_t *number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *interval(const struct interval *i)
{
    return json_pack("{s:o, s:o, s:o}", "low", number(i->low), "median", number(i->middle), "high",
                     number(i->high));
}

static json_t *session_json(const struct session *s)
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
        json_object_set_new(o, f->name, number(calibration_value(c, f)));
    return o;
}

static const char *placement_name(enum placement p)
{
    static const char *const names[] = { "none", "near", "far" };

    return names[p];
}

static json_t *window_json(const struct plan_cell *p, unsigned contestant,
                           const struct window_result *w)
{
    const struct covariates *c = &w->covariates;
    char name[64];
    json_t *o = json_pack("{s:s}", "strategy",
                          contestant_name(&p->contestants[contestant], name, sizeof name));

    if (w->error) {
        json_object_set_new(o, "error", json_string(w->why));
        return o;
    }
    json_object_set_new(o, "ops", json_integer((json_int_t)w->ops));
    json_object_set_new(o, "seconds", number(w->seconds));
    json_object_set_new(o, "ops_per_s", number(w->ops_per_s));
    json_object_set_new(o, "jain", number(w->jain));
    json_object_set_new(o, "min_share", number(w->min_share));
    json_object_set_new(o, "longest_gap_ns", number(w->longest_gap_ns));
    json_object_set_new(o, "cpu_ns_per_op", number(w->cpu_ns_per_op));
    json_object_set_new(o, "bytes", json_integer((json_int_t)w->bytes));
    json_object_set_new(o, "bytes_per_item", number(w->bytes_per_item));
    json_object_set_new(o, "bytes_retired_peak", json_integer((json_int_t)w->bytes_retired_peak));
    json_object_set_new(o, "swept", json_integer((json_int_t)w->swept));
    json_object_set_new(o, "run_delay", number(c->run_delay));
    json_object_set_new(o, "steal", number(c->steal));
    json_object_set_new(o, "involuntary_switches",
                        json_integer((json_int_t)c->involuntary_switches));
    json_object_set_new(o, "start_skew", number(c->start_skew));
    json_object_set_new(o, "overrun", number(c->overrun));
    json_object_set_new(o, "line_ns", number(c->line_ns));
    json_object_set_new(o, "placement", json_string(placement_name(c->placement)));
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
                              number(block->probe_before), "probe_after_ns",
                              number(block->probe_after), "rejected", block->rejected, "windows",
                              windows));
    }
    return blocks;
}

static json_t *standing_json(const struct cell_verdict *v, const struct standing *s)
{
    const struct contestant *c = &v->cell->plan->contestants[s->contestant];
    char name[64];

    return json_pack("{s:s, s:s, s:s?, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s}",
                     "strategy", contestant_name(c, name, sizeof name), "verdict",
                     verdict_word(s->verdict), "why", s->why, "blocks", (int)s->blocks, "ops_per_s",
                     number(s->ops_per_s), "ratio", interval(&s->ratio), "floor",
                     interval(&s->floor), "jain", number(s->jain), "longest_gap_ns",
                     number(s->longest_gap_ns), "cpu_ns_per_op", number(s->cpu_ns_per_op),
                     "bytes_per_item", number(s->bytes_per_item), "progress", verdict_progress(c),
                     "reads", verdict_consistency(c, v->cell->plan->cell.workload));
}

static json_t *cell_json(const struct cell_verdict *v)
{
    const struct measured_cell *m = v->cell;
    const struct cell *c = &m->plan->cell;
    json_t *standings = json_array();
    char name[PLAN_NAME], pick[64];

    for (unsigned i = 0; i < v->count; i++)
        json_array_append_new(standings, standing_json(v, &v->standings[i]));
    if (v->pick >= 0)
        contestant_name(&m->plan->contestants[v->standings[v->pick].contestant], pick, sizeof pick);
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:i, s:s, s:b, s:s, s:i, s:i, s:b, s:o, s:s?, s:s, s:o, s:o}", "name",
        plan_cell_name(c, name), "object", object_name(c->workload->object), "workload",
        c->workload->name, "users", (json_int_t)c->users, "threads", (int)c->threads, "skew",
        skew_name(c->skew), "disjoint", (int)c->disjoint, "placement",
        placement_name(v->placement), "blocks_complete", (int)m->complete, "blocks_rejected",
        (int)m->rejected, "noisy", (int)v->noisy, "resolution", interval(&v->again), "pick",
        v->pick >= 0 ? pick : NULL, "reason", v->reason, "strategies", standings, "blocks",
        blocks_json(m));
}

char *results_json(const struct report *r)
{
    const struct run_options *o = r->m->options;
    json_t *cells = json_array();

    for (unsigned i = 0; i < r->m->plan->count; i++)
        json_array_append_new(cells, cell_json(&r->cells[i]));
    json_t *root = json_pack(
        "{s:s, s:i, s:o, s:o, s:{s:s, s:i, s:i, s:I, s:b, s:b}, s:o}", "schema", RESULTS_SCHEMA,
        "version", RESULTS_VERSION, "session", session_json(r->session), "calibration",
        floors_json(r->floors), "run", "reference", o->reference, "window_ms", (int)o->window_ms,
        "budget_s", (int)o->budget_s, "seed", (json_int_t)o->seed, "interrupted",
        (int)r->m->interrupted, "out_of_budget", (int)r->m->out_of_budget, "cells", cells);
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(root);
    return text;
}

/* Writes everything to `path` and makes sure that it arrived. */
static int write_through(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");

    if (!f)
        return -errno;
    int error = fputs(text, f) < 0 || fflush(f) != 0 ? -errno : 0;
    if (!error && fsync(fileno(f)) != 0 && errno != EINVAL && errno != EROFS)
        error = -errno; /* EINVAL: a pipe or a device has nothing to synchronise */
    if (fclose(f) != 0 && !error)
        error = -errno;
    return error;
}

int results_write(const char *path, const char *text)
{
    struct stat st;
    size_t size = strlen(path) + 32;
    char *beside;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : write_through(path, text);
    beside = malloc(size);
    if (!beside)
        return -ENOMEM;
    snprintf(beside, size, "%s.%ld.tmp", path, (long)getpid());
    int error = write_through(beside, text);
    if (!error && rename(beside, path) != 0)
        error = -errno;
    if (error)
        unlink(beside);
    free(beside);
    return error;
}
