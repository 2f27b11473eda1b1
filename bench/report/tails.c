/* tails.c - an open loop for each strategy that nothing beats. */
#include "bench/report/tails.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "bench/base/interrupt.h"
#include "bench/base/progress.h"
#include "bench/engine/open_loop.h"
#include "bench/judge/pareto.h"
#include "bench/measure/budget.h"
#include "locks/parts/platform.h"

enum {
    TRY_NS = 120000000, /* at one Mu twelve operations are beyond the percentile; ten are needed */
    TRIES = 3,          /* the lowest counts: a disturbed machine only adds to it */
    STAGE_NS = 100000000, /* what making the object takes beside, about */
    WARMUP_NS = 10000000,
    BEYOND = 10
};

/* The family's cell with the most threads, of those that have a processor each; NULL if none ranks. */
static const struct plan_cell *busiest(const struct report *r, const struct family *family)
{
    const struct plan_cell *best = NULL;

    for (unsigned i = 0; i < r->m->plan->count; i++) {
        const struct plan_cell *cell = &r->m->plan->cells[i];
        if (cell->cell.workload->family == family && verdict_ranks(&r->cells[i]) &&
            cell->cell.threads <= (unsigned)CPU_COUNT(&r->m->allowed) &&
            (!best || cell->cell.threads > best->cell.threads))
            best = cell;
    }
    return best;
}

static const double disturbed_above = 0.10; /* of the time, as for blocks */

static int list_family(struct tails *t, const struct report *r, const struct family *family)
{
    const struct plan_cell *cell = busiest(r, family);
    struct pareto p = { 0 };

    if (!cell)
        return 0;
    int error = pareto_make(&p, family, r->cells, r->m->plan->count);
    struct tail *of = error || !p.count ? NULL : realloc(t->of, (t->count + p.count) * sizeof *of);
    t->of = of ? of : t->of;
    for (unsigned i = 0; of && i < p.count; i++)
        for (unsigned k = 0; k < cell->count; k++)
            if (contestant_same(&cell->contestants[k], p.rows[i].who)) {
                t->of[t->count++] = (struct tail){ &cell->contestants[k], cell, NAN, true };
                break;
            }
    error = error ? error : p.count && !of ? -ENOMEM : 0;
    pareto_free(&p);
    return error;
}

/* One strategy's tries; the object's books are looked at as everywhere. */
static void look(struct tail *t, const struct report *r, struct open_loop_result *loop,
                 uint64_t ends_ns)
{
    struct window_settings settings = {
        .length_ns = 1, .warmup_ns = WARMUP_NS, .seed = r->m->options->seed,
        .allowed = r->m->allowed,
    };
    struct open_loop_plan plan = { .arrivals = ARRIVALS_EXPONENTIAL, .per_s = TAILS_PER_S,
                                   .length_ns = TRY_NS, .seed = settings.seed };
    struct window_result out = { .error = 0 };
    double least = INFINITY;
    struct stage *stage;

    if (stage_make(&stage, &t->cell->cell, t->who, &settings, &out))
        return;
    for (int i = 0; i < TRIES && !interrupt_came() && contend_clock_ns() + TRY_NS < ends_ns; i++)
        if (open_loop_run(stage, &plan, loop) == 0 &&
            (double)loop->response.count * 0.001 >= BEYOND) {
            least = fmin(least, histogram_quantile(&loop->response, 0.999));
            t->disturbed = t->disturbed && loop->covariates.run_delay > disturbed_above;
        }
    if (stage_end(stage, &out) == 0 && isfinite(least))
        t->p999_ns = least;
}

void tails_measure(struct tails *t, const struct report *r)
{
    struct open_loop_result *loop = calloc(1, sizeof *loop);
    struct progress progress;
    uint64_t now = contend_clock_ns();
    double share_s = fmin((double)(now - r->m->started_ns) / 4e9,
                          budget_for_tails(r->m->options));
    uint64_t ends = now + (uint64_t)(1e9 * fmin(share_s, budget_left(r->m->options)));
    int error = loop ? 0 : -ENOMEM;

    for (const struct family *const *f = families; *f && !error; f++)
        error = list_family(t, r, *f);
    progress_begin(&progress, r->m->options->quiet, 0);
    for (unsigned i = 0; i < t->count && !error && !interrupt_came(); i++) {
        /* Each has an equal part of what is left. */
        uint64_t at = contend_clock_ns(), part = ends > at ? (ends - at) / (t->count - i) : 0;
        if (part < STAGE_NS + TRY_NS)
            break;
        progress_note(&progress, "how late operations are at 1 Mu");
        look(&t->of[i], r, loop, at + part);
    }
    progress_end(&progress);
    free(loop);
}

void tails_free(struct tails *t)
{
    free(t->of);
    *t = (struct tails){ 0 };
}

const struct tail *tails_find(const struct tails *t, const struct contestant *who)
{
    for (unsigned i = 0; i < t->count; i++)
        if (contestant_same(t->of[i].who, who))
            return &t->of[i];
    return NULL;
}

double tails_p999(const struct tails *t, const struct contestant *who)
{
    const struct tail *tail = tails_find(t, who);

    return tail ? tail->p999_ns : NAN;
}
