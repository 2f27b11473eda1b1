/* trial.c - measures, judges, reports and saves. */
#include "bench/report/trial.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/interrupt.h"
#include "bench/base/shortage.h"
#include "bench/base/text.h"
#include "bench/judge/pick.h"
#include "bench/measure/budget.h"
#include "bench/report/output.h"
#include "bench/report/report.h"
#include "bench/report/results.h"
#include "bench/report/tails.h"
#include "locks/parts/platform.h"

enum {
    SLOW_SAVE_NS = 100000000, /* a save that takes longer is not repeated after every block */
    SAVE_EVERY = 20           /* but after this many times its duration */
};

struct trial {
    struct measurement m;
    struct session session;
    struct calibration floors;
    struct report report;
    struct tails tails;
    const struct run_options *options;
    const struct trial_kind *kind;
    uint64_t save_again_ns; /* no save before this: slow saves take at most 5 % of the time */
    bool unsaved; /* a file could not be written: reported once, and tried again at the end only */
};

static int judge(struct trial *t, unsigned cell)
{
    struct cell_verdict *v = &t->report.cells[cell];

    verdict_free(v);
    int error = verdict_make(v, &t->m.cells[cell], PLACEMENT_NONE, t->options->seed);
    if (!error)
        pick_make(v, t->options->seed);
    return error;
}

/* Writes one file.  Says what went wrong and goes on. */
static int save(const char *option, const char *path, char *text)
{
    int error = output_save(option, path, text);

    free(text);
    return error;
}

/* A pipe or a device gets the final state only. */
static bool is_due(const struct trial *t, const char *path)
{
    return path && (t->report.finished || output_is_replaced(path));
}

static int save_all(struct trial *t)
{
    const struct run_options *o = t->options;
    int error = 0, next;

    if (is_due(t, o->json) && (next = save("json", o->json, results_json(&t->report))) != 0)
        error = next;
    if (is_due(t, o->csv) && (next = save("csv", o->csv, results_csv(&t->report))) != 0)
        error = next;
    if (is_due(t, o->windows) &&
        (next = save("windows", o->windows, results_windows(&t->report))) != 0)
        error = next;
    return error;
}

/*
 * Finished blocks are in the files before the next block begins.  In a run so long that writing
 * takes long, they are there after at most twenty times the duration of a write.
 */
static void block_done(void *ctx, unsigned cell)
{
    struct trial *t = ctx;

    if (judge(t, cell) != 0 || t->unsaved || contend_clock_ns() < t->save_again_ns)
        return;
    uint64_t begin = contend_clock_ns();
    t->unsaved = save_all(t) != 0;
    uint64_t end = contend_clock_ns();
    if (end - begin > SLOW_SAVE_NS)
        t->save_again_ns = end + SAVE_EVERY * (end - begin);
}

/* Wrong answers, unless they were meant, and what could not be measured make the run a failure. */
static bool any_failure(const struct trial *t)
{
    for (unsigned i = 0; i < t->m.plan->count; i++)
        for (unsigned k = 0; k < t->report.cells[i].count; k++) {
            const struct standing *s = &t->report.cells[i].standings[k];
            const struct contestant *c = &t->m.plan->cells[i].contestants[s->contestant];
            if (s->verdict >= VERDICT_FAILED &&
                !(contestant_identity(c)->flags & CONTEND_EXHIBIT))
                return true;
        }
    return false;
}

/* Whether it was to be published and some cell gives no ranking, or ended early. */
static bool unfit_to_publish(const struct trial *t, FILE *human)
{
    unsigned unfit = 0;

    for (unsigned i = 0; i < t->m.plan->count; i++) {
        const struct cell_verdict *v = &t->report.cells[i];
        unfit += v->noisy || v->again_differs || measure_cut_short(&t->m, v->cell);
    }
    if (!t->options->publish || !unfit)
        return false;
    fprintf(human, "  NOT TO BE PUBLISHED: of %u cells %u are noisy or were cut short.\n",
            t->m.plan->count, unfit);
    return true;
}

