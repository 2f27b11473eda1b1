/* bars.c - positions on a logarithmic axis, and characters for them. */
#include "bench/report/bars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/results_read.h"

enum { NAME = 20, WIDTH = 48, LONGEST = 256 };

enum mark { NOTHING, REFERENCE, BAR, INTERVAL, LOW, HIGH, MEDIAN };
static const char *const ascii[] = { " ", "|", "=", "-", "[", "]", "*" };
static const char *const blocks[] = { " ", "\u2502", "\u2501", "\u2500", "\u251c", "\u2524", "\u25cf" };

struct axis {
    double low, high;
};

static double member(const json_t *strategy, const char *name)
{
    const json_t *value = json_object_get(json_object_get(strategy, "ratio"), name);

    return json_is_number(value) && json_number_value(value) > 0 ? json_number_value(value) : NAN;
}

static bool has_interval(const json_t *strategy)
{
    return !json_is_true(json_object_get(strategy, "again")) &&
           !isnan(member(strategy, "low") + member(strategy, "median") + member(strategy, "high"));
}

/* From the least to the greatest end of an interval, the reference between them. */
static struct axis axis_of(const json_t *strategies)
{
    struct axis a = { 1, 1.1 };
    const json_t *s;
    size_t i;

    json_array_foreach (strategies, i, s)
        if (has_interval(s)) {
            a.low = fmin(a.low, member(s, "low"));
            a.high = fmax(a.high, member(s, "high"));
        }
    return a;
}

static int column(const struct axis *a, double ratio)
{
    double x = log(ratio / a->low) / log(a->high / a->low) * (WIDTH - 1);

    return (int)lround(fmin(fmax(x, 0), WIDTH - 1));
}

static void fill(enum mark *marks, int from, int to, enum mark mark)
{
    for (int i = from < to ? from : to; i <= (from < to ? to : from); i++)
        marks[i] = mark;
}

static void print_row(FILE *out, const json_t *s, const struct axis *a, const char *const *glyphs)
{
    int reference = column(a, 1), low = column(a, member(s, "low"));
    int median = column(a, member(s, "median")), high = column(a, member(s, "high"));
    enum mark marks[WIDTH] = { NOTHING };
    char name[LONGEST], number[TEXT_NUMBER];

    fill(marks, reference, median, BAR);
    fill(marks, low, high, INTERVAL);
    marks[low] = LOW;
    marks[high] = HIGH;
    marks[reference] = marks[reference] == BAR || !marks[reference] ? REFERENCE : marks[reference];
    marks[median] = MEDIAN;
    snprintf(name, sizeof name, "%s", results_text(s, "strategy"));
    if (strlen(text_tame(name)) > NAME)
        fprintf(out, "  %s\n", name);
    fprintf(out, "  %-*s %8s ", NAME, strlen(name) > NAME ? "" : name,
            text_number(member(s, "median"), 3, number));
    int end = high > median ? high : median;
    for (int i = 0; i <= (end > reference ? end : reference); i++)
        fputs(glyphs[marks[i]], out);
    fputc('\n', out);
}

static void print_cell(FILE *out, const json_t *cell, const char *const *glyphs)
{
    const json_t *strategies = json_object_get(cell, "strategies"), *s;
    struct axis a = axis_of(strategies);
    char name[LONGEST], reference[LONGEST], ends[2][TEXT_NUMBER];
    bool any = false;
    size_t i;

    snprintf(name, sizeof name, "%s", results_text(cell, "name"));
    snprintf(reference, sizeof reference, "%.40s", results_text(cell, "reference"));
    fprintf(out, "%s\n", text_tame(name));
    json_array_foreach (strategies, i, s)
        if (has_interval(s)) {
            print_row(out, s, &a, glyphs);
            any = true;
        }
    if (any)
        fprintf(out, "  times %-*.*s %-*s%*s\n\n", NAME + 3, NAME + 3, text_tame(reference), WIDTH / 2,
                text_number(a.low, 2, ends[0]), WIDTH / 2, text_number(a.high, 2, ends[1]));
    else
        fprintf(out, "  no strategy has an interval\n\n");
}

void bars_print(FILE *out, const json_t *run, bool unicode)
{
    const json_t *cell;
    size_t i;

    const char *const *glyphs = unicode ? blocks : ascii;

    fprintf(out, "Rates against the reference's (%s): %s the median, %s%s its 95 %% interval.\n\n",
            glyphs[REFERENCE], glyphs[MEDIAN], glyphs[LOW], glyphs[HIGH]);
    json_array_foreach (json_object_get(run, "cells"), i, cell)
        print_cell(out, cell, glyphs);
}
