/* scale.c - a curve over threads and one over processes, for each strategy. */
#include "bench/report/scale.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/shortage.h"
#include "bench/base/stats.h"
#include "bench/base/text.h"
#include "bench/engine/processes.h"
#include "bench/stores/stores.h"

enum { SHORTEST_MS = 20, LONGEST_MS = 500, ATTEMPTS = 4 };

/* One window of one way.  0, or a negative errno value with its reason in the item. */
static int take(struct scale_results *r, struct series_item *item, enum scale_way way, unsigned n,
                uint64_t seed, double *rate)
{
    struct cell cell = item->cell->cell;
    struct window_settings settings = { .length_ns = r->length_ns, .warmup_ns = r->length_ns / 5,
                                        .seed = seed, .allowed = r->series.allowed };
    struct window_result window = { .error = 0 };

    if (way == SCALE_PROCESSES) {
        stores_end(); /* each process starts its own */
        return processes_run(n, &cell, item->who, &settings, rate, item->why, sizeof item->why);
    }
    cell.threads = n;
    int error = window_run(NULL, &cell, item->who, &settings, &window);
    /* Not by the workers' own stamps: one that got a turn late would count as fast. */
    *rate = (double)window.ops / ((double)r->length_ns / 1e9);
    item->skipped = window.skipped;
    if (error)
        snprintf(item->why, sizeof item->why, "%s", window.why);
    return error;
}

/* Where more threads than processors are, one may get no turn within its window: then once more. */
static int take_patiently(struct scale_results *r, struct series_item *item, enum scale_way way,
                          unsigned n, uint64_t seed, double *rate)
{
    int error = -EAGAIN;

    for (unsigned i = 0; i < ATTEMPTS && error && error != -EILSEQ && !item->skipped; i++)
        error = take(r, item, way, n, seed, rate);
    return error;
}

/* All rounds of one curve, and the law that fits. */
static int trace(struct scale_results *r, unsigned item, enum scale_way way)
{
    struct scale_curve *c = &r->curves[item][way];
    const struct scale_options *o = r->options;
    double n[SCALE_SIZES], rounds[SCALE_ROUNDS];

    for (unsigned i = 0; i < o->count; i++) {
        for (unsigned k = 0; k < SCALE_ROUNDS; k++) {
            if (series_is_over(&r->series))
                return -EINTR;
            int error = take_patiently(r, &r->series.items[item], way, o->sizes[i], o->run.seed + k,
                                       &rounds[k]);
            if (error)
                return error;
        }
        n[i] = o->sizes[i];
        c->rates[i] = stats_median(rounds, SCALE_ROUNDS);
    }
    c->fitted = gunther_fit(&c->law, n, c->rates, o->count) == 0;
    return 0;
}

static int one(void *ctx, unsigned item, struct stage *unused)
{
    struct scale_results *r = ctx;
    int error = 0;

    (void)unused;
    for (int way = 0; way < SCALE_WAYS && !error; way++)
        error = trace(r, item, (enum scale_way)way);
    return error;
}

static void begin_curves(struct scale_results *r)
{
    for (unsigned i = 0; i < r->series.count; i++)
        for (int way = 0; way < SCALE_WAYS; way++)
            for (unsigned k = 0; k < SCALE_SIZES; k++)
                r->curves[i][way].rates[k] = NAN;
}

int scale_command(const struct plan *plan, const struct scale_options *o)
{
    struct scale_results r = { .options = o };
    char sentence[300];

    if (series_begin(&r.series, plan, &o->run) != 0)
        return 1;
    r.curves = calloc(r.series.count, sizeof *r.curves);
    bool ready = r.curves != NULL;
    if (ready) {
        double windows = (double)r.series.count * SCALE_WAYS * o->count * SCALE_ROUNDS;
        double share = o->run.budget_s * 500.0 / windows;
        r.length_ns = (uint64_t)(o->length_ms ? o->length_ms
                                              : fmin(fmax(share, SHORTEST_MS), LONGEST_MS)) * 1000000;
        r.cpus = (unsigned)CPU_COUNT(&r.series.allowed);
        begin_curves(&r);
        snprintf(sentence, sizeof sentence,
                 "Plan: %u strategies, each on %u numbers of threads and of processes, %d windows of %.0f "
                 "ms each (budget %u s).  Ctrl-C ends it early and keeps what was measured.",
                 r.series.count, o->count, SCALE_ROUNDS, (double)r.length_ns / 1e6, o->run.budget_s);
        text_wrapped(stdout, sentence, 0, 80);
        putchar('\n');
        series_start(&r.series);
        for (unsigned i = 0; i < r.series.count && !series_is_over(&r.series); i++)
            series_run_bare(&r.series, i, one, &r);
        series_stop(&r.series);
        stores_end();
        scale_print(stdout, &r);
    } else {
        shortage_fail(-ENOMEM);
    }
    int status = series_end(&r.series, ready ? scale_json(&r) : NULL, !ready);
    free(r.curves);
    return status;
}