static void say_saved(FILE *out, const struct run_options *o)
{
    const char *const paths[] = { o->json, o->csv, o->windows, o->gb_out };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (paths[i]) {
            char shown[256];
            snprintf(shown, sizeof shown, "%s", paths[i]);
            fprintf(out, "  saved         %s\n", text_tame(shown));
        }
}

static int finish(struct trial *t, FILE *human)
{
    const struct run_options *o = t->options;
    int error = 0;

    report_print(human, &t->report);
    fflush(human);
    t->report.finished = true;
    error = save_all(t);
    if (o->gb_out) {
        int second = save("benchmark_out", o->gb_out, t->m.gb_text);
        t->m.gb_text = NULL;
        error = error ? error : second;
    }
    if (!error)
        say_saved(human, o);
    report_advice(human, &t->report);
    bool unfit = unfit_to_publish(t, human);
    fflush(human);
    if (t->m.interrupted)
        return 130;
    return error || unfit || any_failure(t) ? 1 : 0;
}

/* All cells begin without a block. */
static int begin(struct trial *t)
{
    unsigned count = t->m.plan->count;
    int error = 0;

    t->report.cells = calloc(count ? count : 1, sizeof *t->report.cells);
    for (unsigned i = 0; t->report.cells && !error && i < count; i++)
        error = judge(t, i);
    if (!t->report.cells || error)
        return -ENOMEM;
    t->unsaved = save_all(t) != 0; /* says now, not after minutes, that a file cannot be written */
    return 0;
}

/* What follows the blocks, about. */
static double later(const struct trial *t)
{
    return t->kind->tails ? fmin(t->m.plan->seconds / 4, budget_for_tails(t->options)) : 0;
}

static int measure(struct trial *t, FILE *human)
{
    struct measure_hooks hooks = {
        .block_done = block_done, .settled = verdict_is_settled,
        .later_s = later(t), .ctx = t,
    };
    int error = measure_begin(&t->m, t->report.m->plan, t->options);

    t->m.interrupted = t->kind->interrupted || interrupt_came();
    t->m.started_ns = t->m.ended_ns = contend_clock_ns();
    if (!error)
        error = begin(t);
    if (!error && t->m.plan->count && !t->m.interrupted)
        error = measure_run(&t->m, &t->kind->engine, &hooks);
    if (!error && t->kind->tails && !t->m.interrupted)
        tails_measure(&t->tails, &t->report);
    if (!error)
        return finish(t, human);
    shortage_fail(error);
    return 1;
}

/* Says what will be done, and finds out how much the machine itself costs. */
static void prepare(struct trial *t, FILE *human, const cpu_set_t *allowed)
{
    bool floors = t->m.plan->count > 0 && !t->options->no_floors && budget_left(t->options) > 0;

    if (!floors)
        calibrate_nothing(&t->floors);
    if (t->m.plan->count == 0)
        return;
    report_plan(human, t->m.plan, t->options, later(t));
    fflush(human);
    if (floors)
        calibrate(&t->floors, allowed, t->options->quiet);
}

int trial_run(const struct plan *plan, const struct run_options *o, const struct trial_kind *kind)
{
    /* When google-benchmark's format was asked for, standard output belongs to it. */
    FILE *human = o->gb_display ? stderr : stdout;
    struct trial *t = calloc(1, sizeof *t);
    cpu_set_t allowed;

    if (!t) {
        shortage_fail(-ENOMEM);
        return 1;
    }
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        CPU_ZERO(&allowed);
    t->options = o;
    t->kind = kind;
    t->m.plan = plan;
    t->report = (struct report){
        .m = &t->m, .session = &t->session, .floors = &t->floors, .kind = kind,
        .tails = &t->tails, .color = o->color && !o->gb_display,
    };
    session_record(&t->session, &allowed, o->seed);
    interrupt_catch();
    prepare(t, human, &allowed);
    if (kind->introduce)
        kind->introduce(human, kind->ctx);
    fflush(human);
    int status = measure(t, human);
    interrupt_release();
    for (unsigned i = 0; t->report.cells && i < plan->count; i++)
        verdict_free(&t->report.cells[i]);
    free(t->report.cells);
    tails_free(&t->tails);
    measure_free(&t->m);
    free(t);
    return status;
}
