/* memory_text.c - the tables of `contend memory`. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/judge/promise.h"
#include "bench/report/memory.h"

enum { WIDTH = 80, SIZES = 8 };

static void put_duration(FILE *out, int width, double ns)
{
    char text[TEXT_NUMBER];

    fprintf(out, " %*s", width, text_duration(ns, text));
}

/* The p99.9; where there are too few values for it, what it is at most. */
static void put_tail(FILE *out, int width, const struct histogram *h)
{
    double tail = memory_quantile(h, 0.999);
    char text[TEXT_NUMBER], bound[TEXT_NUMBER + 1];

    snprintf(bound, sizeof bound, "%s%s", isnan(tail) && h->count ? "<" : "",
             text_duration(isnan(tail) && h->count ? (double)h->max : tail, text));
    fprintf(out, " %*s", width, bound);
}

static void put_figure(FILE *out, int width, double x)
{
    char text[TEXT_NUMBER];

    fprintf(out, " %*s", width, x > 0 && x < 0.001 ? "<0.001" : text_number(x, 3, text));
}

/* "800 B", "12 kB", "3.4 MB". */
static void put_bytes(FILE *out, int width, double bytes)
{
    static const char *const units[] = { "B", "kB", "MB", "GB" };
    char text[TEXT_NUMBER], number[TEXT_NUMBER];
    unsigned unit = 0;

    for (; bytes >= 999.5 && unit < 3; unit++)
        bytes /= 1000;
    snprintf(text, sizeof text, "%s %s", text_number(bytes, bytes < 1 ? 1 : bytes < 99.5 ? 2 : 3, number),
             units[unit]);
    fprintf(out, " %*s", width, text);
}

/* Begins a line; false, and the reason, if there are no figures. */
static bool begin_row(FILE *out, const struct memory_results *r, unsigned i)
{
    const struct series_item *item = &r->series.items[i];

    series_print_name(out, item->who, 18);
    if (series_print_reason(out, item))
        return false;
    if (memory_has(r, i))
        return true;
    fputs(" interrupted\n", out);
    return false;
}

static void print_growth(FILE *out, const struct growth_result *g)
{
    put_figure(out, 7, g->growing.inserts_per_s / 1e6);
    put_figure(out, 6, g->sized.inserts_per_s / 1e6);
    put_tail(out, 7, &g->calm);
    put_tail(out, 7, &g->growing.others);
    put_tail(out, 7, &g->sized.others);
    put_duration(out, 7, g->growing.others.count ? (double)g->growing.others.max : NAN);
    put_bytes(out, 7, (double)g->growing.bytes);
    fputc('\n', out);
}

static void print_backlog(FILE *out, const struct backlog_result *b)
{
    for (int p = 0; p < BACKLOG_PHASES; p++)
        put_figure(out, 7, b->writes_per_s[p] / 1e6);
    for (int p = 0; p < BACKLOG_PHASES; p++)
        put_bytes(out, 8, (double)b->peak[p]);
    put_bytes(out, 8, (double)b->samples[BACKLOG_AFTER][b->count[BACKLOG_AFTER] - 1].retired);
    fputc('\n', out);
}

static void print_expiry(FILE *out, const struct expiry_lag *e)
{
    double stale = 0, removed = (double)e->removed;

    for (unsigned i = 0; i < e->count; i++)
        stale = fmax(stale, (double)e->points[i].stale_bytes);
    put_duration(out, 7, e->invisible.count ? (double)e->invisible.max * 1e6 : NAN);
    put_duration(out, 7, memory_quantile(&e->gone, 0.5) * 1e6);
    put_duration(out, 7, memory_quantile(&e->gone, 0.99) * 1e6);
    put_duration(out, 7, e->gone.count ? (double)e->gone.max * 1e6 : NAN);
    put_figure(out, 6, 100 * removed / (double)e->stopped);
    put_duration(out, 7, e->sweep_ns / (double)e->sweeps);
    put_bytes(out, 7, stale);
    fprintf(out, "\n%6s%s\n", "", e->policy ? e->policy : "");
}

