/* pareto.c - which strategy beats which, and the questions that split the rest. */
#include "bench/judge/pareto.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "bench/judge/promise.h"
#include "bench/judge/simplicity.h"

static const double worth_a_step = 1.25; /* so much more load is a reason to take another one */
static const double as_small = 1.10; /* bytes within 10 % are the same: too little to choose by */

/* What is promised; libraries and threads are in the debts, and the rest few ask for. */
enum { PROMISES = NEED_SPARSE | NEED_REUSE | NEED_IDS64 | NEED_GROW | NEED_LAST_SEEN | NEED_EXACT |
                  NEED_LOCK_FREE | NEED_WAIT_FREE };

static unsigned promises_of(const struct contestant *who)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < NEED_COUNT; i++)
        if (PROMISES & 1u << i && !needs_unmet(1u << i, who))
            kept |= 1u << i;
    return kept;
}

static bool has_reference(const struct cell_verdict *v)
{
    for (unsigned i = 0; i < v->count; i++)
        if (v->standings[i].verdict == VERDICT_REFERENCE)
            return true;
    return false;
}

static bool considers(const struct family *family, const struct cell_verdict *v)
{
    return v->cell->plan->cell.workload->family == family && verdict_ranks(v) && v->blocks >= 3 &&
           has_reference(v);
}

/* The standing of a contestant in a cell, if it has a rate; else NULL. */
static const struct standing *standing_in(const struct cell_verdict *v, const struct contestant *who)
{
    for (unsigned i = 0; i < v->count; i++) {
        const struct standing *s = &v->standings[i];
        if (contestant_same(&v->cell->plan->contestants[s->contestant], who))
            return s->why || isnan(s->ratio.middle) ? NULL : s;
    }
    return NULL;
}

/* Fills a row; false if the contestant has no rate in one of the cells. */
static bool fill_row(struct pareto_row *row, const struct family *family,
                     const struct cell_verdict *cells, unsigned count)
{
    double logs = 0;
    unsigned n = 0;

    row->at_floor = true;
    row->least_per_s = INFINITY;
    row->debts = simplicity_rank(row->who);
    row->promises = promises_of(row->who);
    for (unsigned i = 0; i < count; i++) {
        if (!considers(family, &cells[i]))
            continue;
        const struct standing *s = standing_in(&cells[i], row->who);
        if (!s)
            return false;
        logs += log(s->ratio.middle);
        row->bytes = fmax(row->bytes, s->bytes_per_item);
        row->least_per_s = fmin(row->least_per_s, s->ops_per_s);
        row->at_floor = row->at_floor && s->at_floor;
        n++;
    }
    row->times = exp(logs / n);
    return true;
}

bool pareto_as_fast(const struct pareto_row *a, const struct pareto_row *b)
{
    return a->times * VERDICT_MARGIN >= b->times && a->least_per_s * worth_a_step >= b->least_per_s;
}

bool pareto_smaller(const struct pareto_row *a, const struct pareto_row *b)
{
    return as_small * a->bytes < b->bytes;
}

bool pareto_beats(const struct pareto_row *a, const struct pareto_row *b)
{
    bool as_good = pareto_as_fast(a, b) && !pareto_smaller(b, a) && a->debts <= b->debts &&
                   !(b->promises & ~a->promises);

    return as_good && (a->promises != b->promises || a->debts < b->debts || !pareto_as_fast(b, a) ||
                       pareto_smaller(a, b));
}

/* Those that are not beaten first, and either kind by its rate. */
static int by_rank(const void *a, const void *b)
{
    const struct pareto_row *x = a, *y = b;

    return x->beaten != y->beaten ? x->beaten - y->beaten : (x->times < y->times) - (x->times > y->times);
}

static void sort_out(struct pareto *p)
{
    for (unsigned i = 0; i < p->count; i++)
        for (unsigned k = 0; k < p->count && !p->rows[i].beaten; k++)
            p->rows[i].beaten = pareto_beats(&p->rows[k], &p->rows[i]);
    for (unsigned i = 0; i < p->count; i++)
        p->beaten += p->rows[i].beaten;
    qsort(p->rows, p->count, sizeof *p->rows, by_rank);
    p->count -= p->beaten;
}

/* Which rows meet a need, a bit each. */
static uint64_t meet(const struct pareto *p, enum need need)
{
    uint64_t set = 0;

    for (unsigned i = 0; i < p->count && i < 64; i++)
        set |= needs_unmet(need, p->rows[i].who) ? 0 : UINT64_C(1) << i;
    return set;
}

