/* page.c - a failing execution as a page of HTML: a column for each thread. */
#include <string.h>

#include "bench/check/excerpt.h"
#include "bench/check/page_style.h"
#include "bench/check/rows.h"
#include "bench/check/state.h"

static const char *const look_names[] = {
    [ROW_PLAIN] = "read", [ROW_WRITE] = "write", [ROW_STALE] = "stale", [ROW_WAIT] = "blocked",
    [ROW_CALL] = "call",  [ROW_ASIDE] = "aside", [ROW_FAIL] = "fail",
};

/* Escaped for text and for attributes; what XML has no character for becomes a question mark. */
static void put_text(const char *text, FILE *out)
{
    for (; *text; text++)
        switch (*text) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        default: fputc((unsigned char)*text < ' ' && !strchr("\n\t", *text) ? '?' : *text, out);
        }
}

static void put_element(const char *tag, const char *class, const char *text, FILE *out)
{
    fprintf(out, class ? "<%s class=\"%s\">" : "<%s>", tag, class);
    put_text(text, out);
    fprintf(out, "</%s>", tag);
}

/* The step of another thread that wrote what this one reads, or that it races with. */
static void put_from(const struct row *r, FILE *out)
{
    if (r->from)
        fprintf(out, "<small class=\"from\">from thread %u, step %u</small>", r->from_thread, r->from);
}

static void put_cell(const struct row *r, FILE *out)
{
    fprintf(out, "<td class=\"main %s%s\"", look_names[r->look], r->inside ? " inside" : "");
    if (r->thread == 0)
        fprintf(out, " colspan=\"%u\"", run.count > 1 ? run.count - 1 : 1);
    fputc('>', out);
    put_text(r->text, out);
    if (r->note[0])
        put_element("small", NULL, r->note, out);
    put_from(r, out);
    fputs("</td>", out);
}

/* The first row with the same place: its excerpt serves all of them. */
static unsigned code_of(const struct row *rows, const struct row *r)
{
    for (const struct row *e = rows; e < r; e++)
        if (e->line == r->line && strcmp(e->path, r->path) == 0)
            return e->step;
    return r->step;
}

static void put_row(const struct row *rows, const struct row *r, FILE *out)
{
    fprintf(out, "<tr id=\"s%u\" data-step=\"%u\" data-thread=\"%u\"", r->step, r->step, r->thread);
    if (r->from)
        fprintf(out, " data-from=\"%u\"", r->from);
    if (r->line)
        fprintf(out, " data-code=\"c%u\"", code_of(rows, r));
    fprintf(out, "><td class=\"step\">%u</td>", r->step);
    put_element("td", "source", r->source, out);
    for (unsigned t = 1; r->thread && t < r->thread; t++)
        fputs("<td></td>", out);
    put_cell(r, out);
    for (unsigned t = r->thread + 1; r->thread && t < run.count; t++)
        fputs("<td></td>", out);
    fputs("</tr>\n", out);
}

static void put_line(unsigned number, const char *text, bool meant, FILE *out)
{
    fprintf(out, "%s%5u  ", meant ? "<mark>" : "", number);
    put_text(text, out);
    fputs(meant ? "</mark>\n" : "\n", out);
}

/* The source around each place that is shown, once; the script shows one at a time. */
static void put_code(const struct row *rows, unsigned count, FILE *out)
{
    fputs("<div id=\"code\">\n", out);
    for (const struct row *r = rows; r < rows + count; r++) {
        if (!r->line || code_of(rows, r) != r->step)
            continue;
        fprintf(out, "<pre id=\"c%u\" hidden=\"hidden\">", r->step);
        put_text(r->source, out);
        fputc('\n', out);
        if (!excerpt(r->path, r->line, put_line, out))
            fputs("(the file is not where it was compiled)\n", out);
        fputs("</pre>\n", out);
    }
    fputs("</div>\n", out);
}

static void put_table(FILE *out)
{
    const struct row *rows;
    unsigned count = rows_make(&rows);

    fputs("<div id=\"steps\">\n<table>\n<thead><tr><th>step</th><th>source</th>", out);
    for (unsigned t = 1; t < run.count; t++)
        fprintf(out, "<th>thread %u</th>", t);
    fputs("</tr></thead>\n<tbody>\n", out);
    for (const struct row *r = rows; r < rows + count; r++)
        put_row(rows, r, out);
    fputs("</tbody>\n</table>\n</div>\n", out);
    put_code(rows, count, out);
}

static void put_facts(const struct check_page *page, FILE *out)
{
    fputs("<dl>\n", out);
    for (unsigned i = 0; i < page->fact_count; i++) {
        put_element("dt", NULL, page->facts[i].name, out);
        put_element("dd", NULL, page->facts[i].value, out);
        fputc('\n', out);
    }
    fputs("</dl>\n", out);
}

static void put_legend(FILE *out)
{
    fputs("<p>Read from top to bottom: one step after the other, each in its thread's column.\n"
          "Steps on memory that no other thread touches are left out.</p>\n"
          "<p class=\"legend\"><span class=\"write\">a write</span>"
          "<span class=\"stale\">a stale read, or a late store: newer values are passed over</span>"
          "<span class=\"blocked\">a wait</span>"
          "<span class=\"fail\">where it fails</span></p>\n"
          "<p>An arrow leads from a store to the other thread's load of its value. Step with\n"
          "<kbd>\xe2\x86\x93</kbd> <kbd>\xe2\x86\x91</kbd> or <kbd>j</kbd> <kbd>k</kbd>, within a\n"
          "thread with <kbd>\xe2\x86\x92</kbd> <kbd>\xe2\x86\x90</kbd>, or click on a row: the source\n"
          "appears below.</p>\n", out);
}

void check_page(const struct check_test *test, const struct check_options *options,
                const struct check_result *result, const struct check_page *page, FILE *out)
{
    struct check_result again = check_record(test, options, result);
    char verdict[CHECK_TEXT + 64];

    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n", out);
    put_element("title", NULL, page->title, out);
    fprintf(out, "\n<style>\n%s</style>\n</head>\n<body>\n", page_style);
    put_element("h1", NULL, page->title, out);
    snprintf(verdict, sizeof verdict, "%s%s%s", check_verdict_name(again.verdict),
             again.text[0] ? ": " : "", again.text);
    put_element("pre", "verdict", verdict, out);
    fputc('\n', out);
    put_facts(page, out);
    put_legend(out);
    put_table(out);
    fputs("<h2>Run it again</h2>\n", out);
    put_element("pre", NULL, page->replay, out);
    if (page->comment) {
        fputs("\n<h2>The algorithm, in the words of its source</h2>\n", out);
        put_element("pre", NULL, page->comment, out);
    }
    fprintf(out, "\n<script>\n%s</script>\n</body>\n</html>\n", page_script);
}
