/* page.c - a failing execution as a page of HTML: a column for each thread. */
#include <string.h>

#include "bench/check/rows.h"
#include "bench/check/state.h"

static const char *const look_names[] = {
    [ROW_PLAIN] = "read", [ROW_WRITE] = "write", [ROW_STALE] = "stale", [ROW_WAIT] = "blocked",
    [ROW_CALL] = "call",  [ROW_ASIDE] = "aside", [ROW_FAIL] = "fail",
};

static const char style[] =
    ":root { color-scheme: light dark; --paper: #fff; --ink: #1a1a1a; --line: #ccc; --dim: #666;\n"
    "  --write: #dbe9ff; --stale: #ffe2b8; --blocked: #e4e0f0; --fail: #ffd0d0; }\n"
    "@media (prefers-color-scheme: dark) { :root { --paper: #16181c; --ink: #e8e8e8;\n"
    "  --line: #444; --dim: #a0a0a0; --write: #1d3557; --stale: #5a3d0c; --blocked: #3a3358;\n"
    "  --fail: #6b1f1f; } }\n"
    "body { background: var(--paper); color: var(--ink); font: 16px/1.5 sans-serif;\n"
    "  max-width: 90rem; margin: 2rem auto; padding: 0 1rem; }\n"
    "table { border-collapse: collapse; font: 13px/1.4 monospace; }\n"
    "th, td { text-align: left; vertical-align: top; padding: 0.15rem 0.6rem;\n"
    "  border-left: 1px solid var(--line); }\n"
    "th { border-bottom: 2px solid var(--line); }\n"
    "td.step, td.source, td.aside, small { color: var(--dim); }\n"
    "td.inside { padding-left: 1.8rem; }\n"
    "td.call { font-weight: bold; }\n"
    ".write { background: var(--write); }\n"
    ".stale { background: var(--stale); }\n"
    ".blocked { background: var(--blocked); font-style: italic; }\n"
    ".fail { background: var(--fail); font-weight: bold; }\n"
    "small { display: block; }\n"
    ".legend span { padding: 0.1rem 0.5rem; margin-right: 0.5rem; }\n"
    "pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line);\n"
    "  padding: 0.6rem; }\n"
    "pre.verdict { border-left: 0.4rem solid var(--fail); }\n"
    "dt { float: left; clear: left; width: 10rem; color: var(--dim); }\n"
    "dd { margin-left: 10.5rem; }\n";

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

static void put_cell(const struct row *r, FILE *out)
{
    fprintf(out, "<td class=\"%s%s\"", look_names[r->look], r->inside ? " inside" : "");
    if (r->thread == 0)
        fprintf(out, " colspan=\"%u\"", run.count > 1 ? run.count - 1 : 1);
    fputc('>', out);
    put_text(r->text, out);
    if (r->note[0])
        put_element("small", NULL, r->note, out);
    fputs("</td>", out);
}

static void put_row(const struct row *r, FILE *out)
{
    fprintf(out, "<tr><td class=\"step\">%u</td>", r->step);
    put_element("td", "source", r->source, out);
    for (unsigned t = 1; r->thread && t < r->thread; t++)
        fputs("<td></td>", out);
    put_cell(r, out);
    for (unsigned t = r->thread + 1; r->thread && t < run.count; t++)
        fputs("<td></td>", out);
    fputs("</tr>\n", out);
}

static void put_table(FILE *out)
{
    const struct row *rows;
    unsigned count = rows_make(&rows);

    fputs("<table>\n<thead><tr><th>step</th><th>source</th>", out);
    for (unsigned t = 1; t < run.count; t++)
        fprintf(out, "<th>thread %u</th>", t);
    fputs("</tr></thead>\n<tbody>\n", out);
    for (const struct row *r = rows; r < rows + count; r++)
        put_row(r, out);
    fputs("</tbody>\n</table>\n", out);
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
          "<span class=\"fail\">where it fails</span></p>\n", out);
}

void check_page(const struct check_test *test, const struct check_options *options,
                const struct check_result *result, const struct check_page *page, FILE *out)
{
    struct check_result again = check_record(test, options, result);
    char verdict[CHECK_TEXT + 64];

    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n", out);
    put_element("title", NULL, page->title, out);
    fprintf(out, "\n<style>\n%s</style>\n</head>\n<body>\n", style);
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
    fputs("\n</body>\n</html>\n", out);
}
