/* results_csv.c - the results for spreadsheets and statistics programs. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/judge/promise.h"
#include "bench/report/results.h"

/* A text as RFC 4180 wants it. */
static void put_text(FILE *f, const char *text)
{
    if (!text[strcspn(text, ",\"\r\n")]) {
        fputs(text, f);
        return;
    }
    fputc('"', f);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', f); /* doubled */
        fputc(*text, f);
    }
    fputc('"', f);
}

static void put_number(FILE *f, double x)
{
    fputc(',', f);
    if (isfinite(x))
        fprintf(f, "%.9g", x);
}

/* The columns that say which cell and strategy a line is about. */
static const char cell_columns[] = "object,workload,users,posts,threads,readers,skew,disjoint,ids,"
                                   "batch,strategy";

static void put_cell(FILE *f, const struct plan_cell *p, unsigned contestant)
{
    const struct cell *c = &p->cell;
    char name[CONTESTANT_NAME];

    fprintf(f, "%s,%s,%" PRIu64 ",%" PRIu64 ",%u,%u,%s,%d,%s,%u,", c->workload->family->name,
            c->workload->name, c->users, c->posts, c->threads, c->readers, skew_name(c->skew),
            c->disjoint, ids_name(c->ids), cell_batch(c));
    put_text(f, contestant_name(&p->contestants[contestant], name, sizeof name));
}

static void put_standing(FILE *f, const struct cell_verdict *v, const struct standing *s)
{
    const struct contestant *c = &v->cell->plan->contestants[s->contestant];
    char progress[PROMISE_WORDS], guarantee[PROMISE_WORDS];

    put_cell(f, v->cell->plan, s->contestant);
    fprintf(f, ",%s,%u", results_placement(v->placement), s->blocks);
    put_number(f, s->ops_per_s);
    put_number(f, s->ratio.middle);
    put_number(f, s->ratio.low);
    put_number(f, s->ratio.high);
    put_number(f, s->floor.middle);
    put_number(f, s->floor.low);
    put_number(f, s->floor.high);
    put_number(f, s->readers_per_s);
    put_number(f, s->writers_per_s);
    put_number(f, s->jain);
    put_number(f, s->min_share);
    put_number(f, s->longest_gap_ns);
    put_number(f, s->hand_overs);
    put_number(f, s->longest_wait_ns);
    put_number(f, s->cpu_ns_per_op);
    put_number(f, s->bytes_per_item);
    fputc(',', f);
    put_text(f, promise_progress(c, progress));
    fputc(',', f);
    put_text(f, promise_guarantee(c, guarantee));
    fprintf(f, ",%s,%d\n", verdict_word(s->verdict), v->pick >= 0 && &v->standings[v->pick] == s);
}

static void put_windows(FILE *f, const struct measured_cell *c)
{
    for (unsigned b = 0; b < c->plan->blocks; b++)
        for (unsigned k = 0; c->blocks[b].done == c->plan->count && k < c->plan->count; k++) {
            const struct window_result *w = &c->blocks[b].windows[k];
            put_cell(f, c->plan, k);
            fprintf(f, ",%u,", b);
            put_text(f, c->blocks[b].rejected ? c->blocks[b].rejected : "");
            fputc(',', f);
            put_text(f, w->error ? w->why : "");
            for (const struct window_field *field = window_fields; field->name; field++)
                put_number(f, w->error ? NAN : window_field_value(w, field));
            fprintf(f, ",%s\n", results_placement(w->covariates.placement));
        }
}

/* Writes one of the two into memory. */
static char *as_text(const struct report *r, void (*write)(FILE *, const struct report *))
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    write(f, r);
    return fclose(f) == 0 ? text : NULL;
}

static void write_table(FILE *f, const struct report *r)
{
    fprintf(f, "%s,placement,blocks,ops_per_s,ratio,ratio_low,ratio_high,floor,floor_low,"
               "floor_high,readers_per_s,writers_per_s,jain,min_share,longest_gap_ns,hand_overs,"
               "longest_wait_ns,cpu_ns_per_op,bytes_per_item,progress,reads,verdict,pick\n",
            cell_columns);
    for (unsigned i = 0; i < r->m->plan->count; i++)
        for (unsigned k = 0; k < r->cells[i].count; k++)
            put_standing(f, &r->cells[i], &r->cells[i].standings[k]);
}

static void write_windows(FILE *f, const struct report *r)
{
    fprintf(f, "%s,block,rejected,error", cell_columns);
    for (const struct window_field *field = window_fields; field->name; field++)
        fprintf(f, ",%s", field->name);
    fputs(",placement\n", f);
    for (unsigned i = 0; i < r->m->plan->count; i++)
        put_windows(f, &r->m->cells[i]);
}

char *results_csv(const struct report *r)
{
    return as_text(r, write_table);
}

char *results_windows(const struct report *r)
{
    return as_text(r, write_windows);
}
