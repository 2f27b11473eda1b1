/* run.c - `contend run`: plan, measure, judge, report. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/commands.h"
#include "bench/measure.h"
#include "bench/report.h"
#include "bench/results.h"

static int judge(struct report *r)
{
    const struct measurement *m = r->m;

    r->cells = calloc(m->plan->count, sizeof *r->cells);
    for (unsigned i = 0; r->cells && i < m->plan->count; i++)
        if (verdict_make(&r->cells[i], &m->cells[i], PLACEMENT_NONE, m->options->seed) != 0)
            return -ENOMEM;
    return r->cells ? 0 : -ENOMEM;
}

/* Says what went wrong with a file, and goes on: the table is out already. */
static int save(const char *option, const char *path, const char *text)
{
    int error = text ? results_write(path, text) : -ENOMEM;

    if (error)
        fprintf(stderr, "contend run: --%s=%s: could not be written: %s\n", option, path,
                strerror(-error));
    return error;
}

/* A conservation check that failed is a failure of the run, unless it was meant to fail. */
static bool any_wrong(const struct report *r)
{
    for (unsigned i = 0; i < r->m->plan->count; i++)
        for (unsigned k = 0; k < r->cells[i].count; k++) {
            const struct standing *s = &r->cells[i].standings[k];
            const struct contestant *c = &r->cells[i].cell->plan->contestants[s->contestant];
            if (s->verdict == VERDICT_WRONG &&
                !(contestant_identity(c)->flags & CONTEND_EXHIBIT))
                return true;
        }
    return false;
}

static int write_files(const struct report *r)
{
    const struct run_options *o = r->m->options;
    int error = 0;

    if (o->json) {
        char *text = results_json(r);
        error = save("json", o->json, text);
        free(text);
    }
    if (o->gb_out) {
        int second = save("benchmark_out", o->gb_out, r->m->gb_text);
        error = error ? error : second;
    }
    return error;
}

static int report_all(struct report *r, FILE *human)
{
    int error = judge(r);

    if (error) {
        fprintf(stderr, "contend run: %s\n", strerror(-error));
        return 1;
    }
    report_print(human, r);
    fflush(human);
    error = write_files(r);
    if (r->m->interrupted)
        return 130;
    return error || any_wrong(r) ? 1 : 0;
}

static int run_plan(const struct plan *plan, const struct run_options *o)
{
    /* When google-benchmark's format was asked for, standard output belongs to it. */
    FILE *human = o->gb_display ? stderr : stdout;
    struct measurement m;
    struct session session;
    struct calibration floors;
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        CPU_ZERO(&allowed);
    report_plan(human, plan, o);
    fflush(human);
    session_record(&session, &allowed, o->seed);
    floors = calibrate(&allowed);
    report_floors(human, &floors);
    fflush(human);
    int error = measure_run(&m, plan, o);
    struct report r = {
        .m = &m, .session = &session, .floors = &floors,
        .color = o->color && !o->gb_display,
    };
    if (error)
        fprintf(stderr, "contend run: %s\n", strerror(-error));
    int status = error ? 1 : report_all(&r, human);
    for (unsigned i = 0; r.cells && i < plan->count; i++)
        verdict_free(&r.cells[i]);
    free(r.cells);
    measure_free(&m);
    return status;
}

int command_run(int argc, char **argv)
{
    struct run_options o;
    struct plan plan = { 0 };
    int status = 0;
    int error = options_parse(&o, argc, argv);

    if (error == 0)
        error = plan_make(&plan, &o);
    if (error < 0)
        status = error == -ENOMEM ? 1 : 2;
    else if (error == 0 && o.list_only)
        plan_list(&plan, stdout);
    else if (error == 0)
        status = run_plan(&plan, &o);
    plan_free(&plan);
    free(o.gb.argv);
    return status;
}
