/* change.c - intervals of a difference between two sessions. */
#include "bench/report/change.h"

#include <math.h>
#include <string.h>

#include "bench/report/results.h"

enum { SAMPLES = 1000 };

static struct interval over(const json_t *a, const json_t *b, const char *strategy, const char *reference,
                            double *a_median, double *b_median)
{
    static double x[SAMPLES], y[SAMPLES];
    size_t n = results_samples(a, strategy, reference, x, SAMPLES);
    size_t m = results_samples(b, strategy, reference, y, SAMPLES);
    struct interval d = stats_bootstrap_difference(y, m, x, n, 1);

    *a_median = exp(stats_median(x, n));
    *b_median = exp(stats_median(y, m));
    return verdict_of_logs(&d, 2);
}

struct change change_of(const json_t *a, const json_t *b, const char *strategy, const char *reference, bool by_rate)
{
    struct change c = { .ratio = { NAN, NAN, NAN } };
    bool is_reference = reference && strcmp(strategy, reference) == 0;
    double unused;

    c.rate = over(a, b, strategy, NULL, &c.a_ops, &c.b_ops);
    if (reference && !is_reference)
        c.ratio = over(a, b, strategy, reference, &unused, &unused);
    c.verdict = is_reference && !by_rate ? VERDICT_REFERENCE : verdict_for(by_rate ? &c.rate : &c.ratio);
    return c;
}

json_t *change_json(const char *strategy, const struct change *c)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:s}", "strategy", strategy, "a_ops_per_s",
                     results_number(c->a_ops), "b_ops_per_s", results_number(c->b_ops), "ratio",
                     results_interval(&c->ratio), "rate", results_interval(&c->rate), "verdict",
                     verdict_word(c->verdict));
}

const char *change_obstacle(const json_t *a, const json_t *b)
{
    if (strcmp(results_text(a, "placement"), results_text(b, "placement")) != 0)
        return "the processors stood near in one file and far in the other";
    if (json_is_true(json_object_get(a, "noisy")) || json_is_true(json_object_get(b, "noisy")))
        return "more than 30 % of the blocks were disturbed in one of the files";
    return NULL;
}

/* What must be alike, of two replays: where a value differs, the figures mean other things. */
static const struct kept_alike {
    const char *in, *key, *title; /* in: the member of "replay", or NULL for itself */
} kept_alike[] = {
    { "log", "requests", "log has other requests" },
    { "log", "visitors", "log has other visitors" },
    { "log", "posts", "log has other posts" },
    { "log", "first_ms", "log begins at another time" },
    { "log", "last_ms", "log ends at another time" },
    { NULL, "ttl_ms", "--ttl is another one" },
    { NULL, "scale", "--scale is another one" },
    { NULL, "repeat", "--repeat is another one" },
    { NULL, "as_logged", "order is the log's in one, and sorted in the other" },
};

static const json_t *replay_value(const struct results_file *f, const struct kept_alike *k)
{
    const json_t *replay = json_object_get(f->root, "replay");

    return json_object_get(k->in ? json_object_get(replay, k->in) : replay, k->key);
}

/* Of a run and a replay the cells have different names, so that nothing is compared. */
const char *change_refused(const struct results_file *a, const struct results_file *b)
{
    for (size_t i = 0; i < sizeof kept_alike / sizeof *kept_alike; i++) {
        const json_t *x = replay_value(a, &kept_alike[i]), *y = replay_value(b, &kept_alike[i]);
        if (x && y && !json_equal(x, y))
            return kept_alike[i].title;
    }
    return NULL;
}

bool change_needs_rates(const struct results_file *a, const struct results_file *b)
{
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(a->root, "cells"), i, cell) {
        const json_t *other = results_cell(b, results_text(cell, "name"));
        const char *reference = results_reference(a, cell);
        if (other && (!reference[0] || strcmp(reference, results_reference(b, other)) != 0))
            return true;
    }
    return false;
}
