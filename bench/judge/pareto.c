/* pareto.c - which strategy beats which, and the questions that split the rest. */
#include "bench/judge/pareto.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "bench/judge/simplicity.h"

static const double as_small = 1.05; /* bytes within 5 % are the same */

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
        row->at_floor = row->at_floor && s->at_floor;
        n++;
    }
    row->times = exp(logs / n);
    return true;
}

static bool beats(const struct pareto_row *a, const struct pareto_row *b)
{
    bool as_good = a->times * VERDICT_MARGIN >= b->times && a->bytes <= as_small * b->bytes &&
                   a->debts <= b->debts && !(b->promises & ~a->promises);

    return as_good && (a->promises != b->promises || a->debts < b->debts ||
                       a->times > VERDICT_MARGIN * b->times || as_small * a->bytes < b->bytes);
}

static int by_rate(const void *a, const void *b)
{
    const struct pareto_row *x = a, *y = b;

    return (x->times < y->times) - (x->times > y->times);
}

static void keep_unbeaten(struct pareto *p)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < p->count; i++)
        for (unsigned k = 0; k < p->count && !p->rows[i].beaten; k++)
            p->rows[i].beaten = beats(&p->rows[k], &p->rows[i]);
    for (unsigned i = 0; i < p->count; i++)
        if (!p->rows[i].beaten)
            p->rows[kept++] = p->rows[i];
    p->beaten = p->count - kept;
    p->count = kept;
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

int pareto_make(struct pareto *p, const struct family *family, const struct cell_verdict *cells,
                unsigned count)
{
    const struct cell_verdict *first = NULL;

    *p = (struct pareto){ 0 };
    for (unsigned i = 0; i < count; i++)
        if (considers(family, &cells[i])) {
            first = first && first->count >= cells[i].count ? first : &cells[i];
            p->cells++;
        }
    if (!first)
        return 0;
    p->rows = calloc(first->count, sizeof *p->rows);
    if (!p->rows)
        return -ENOMEM;
    for (unsigned k = 0; k < first->cell->plan->count; k++) {
        struct pareto_row row = { .who = &first->cell->plan->contestants[k] };
        if (row.who->again || row.who->slowed || row.who->peer ||
            contestant_identity(row.who)->flags & (CONTEND_FLOOR | CONTEND_EXHIBIT))
            continue;
        if (fill_row(&row, family, cells, count))
            p->rows[p->count++] = row;
        else
            p->partial++;
    }
    keep_unbeaten(p);
    qsort(p->rows, p->count, sizeof *p->rows, by_rate);
    find_questions(p, family);
    return 0;
}

void pareto_free(struct pareto *p)
{
    free(p->rows);
}
