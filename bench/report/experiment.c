/* experiment.c - budget, shapes and files of an experiment. */
#include "bench/report/experiment.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/interrupt.h"
#include "bench/base/shortage.h"
#include "bench/base/text.h"
#include "bench/report/output.h"
#include "bench/report/results.h"
#include "locks/parts/platform.h"

static const char *const outcomes[] = { "shown", "not_shown", "not_reached" };

void experiment_begin(struct experiment *e, const char *name, const struct experiment_options *o)
{
    *e = (struct experiment){ .name = name, .options = o };
    if (sched_getaffinity(0, sizeof e->allowed, &e->allowed) != 0)
        CPU_ZERO(&e->allowed);
    session_record(&e->session, &e->allowed, o->seed);
    e->ends_ns = contend_clock_ns() + o->budget_s * UINT64_C(1000000000);
    interrupt_catch();
    progress_begin(&e->progress, o->quiet, o->budget_s);
}

bool experiment_is_over(struct experiment *e)
{
    e->interrupted = e->interrupted || interrupt_came();
    e->out_of_budget = e->out_of_budget || contend_clock_ns() > e->ends_ns;
    return e->interrupted || e->out_of_budget;
}

void experiment_progress(struct experiment *e, unsigned done, unsigned all, const char *what)
{
    if (!shortage_came())
        e->steps = done;
    progress_show(&e->progress, done, all, what);
}

/* The next shape, or NULL. */
static struct experiment_shape *next_shape(struct experiment *e, const char *name,
                                           enum experiment_kind kind,
                                           enum experiment_outcome outcome)
{
    struct experiment_shape *s;

    if (e->shape_count == EXPERIMENT_SHAPES)
        return NULL;
    s = &e->shapes[e->shape_count++];
    s->name = name;
    s->kind = kind;
    s->outcome = outcome;
    return s;
}

void experiment_shape(struct experiment *e, const char *name, enum experiment_kind kind, bool holds,
                      const char *format, ...)
{
    struct experiment_shape *s = next_shape(e, name, kind, holds ? SHAPE_SHOWN : SHAPE_NOT_SHOWN);
    va_list arguments;

    if (!s)
        return;
    va_start(arguments, format);
    vsnprintf(s->text, sizeof s->text, format, arguments);
    va_end(arguments);
}

void experiment_not_reached(struct experiment *e, const char *name, const char *format, ...)
{
    struct experiment_shape *s = next_shape(e, name, SHAPE_MEASURED, SHAPE_NOT_REACHED);
    va_list arguments;

    if (!s)
        return;
    va_start(arguments, format);
    vsnprintf(s->text, sizeof s->text, format, arguments);
    va_end(arguments);
}

bool experiment_all_shown(const struct experiment *e)
{
    for (unsigned i = 0; i < e->shape_count; i++)
        if (e->shapes[i].outcome != SHAPE_SHOWN)
            return false;
    return true;
}

bool experiment_has_figures(const struct experiment *e)
{
    for (unsigned i = 0; i < e->shape_count; i++)
        if (e->shapes[i].outcome != SHAPE_NOT_REACHED)
            return true;
    return e->steps > 0 || !shortage_came();
}

static void print_shapes(const struct experiment *e)
{
    static const char *const words[] = { "shown:", "NOT SHOWN here:", "not reached:" };
    unsigned shown = 0;

    for (unsigned i = 0; i < e->shape_count; i++)
        shown += e->shapes[i].outcome == SHAPE_SHOWN;
    printf("Expected, and seen: %u of %u\n", shown, e->shape_count);
    for (unsigned i = 0; i < e->shape_count; i++) {
        char line[EXPERIMENT_TEXT + 32];
        snprintf(line, sizeof line, "%s %s", words[e->shapes[i].outcome], e->shapes[i].text);
        text_labelled(stdout, "-", line, 4, EXPERIMENT_WIDTH);
    }
    if (e->interrupted)
        printf("  INTERRUPTED: what was measured until then is above.\n");
    else if (e->out_of_budget)
        printf("  CUT SHORT by the budget of %u s; --budget gives more.\n", e->options->budget_s);
}

static json_t *shapes_json(const struct experiment *e)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < e->shape_count; i++) {
        const struct experiment_shape *s = &e->shapes[i];
        json_array_append_new(list, json_pack("{s:s, s:b, s:s, s:s}", "name", s->name, "measured",
                                              s->kind == SHAPE_MEASURED, "outcome",
                                              outcomes[s->outcome], "text", s->text));
    }
    return list;
}

/* The whole file as text, or NULL without memory. */
static char *as_text(const struct experiment *e, json_t *results)
{
    char schema[64];

    snprintf(schema, sizeof schema, "contend.%s", e->name);
    json_t *o = json_pack("{s:s, s:i, s:b, s:b, s:o, s:o}", "schema", schema, "version", 1,
                          "interrupted", e->interrupted, "out_of_budget", e->out_of_budget, "session",
                          results_session_json(&e->session), "shapes", shapes_json(e));
    char *text = NULL;

    if (o && results && json_object_update(o, results) == 0)
        text = json_dumps(o, JSON_INDENT(1) | JSON_REAL_PRECISION(10));
    json_decref(o);
    return text;
}

int experiment_end(struct experiment *e, json_t *results, bool failed)
{
    const char *path = e->options->json;
    int error = 0;

    progress_end(&e->progress);
    interrupt_release();
    if (!shortage_came()) /* or its last words are those of the shortage */
        print_shapes(e);
    for (unsigned i = 0; i < e->shape_count; i++)
        failed = failed || e->shapes[i].outcome == SHAPE_NOT_SHOWN;
    fflush(stdout);
    if (path) {
        char *text = as_text(e, results);
        error = output_save("json", path, text);
        free(text);
    }
    if (path && !error)
        printf("  saved         %s\n", path);
    json_decref(results);
    return e->interrupted ? 130 : error || failed ? 1 : 0;
}