static void print_crowd(FILE *out, const struct mass_result *m, uint64_t crowd)
{
    put_tail(out, 7, &m->calm);
    put_tail(out, 7, &m->beats);
    put_tail(out, 7, &m->expiry);
    put_duration(out, 7, m->expiry.count ? (double)m->expiry.max : NAN);
    put_duration(out, 7, m->beats_ms * 1e6);
    put_duration(out, 7, m->sweep_ms * 1e6);
    put_duration(out, 6, m->slices.count ? (double)m->slices.max : NAN);
    put_figure(out, 4, m->rounds ? 100 * (double)m->removed / (double)(crowd * m->rounds) : NAN);
    fputc('\n', out);
}

/* Bytes in ns are GB/s. */
static void print_scan(FILE *out, const struct scan_result *s)
{
    put_bytes(out, 7, (double)s->bytes);
    put_duration(out, 7, s->count.median);
    put_duration(out, 7, s->count.best);
    put_figure(out, 5, (double)s->bytes / s->count.median);
    put_duration(out, 7, s->walk.median);
    put_duration(out, 7, s->walk.best);
    put_figure(out, 5, (double)s->bytes / s->walk.median);
    put_figure(out, 6, (double)s->read_bytes / s->read.median);
    fputc('\n', out);
}

static void print_item(FILE *out, const struct memory_results *r, unsigned i)
{
    const struct memory_figures *f = &r->figures[i];

    if (!begin_row(out, r, i))
        return;
    if (f->growth)
        print_growth(out, f->growth);
    if (f->backlog)
        print_backlog(out, f->backlog);
    if (f->expiry)
        print_expiry(out, f->expiry);
    if (f->crowd)
        print_crowd(out, f->crowd, r->options->crowd);
    if (f->scan)
        print_scan(out, f->scan);
}

static const struct {
    const char *title, *heads;
} parts[MEMORY_PARTS] = {
    [MEMORY_GROWTH] = {
        "Growth, while others beat at 1 Mu",
        "                      Mops/s inserts   p99.9 of the others         longest\n"
        "  strategy           growing  sized    calm growing   sized growing    ends\n" },
    [MEMORY_BACKLOG] = {
        "Churn, and a reader that stands still five times for 20 ms",
        "                      Mops/s of the writer       most retired, not freed\n"
        "  strategy              calm stalled   after     calm  stalled    after   at end\n" },
    [MEMORY_EXPIRY] = {
        "Expiry, in virtual time: a sweep a second, users asked for every 100 ms",
        "                     offline   gone                     %     for a    most\n"
        "  strategy              most     p50     p99    most   gone   sweep   stale\n" },
    [MEMORY_CROWD] = {
        "A crowd that beats, and later expires, in one instant, while others beat at 1 Mu",
        "                      p99.9 of the others     longest  the crowd's    longest    %\n"
        "  strategy              calm   beats  expiry  expiry   beats  sweeps   call gone\n" },
    [MEMORY_SCAN] = {
        "Counts and walks of users who are all online, by one thread",
        "                        the  a count             bytes  a walk             a read\n"
        "  strategy              map  median    best  GB/s  median    best  GB/s   GB/s\n" },
};

static void print_part(FILE *out, const struct memory_results *r, enum memory_part part)
{
    bool any = false;

    for (unsigned i = 0; i < r->series.count; i++) {
        if (r->figures[i].part != part)
            continue;
        if (!any)
            fprintf(out, "%s\n\n%s", parts[part].title, parts[part].heads);
        any = true;
        print_item(out, r, i);
    }
    if (any)
        fputc('\n', out);
}

/* ---- bytes by size ---- */

static int item_in(const struct memory_results *r, const struct plan_cell *cell,
                   const struct contestant *who)
{
    for (unsigned i = 0; i < r->series.count; i++)
        if (r->series.items[i].cell == cell && r->figures[i].part == MEMORY_BYTES &&
            r->series.items[i].who->ops == who->ops && r->series.items[i].who->variant == who->variant)
            return (int)i;
    return -1;
}

