/* answer_json.c - the short answer for programs; docs/results.md describes it. */
#include "bench/judge/pareto.h"
#include "bench/judge/simplicity.h"
#include "bench/report/results.h"
#include "bench/report/tails.h"

static const char *name_of(const struct pareto_row *row, char name[CONTESTANT_NAME])
{
    return contestant_name(row->who, name, CONTESTANT_NAME);
}

/* The questions that leave the row out if they are answered with yes. */
static json_t *left_out_by(const struct pareto *p, const struct pareto_row *row)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < p->questions; i++)
        if (needs_unmet(p->question[i], row->who))
            json_array_append_new(list, json_string(need_question(p->question[i])));
    return list;
}

/* What every row has, beaten or not. */
static json_t *row_json(const struct pareto_row *row)
{
    char name[CONTESTANT_NAME], asks[SIMPLICITY_WORDS];

    return json_pack("{s:s, s:f, s:o, s:o, s:i, s:s, s:b}", "strategy", name_of(row, name), "times", row->times,
                     "least_per_s", results_number(row->least_per_s), "bytes", results_number(row->bytes), "debts",
                     (int)row->debts, "asks", simplicity_words(row->who, asks), "at_floor", (int)row->at_floor);
}

static json_t *candidates_json(const struct report *r, const struct pareto *p)
{
    char because[PARETO_WORDS];
    json_t *rows = json_array();

    for (unsigned i = 0; i < p->count; i++) {
        json_t *row = row_json(&p->rows[i]);
        json_object_set_new(row, "because", json_string(pareto_because(p, i, because)));
        json_object_set_new(row, "p999_ns", results_number(tails_p999(r->tails, p->rows[i].who)));
        json_object_set_new(row, "not_if", left_out_by(p, &p->rows[i]));
        json_array_append_new(rows, row);
    }
    return rows;
}

/* Those that are beaten, and by which. */
static json_t *others_json(const struct pareto *p)
{
    char name[CONTESTANT_NAME];
    json_t *rows = json_array();

    for (unsigned i = p->count; i < p->count + p->beaten; i++) {
        json_t *row = row_json(&p->rows[i]), *by = json_array();
        for (unsigned k = 0; k < p->count + p->beaten; k++)
            if (pareto_beats(&p->rows[k], &p->rows[i]))
                json_array_append_new(by, json_string(name_of(&p->rows[k], name)));
        json_object_set_new(row, "beaten_by", by);
        json_array_append_new(rows, row);
    }
    return rows;
}

/* The strategies that are taken in turn as the load grows, and up to which each is. */
static json_t *ladder_json(const struct pareto *p)
{
    char name[CONTESTANT_NAME];
    json_t *steps = json_array();

    for (const struct pareto_row *row = pareto_begin(p, NEED_NONE); row; row = pareto_next(p, row))
        json_array_append_new(steps, json_pack("{s:s, s:f}", "strategy", name_of(row, name), "up_to_per_s",
                                               row->least_per_s));
    return steps;
}

static json_t *questions_json(const struct pareto *p)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < p->questions; i++)
        json_array_append_new(list, json_string(need_question(p->question[i])));
    return list;
}

json_t *report_answer_json(const struct report *r)
{
    json_t *list = json_array();
    struct pareto p;

    for (const struct family *const *f = families; *f; f++) {
        if (pareto_make(&p, *f, r->cells, r->m->plan->count) == 0 && pareto_begin(&p, NEED_NONE))
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:o, s:o, s:o}", "object",
                                                  (*f)->name, "heading", (*f)->heading, "what", (*f)->what,
                                                  "cells", (int)p.cells, "beaten", (int)p.beaten, "candidates",
                                                  candidates_json(r, &p), "others", others_json(&p), "ladder",
                                                  ladder_json(&p), "questions", questions_json(&p)));
        pareto_free(&p);
    }
    return list;
}
