/* loads.c - for each load what the strategy to begin with carries, and which one is the fastest. */
#include <math.h>

#include "bench/base/text.h"
#include "bench/judge/pareto.h"
#include "bench/report/report.h"
#include "bench/report/tails.h"

/* "futex carries 608 Mu"; empty where it has no rate. */
static const char *carried(const struct cell_verdict *v, const struct contestant *begin, char *buffer, size_t size)
{
    char name[CONTESTANT_NAME], mu[TEXT_NUMBER];

    buffer[0] = '\0';
    for (unsigned i = 0; begin && i < v->count; i++) {
        const struct standing *s = &v->standings[i];
        if (!s->why && !isnan(s->ops_per_s) &&
            contestant_same(&v->cell->plan->contestants[s->contestant], begin))
            snprintf(buffer, size, "%s carries %s Mu", contestant_name(begin, name, sizeof name),
                     text_about(s->ops_per_s / TAILS_PER_S, mu));
    }
    return buffer;
}

static void print_load(FILE *out, const struct cell_verdict *v, const struct contestant *begin)
{
    char name[PLAN_NAME], carries[CONTESTANT_NAME + 64], text[sizeof v->reason + sizeof carries + 8];

    fprintf(out, "  %s:\n", plan_cell_name(&v->cell->plan->cell, name));
    carried(v, begin, carries, sizeof carries);
    snprintf(text, sizeof text, "%s%s%s", carries, !carries[0] ? "" : v->pick < 0 ? "; " : ".  ", v->reason);
    text_wrapped(out, text, 6, REPORT_WIDTH - 6);
}

void report_loads(FILE *out, const struct report *r)
{
    unsigned count = r->m->plan->count;
    struct pareto p;
    double least;

    report_heading(out, r, "What to take, load by load");
    text_wrapped(out, "First what the strategy to begin with carries, from the short answer.  If that is more "
                 "than you need, take it; the fastest is for those who need more.", 2, REPORT_WIDTH - 2);
    for (const struct family *const *f = families; *f; f++) {
        const struct pareto_row *row = pareto_make(&p, *f, r->cells, count) == 0 ? pareto_begin(&p, NEED_NONE) : NULL;
        const struct contestant *begin = row ? row->who : pareto_unranked_begin(*f, r->cells, count, &least);
        for (unsigned i = 0; i < count; i++)
            if (r->cells[i].cell->plan->cell.workload->family == *f)
                print_load(out, &r->cells[i], begin);
        pareto_free(&p);
    }
    fputc('\n', out);
}