static void print_sizes(FILE *out, const struct memory_results *r, const struct plan_cell *first)
{
    const struct plan *plan = r->series.plan;
    const struct plan_cell *cells[SIZES];
    char number[TEXT_NUMBER];
    unsigned count = 0;

    for (unsigned c = 0; c < plan->count && count < SIZES; c++)
        if (plan->cells[c].cell.workload == first->cell.workload &&
            item_in(r, &plan->cells[c], &first->contestants[0]) >= 0)
            cells[count++] = &plan->cells[c];
    fprintf(out, "%s: %s by size\n\n  %-18s", first->cell.workload->family->heading,
            first->cell.workload->family->item_bytes, "strategy");
    for (unsigned c = 0; c < count; c++)
        fprintf(out, " %10s", text_grouped((double)cell_keys(&cells[c]->cell), number));
    fputc('\n', out);
    for (unsigned k = 0; k < first->count; k++) {
        if (first->contestants[k].again)
            continue;
        series_print_name(out, &first->contestants[k], 18);
        for (unsigned c = 0; c < count; c++) {
            int i = item_in(r, cells[c], &first->contestants[k]);
            put_figure(out, 10, i >= 0 && memory_has(r, (unsigned)i) ? r->figures[i].bytes_per_item
                                                                     : NAN);
        }
        fputc('\n', out);
    }
}

static void print_left_out(FILE *out, const struct memory_results *r, const struct workload *w)
{
    char name[CONTESTANT_NAME], items[TEXT_NUMBER];

    for (unsigned i = 0; i < r->series.count; i++) {
        const struct series_item *item = &r->series.items[i];
        if (r->figures[i].part != MEMORY_BYTES || item->cell->cell.workload != w ||
            memory_has(r, i))
            continue;
        char line[CONTESTANT_NAME + TEXT_NUMBER + sizeof item->why];
        snprintf(line, sizeof line, "%s, %s: %s%s", contestant_name(item->who, name, sizeof name),
                 text_grouped((double)cell_keys(&item->cell->cell), items),
                 !item->begun ? "not reached" : item->skipped ? "" : "failed: ", item->why);
        text_wrapped(out, line, 2, WIDTH - 4);
    }
    fputc('\n', out);
}

static void print_bytes(FILE *out, const struct memory_results *r)
{
    const struct workload *last = NULL;

    for (unsigned i = 0; i < r->series.count; i++) {
        const struct plan_cell *cell = r->series.items[i].cell;
        if (r->figures[i].part != MEMORY_BYTES || cell->cell.workload == last)
            continue;
        last = cell->cell.workload;
        print_sizes(out, r, cell);
        print_left_out(out, r, last);
    }
}

static void explain(FILE *out, const struct memory_results *r)
{
    /* Of which parts each is. */
    static const struct {
        enum memory_part one, other;
        const char *text;
    } sentences[] = {
        { MEMORY_GROWTH, MEMORY_CROWD,
          "The others are a thousand users, for whom one thread beats in an open loop: a beat takes "
          "from the instant at which it was due.  <: too few beats for a p99.9, which is at most that." },
        { MEMORY_GROWTH, MEMORY_GROWTH,
          "sized: the same inserts into a map that was made for as many, which does not grow." },
        { MEMORY_EXPIRY, MEMORY_CROWD,
          "gone: last_seen says no, so a sweep has removed the entry.  Lags are of virtual time, from "
          "the deadline on.  for a sweep: processor time of one call of sweep." },
        { MEMORY_CROWD, MEMORY_CROWD,
          "The crowd expires among users who stay (--among says how many there are in all).  sweeps: "
          "until all of the crowd are gone, in calls of --sweep entries, of which the longest is shown." },
        { MEMORY_SCAN, MEMORY_SCAN,
          "Processor time.  GB/s: the bytes that the map holds, by the median; a read: of an array of as "
          "many bytes (64 MB at most) between every two scans." },
        { MEMORY_EXPIRY, MEMORY_EXPIRY,
          "stale: bytes of entries past their deadline, and of removed ones that are not freed." },
        { MEMORY_BACKLOG, MEMORY_BACKLOG,
          "calm, stalled, after: before the reader stands still, meanwhile, and afterwards." },
        { MEMORY_BYTES, MEMORY_BYTES,
          "Bytes are those of objects that were made for as many items, handles included." },
    };

    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (memory_wants(r, sentences[i].one) || memory_wants(r, sentences[i].other))
            text_wrapped(out, sentences[i].text, 2, WIDTH - 4);
    series_print_end(out, &r->series);
}

void memory_print(FILE *out, const struct memory_results *r)
{
    for (int p = 0; p < MEMORY_BYTES; p++)
        print_part(out, r, (enum memory_part)p);
    print_bytes(out, r);
    explain(out, r);
}