/* In the order of the list, which begins with what most often decides; each splits in its own way. */
static void find_questions(struct pareto *p, const struct family *family)
{
    uint64_t all = p->count >= 64 ? UINT64_MAX : (UINT64_C(1) << p->count) - 1;
    uint64_t splits[PARETO_QUESTIONS];

    for (unsigned i = 0; i < NEED_COUNT && p->questions < PARETO_QUESTIONS; i++) {
        enum need need = (enum need)(1u << i);
        uint64_t set = needs_of_family(family) & need ? meet(p, need) : 0;
        bool known = set == 0 || set == all;
        for (unsigned k = 0; k < p->questions && !known; k++)
            known = splits[k] == set;
        if (known)
            continue;
        splits[p->questions] = set;
        p->question[p->questions++] = need;
    }
}

/* The lowest median of all cells of the family in which anybody has one; NAN if it has none there. */
static double least_of(const struct family *family, const struct cell_verdict *cells, unsigned count,
                       const struct contestant *who)
{
    double least = INFINITY;

    for (unsigned i = 0; i < count; i++) {
        double rate = NAN;
        bool any = false;
        if (cells[i].cell->plan->cell.workload->family != family)
            continue;
        for (unsigned k = 0; k < cells[i].count; k++) {
            const struct standing *s = &cells[i].standings[k];
            any = any || (!s->why && !isnan(s->ops_per_s));
            if (!s->why && contestant_same(&cells[i].cell->plan->contestants[s->contestant], who))
                rate = s->ops_per_s;
        }
        if (any && isnan(rate))
            return NAN;
        least = any ? fmin(least, rate) : least;
    }
    return isfinite(least) ? least : NAN;
}

static bool may_be_taken(const struct contestant *who)
{
    return !who->again && !who->slowed && !who->peer &&
           !(contestant_identity(who)->flags & (CONTEND_FLOOR | CONTEND_EXHIBIT));
}

int pareto_make(struct pareto *p, const struct family *family, const struct cell_verdict *cells,
                unsigned count)
{
    const struct cell_verdict *first = NULL;

    *p = (struct pareto){ 0 };
    for (unsigned i = 0; i < count; i++)
        if (considers(family, &cells[i])) {
            first = first && first->count >= cells[i].count ? first : &cells[i];
            p->cells++;
            p->threads = cells[i].cell->plan->cell.threads > p->threads ? cells[i].cell->plan->cell.threads
                                                                        : p->threads;
        }
    if (!first)
        return 0;
    p->rows = calloc(first->count, sizeof *p->rows);
    if (!p->rows)
        return -ENOMEM;
    for (unsigned k = 0; k < first->cell->plan->count; k++) {
        struct pareto_row row = { .who = &first->cell->plan->contestants[k] };
        if (!may_be_taken(row.who))
            continue;
        if (fill_row(&row, family, cells, count))
            p->rows[p->count++] = row;
        else
            p->partial++;
    }
    sort_out(p);
    find_questions(p, family);
    return 0;
}

void pareto_free(struct pareto *p)
{
    free(p->rows);
}

const struct pareto_row *pareto_begin(const struct pareto *p, unsigned needs)
{
    const struct pareto_row *best[2] = { NULL, NULL }; /* for everybody, and for some */

    for (unsigned i = 0; i < p->count; i++) {
        const struct pareto_row **of = &best[promise_demand(p->rows[i].who) != NULL];
        if (!needs_unmet(needs, p->rows[i].who) && (!*of || p->rows[i].debts < (*of)->debts))
            *of = &p->rows[i];
    }
    return best[0] ? best[0] : best[1];
}

const struct pareto_row *pareto_next(const struct pareto *p, const struct pareto_row *row)
{
    const struct pareto_row *best = NULL;

    for (unsigned i = 0; i < p->count; i++) {
        const struct pareto_row *other = &p->rows[i];
        if (promise_demand(other->who) || other->least_per_s < worth_a_step * row->least_per_s)
            continue;
        if (!best || other->debts < best->debts ||
            (other->debts == best->debts && other->least_per_s > best->least_per_s))
            best = other;
    }
    return best;
}

const struct contestant *pareto_unranked_begin(const struct family *family, const struct cell_verdict *cells,
                                               unsigned count, double *least_per_s)
{
    const struct contestant *best = NULL;

    for (unsigned i = 0; i < count; i++) {
        const struct plan_cell *plan = cells[i].cell->plan;
        for (unsigned k = 0; plan->cell.workload->family == family && k < plan->count; k++) {
            const struct contestant *who = &plan->contestants[k];
            double least = may_be_taken(who) && !promise_demand(who) ? least_of(family, cells, count, who) : NAN;
            if (isnan(least) || (best && simplicity_rank(who) >= simplicity_rank(best)))
                continue;
            best = who;
            *least_per_s = least;
        }
    }
    return best;
}
