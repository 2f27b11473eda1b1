/* explain.c - a failing execution in text: a column for each thread. */
#include <string.h>

#include "bench/check/rows.h"
#include "bench/check/state.h"

enum { NARROWEST = 16, WIDEST = 64, INDENT = 2, SOURCE = 20, SOURCE_WIDEST = 28 };

static int source_width;

/* The width of each thread's column: that of its longest text. */
static void measure(const struct row *rows, unsigned count, int widths[STATE_THREADS])
{
    for (unsigned t = 1; t < run.count; t++)
        widths[t] = NARROWEST;
    source_width = SOURCE;
    for (const struct row *r = rows; r < rows + count; r++) {
        int source = (int)strlen(r->source);
        if (source > source_width)
            source_width = source < SOURCE_WIDEST ? source : SOURCE_WIDEST;
        int width = (int)strlen(r->text) + (r->inside ? INDENT : 0);
        if (r->thread && width > widths[r->thread])
            widths[r->thread] = width < WIDEST ? width : WIDEST;
    }
}

static void print_head(const int widths[STATE_THREADS], FILE *out)
{
    fprintf(out, " step  %-*s", source_width, "source");
    for (unsigned t = 1; t < run.count; t++)
        fprintf(out, "  thread %-*u", t + 1 < run.count ? widths[t] - 7 : 0, t);
    fputc('\n', out);
}

/* The end of a name that is too long for the column says more than its beginning. */
static void print_source(const char *source, FILE *out)
{
    size_t length = strlen(source), most = (size_t)source_width;

    if (length <= most)
        fprintf(out, "%-*s", source_width, source);
    else
        fprintf(out, "..%s", source + length - (most - 2));
}

/* The source line, the text in its thread's column, its note below. */
static void print_row(const struct row *r, const int widths[STATE_THREADS], FILE *out)
{
    int left = r->inside ? INDENT : 0;

    for (unsigned t = 1; t < r->thread; t++)
        left += widths[t] + 2;
    fprintf(out, "%5u  ", r->step);
    print_source(r->source, out);
    fprintf(out, "  %*s%s\n", left, "", r->text);
    if (r->note[0])
        fprintf(out, "       %-*s  %*s^ %s\n", source_width, "", left, "", r->note);
}

static void print_rows(FILE *out)
{
    const struct row *rows;
    unsigned count = rows_make(&rows);
    int widths[STATE_THREADS];

    measure(rows, count, widths);
    print_head(widths, out);
    for (const struct row *r = rows; r < rows + count; r++)
        print_row(r, widths, out);
}

struct check_result check_record(const struct check_test *test, const struct check_options *options,
                                 const struct check_result *result)
{
    char choices[CHECK_CHOICES];
    struct check_options o = *options;

    snprintf(choices, sizeof choices, "%s", result->choices);
    o.strategy = CHECK_REPLAY;
    o.choices = choices;
    run.recording = true;
    struct check_result again = check_run(test, &o);
    run.recording = false;
    return again;
}

void check_explain(const struct check_test *test, const struct check_options *options,
                   const struct check_result *result, FILE *out)
{
    struct check_result again = check_record(test, options, result);

    print_rows(out);
    fprintf(out, "\n%s%s%s\n", check_verdict_name(again.verdict), again.text[0] ? ": " : "",
            again.text);
    if (again.races)
        fprintf(out, "(data races were passed over; the first: %s)\n", again.race);
    if (again.verdict != result->verdict)
        fprintf(out, "(the replay differs from the run: %s)\n",
                check_verdict_name(result->verdict));
}
