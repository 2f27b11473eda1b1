/* gallery_text.c - `contend gallery` for people, and for programs. */
#include <math.h>
#include <stdlib.h>

#include "bench/base/text.h"
#include "bench/judge/ratio.h"
#include "bench/report/gallery.h"
#include "bench/report/results.h"

enum { WIDTH = 80 };

/* Mops/s, or a duration. */
static const char *figure(double x, bool latency, char buffer[TEXT_NUMBER])
{
    return latency ? text_duration(x, buffer) : text_number(x / 1e6, 3, buffer);
}

static const char *place(unsigned rank, char buffer[TEXT_NUMBER])
{
    snprintf(buffer, TEXT_NUMBER, rank ? "%u." : "-", rank);
    return buffer;
}

static int by_honest_rank(const void *a, const void *b)
{
    const struct gallery_row *const *x = a, *const *y = b;
    unsigned p = (*x)->honest_rank ? (*x)->honest_rank : ~0u;
    unsigned q = (*y)->honest_rank ? (*y)->honest_rank : ~0u;

    return (p > q) - (p < q);
}

static void print_rows(FILE *out, const struct gallery_row *rows, unsigned count, bool latency)
{
    const struct gallery_row *sorted[GALLERY_ROWS];
    char text[TEXT_NUMBER];

    for (unsigned i = 0; i < count; i++)
        sorted[i] = &rows[i];
    qsort(sorted, count, sizeof *sorted, by_honest_rank);
    fprintf(out, "  %-24s%10s       %12s\n", latency ? "p99" : "Mops/s", "honest", "broken");
    for (unsigned i = 0; i < count; i++) {
        series_print_name(out, sorted[i]->who, 24);
        fprintf(out, "%10s", figure(sorted[i]->honest, latency, text));
        fprintf(out, " %5s", place(sorted[i]->honest_rank, text));
        fprintf(out, " %12s", figure(sorted[i]->broken, latency, text));
        fprintf(out, " %5s\n", place(sorted[i]->broken_rank, text));
    }
}

/* The pair that is turned round, or why there is none; `t` is NULL where no pair has figures. */
static void print_turned(FILE *out, const struct gallery_results *r, enum broken kind,
                         const struct gallery_row *rows, const struct turned *t)
{
    char better[CONTESTANT_NAME], worse[CONTESTANT_NAME], sentence[GALLERY_WHY + 480];
    char honest[TEXT_INTERVAL], broken[TEXT_INTERVAL], why[GALLERY_WHY];
    size_t used = 0;

    sentence[0] = '\0';
    if (gallery_why_not(r, kind, t, why)[0])
        used = (size_t)snprintf(sentence, sizeof sentence, "Not shown here: %s.  ", why);
    if (t) {
        contestant_name(rows[t->better].who, better, sizeof better);
        contestant_name(rows[t->worse].who, worse, sizeof worse);
        snprintf(sentence + used, sizeof sentence - used,
                 "%s %s does %s times as well as %s, and this harness says %s.",
                 t->is      ? "TURNED ROUND:"
                 : t->maybe ? "That pair:"
                            : "The pair that moved most:",
                 better, text_interval(&t->honest, honest), worse, text_interval(&t->broken, broken));
    }
    text_wrapped(out, sentence, 2, WIDTH - 4);
}

static void print_reasons(FILE *out, const struct gallery_results *r, enum broken kind)
{
    char name[CONTESTANT_NAME];

    for (unsigned i = 0; i < r->series.count; i++) {
        const struct series_item *item = &r->series.items[i];
        if (r->kinds[i] != kind || !item->error)
            continue;
        fprintf(out, "  %s%s:", contestant_name(item->who, name, sizeof name),
                r->broken[i] ? ", broken" : "");
        series_print_reason(out, item);
    }
}

void gallery_print(FILE *out, const struct gallery_results *r)
{
    static struct gallery_row rows[GALLERY_ROWS];

    for (int k = 0; k < BROKEN_KINDS; k++) {
        struct turned turned;
        bool any, latency = broken_is_latency((enum broken)k);
        unsigned count = gallery_rows(r, (enum broken)k, rows, &turned, &any);
        if (count == 0)
            continue;
        fprintf(out, "%s: %s\n\n", gallery[k].name, gallery[k].title);
        text_wrapped(out, gallery[k].wrong, 2, WIDTH - 4);
        fputc('\n', out);
        print_rows(out, rows, count, latency);
        print_reasons(out, r, (enum broken)k);
        print_turned(out, r, (enum broken)k, rows, any ? &turned : NULL);
        fputc('\n', out);
    }
    text_wrapped(out, "honest is what this lab measures.  Both are medians of the blocks.  Pairs are judged "
                      "by blocks of their own, behind those in which they were found.  Brackets are 95 % "
                      "intervals.  null is the harness alone, and has no place.", 2, WIDTH - 4);
    series_print_end(out, &r->series);
}

static json_t *row_json(const struct gallery_row *row)
{
    char name[CONTESTANT_NAME];

    return json_pack("{s:s, s:s, s:o, s:o, s:i, s:i}", "strategy",
                     contestant_name(row->who, name, sizeof name), "object", row->who->family->name,
                     "honest", results_number(row->honest), "broken", results_number(row->broken),
                     "honest_rank", (int)row->honest_rank, "broken_rank", (int)row->broken_rank);
}

static json_t *interval_json(const struct interval *i)
{
    return json_pack("{s:o, s:o, s:o}", "low", results_number(i->low), "median",
                     results_number(i->middle), "high", results_number(i->high));
}

static json_t *harness_json(const struct gallery_results *r, enum broken kind)
{
    static struct gallery_row rows[GALLERY_ROWS];
    struct turned t;
    bool any;
    unsigned count = gallery_rows(r, kind, rows, &t, &any);
    char better[CONTESTANT_NAME], worse[CONTESTANT_NAME], why[GALLERY_WHY];
    json_t *o, *list;

    if (count == 0)
        return NULL;
    o = json_pack("{s:s, s:s, s:s, s:s, s:b}", "name", gallery[kind].name, "title",
                  gallery[kind].title, "wrong", gallery[kind].wrong, "workload", gallery[kind].workload,
                  "latency", broken_is_latency(kind));
    list = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(list, row_json(&rows[i]));
    json_object_set_new(o, "strategies", list);
    json_object_set_new(o, "not_shown",
                        gallery_why_not(r, kind, any ? &t : NULL, why)[0] ? json_string(why) : json_null());
    if (any)
        json_object_set_new(
            o, "pair", json_pack("{s:b, s:s, s:s, s:o, s:o}", "turned", t.is, "better",
                                 contestant_name(rows[t.better].who, better, sizeof better), "worse",
                                 contestant_name(rows[t.worse].who, worse, sizeof worse), "honest",
                                 interval_json(&t.honest), "broken", interval_json(&t.broken)));
    return o;
}

json_t *gallery_json(const struct gallery_results *r)
{
    json_t *o = series_json(&r->series, "contend.gallery"), *list = json_array();

    json_object_set_new(o, "blocks", json_integer(r->options->blocks));
    json_object_set_new(o, "figure_s", json_real((double)r->length_ns / 1e9));
    for (int k = 0; k < BROKEN_KINDS; k++) {
        json_t *harness = harness_json(r, (enum broken)k);
        if (harness)
            json_array_append_new(list, harness);
    }
    json_object_set_new(o, "harnesses", list);
    return o;
}
