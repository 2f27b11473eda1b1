/* rows.c - the runs of `contend rows`. */
#include "bench/serve/labs/rows.h"

#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/stores/parts/trouble.h"

enum { STEPS = ROWS_REMOVALS + ROWS_TEXTS + ROWS_DATES };

/* The step-th part of all of an engine's. */
static int run_step(struct rows_results *r, unsigned step)
{
    if (step < ROWS_REMOVALS)
        return rows_lab_removal(r, (enum rows_removal)step);
    step -= ROWS_REMOVALS;
    if (step < ROWS_TEXTS)
        return rows_lab_text(r, (enum rows_text)step);
    return rows_lab_date(r, (enum rows_date)(step - ROWS_TEXTS));
}

static int run_engine(struct rows_lab *l, unsigned i)
{
    struct rows_results *r = &l->of[i];
    char text[TROUBLE_TEXT];
    int error = 0;

    if (r->engine->ready(r->why, sizeof r->why) != 0)
        return 0; /* its figures are not there, as `why` says */
    for (unsigned step = 0; step < STEPS && !error && !experiment_is_over(&l->e); step++) {
        experiment_progress(&l->e, i * STEPS + step, l->count * STEPS, r->engine->name);
        error = run_step(r, step);
    }
    r->engine->stop();
    if (error && experiment_is_over(&l->e))
        return 0; /* a server that was interrupted while it started is no failure */
    if (error)
        snprintf(r->why, sizeof r->why, "%s", trouble_take(text) ? text : strerror(-error));
    return error;
}

int rows_lab_command(const struct rows_lab_options *o)
{
    static struct rows_lab lab;
    struct rows_lab *l = &lab;
    int error = 0;

    memset(l, 0, sizeof *l);
    l->options = o;
    experiment_begin(&l->e, "rows", &o->base);
    for (; rows_engines[l->count] && l->count < ROWS_ENGINES; l->count++)
        l->of[l->count].engine = rows_engines[l->count];
    for (unsigned i = 0; i < l->count; i++) {
        int failed = experiment_is_over(&l->e) ? 0 : run_engine(l, i);
        if (failed)
            arguments_error("%s", l->of[i].why);
        error = error ? error : failed;
    }
    rows_lab_judge(l);
    if (experiment_has_figures(&l->e))
        rows_lab_print(l);
    return experiment_end(&l->e, rows_lab_json(l), error != 0);
}
