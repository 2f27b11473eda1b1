/* rows_print.c - the tables of `contend rows`, and its file. */
#include "bench/base/text.h"
#include "bench/report/results.h"
#include "bench/serve/labs/rows.h"

static const char *kilo(uint64_t bytes, char buffer[TEXT_NUMBER])
{
    return text_grouped((double)(bytes + 512) / 1024, buffer);
}

static const char *whole(uint64_t n, char buffer[TEXT_NUMBER])
{
    return text_grouped((double)n, buffer);
}

static void print_removals(const struct rows_results *r)
{
    char t[8][TEXT_NUMBER];

    printf("Deleting %d of %d posts\n\n", ROWS_DELETED, ROWS_POSTS);
    printf("  %-14s  %6s  %7s  %8s  %8s  %8s  %5s  %8s\n", "", "pages", "log KB", "table KB",
           "index KB", "clean KB", "rows", "restored");
    for (int how = 0; how < ROWS_REMOVALS; how++) {
        const struct rows_removal_run *d = &r->removals[how];
        if (d->done)
            printf("  %-14s  %6s  %7s  %8s  %8s  %8s  %5s  %8s\n", rows_removal_names[how],
                   whole(d->cost.pages, t[0]), kilo(d->cost.log_bytes, t[1]), kilo(d->after.tables, t[2]),
                   kilo(d->after.indexes, t[3]), kilo(d->cleaned.tables + d->cleaned.indexes, t[4]),
                   whole(d->kept, t[5]), whole(d->restored, t[6]));
    }
    printf("\n");
}

static void print_texts(const struct rows_results *r)
{
    char t[8][TEXT_NUMBER];

    printf("A text in its row or apart: %d rows written, and a number in each changed\n\n", ROWS_WRITES);
    printf("  %-14s  %18s  %18s  %8s  %8s\n", "", "written", "changed", "list KB", "all KB");
    printf("  %-14s  %8s  %8s  %8s  %8s\n", "", "pages", "log KB", "pages", "log KB");
    for (int how = 0; how < ROWS_TEXTS; how++) {
        const struct rows_text_run *d = &r->texts[how];
        if (d->done)
            printf("  %-14s  %8s  %8s  %8s  %8s  %8s  %8s\n", rows_text_names[how],
                   whole(d->inserted.pages, t[0]), kilo(d->inserted.log_bytes, t[1]),
                   whole(d->updated.pages, t[2]), kilo(d->updated.log_bytes, t[3]),
                   kilo(d->list.tables, t[4]), kilo(d->all.tables + d->all.indexes, t[5]));
    }
    printf("\n");
}

static void print_dates(const struct rows_results *r)
{
    char t[8][TEXT_NUMBER];

    printf("A date, and an index on it: %d rows\n\n", ROWS_POSTS);
    printf("  %-14s  %8s  %8s  %8s  %8s  %8s  %8s\n", "", "pages", "log KB", "table KB", "index KB",
           "of a day", "an hour");
    for (int how = 0; how < ROWS_DATES; how++) {
        const struct rows_date_run *d = &r->dates[how];
        if (d->done)
            printf("  %-14s  %8s  %8s  %8s  %8s  %8s  %8s\n", rows_date_names[how],
                   whole(d->filled.pages, t[0]), kilo(d->filled.log_bytes, t[1]),
                   kilo(d->size.tables, t[2]), kilo(d->size.indexes, t[3]), whole(d->of_day, t[4]),
                   whole(d->of_hour, t[5]));
    }
    printf("\n");
}

void rows_lab_print(const struct rows_lab *l)
{
    char sentence[400];

    for (unsigned i = 0; i < l->count; i++) {
        const struct rows_results *r = &l->of[i];
        if (r->why[0])
            printf("%s: left out: %s\n\n", r->engine->name, r->why);
        if (!r->removals[ROWS_HARD].done)
            continue;
        printf("%s\n\n", r->engine->name);
        print_removals(r);
        print_texts(r);
        print_dates(r);
        snprintf(sentence, sizeof sentence, "pages, in %s.", r->engine->pages);
        text_wrapped(stdout, sentence, 2, EXPERIMENT_WIDTH - 2);
        printf("\n");
    }
    text_wrapped(stdout, "clean: table and index after a VACUUM.  rows: what a look-up by author may meet, dead "
                 "ones included.  restored: posts that came back from what was left.  of a day, an hour: what a query "
                 "finds that wants one; there are 24 and 1.", 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

/* ---- the file ---- */

static json_t *cost_json(const struct rows_cost *c)
{
    return json_pack("{s:I, s:I}", "pages", (json_int_t)c->pages, "log_bytes", (json_int_t)c->log_bytes);
}

static json_t *size_json(const struct rows_size *s)
{
    return json_pack("{s:I, s:I}", "tables", (json_int_t)s->tables, "indexes", (json_int_t)s->indexes);
}

static json_t *removal_json(const struct rows_removal_run *d, const char *name)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "removal", name, "cost",
                     cost_json(&d->cost), "before", size_json(&d->before), "after", size_json(&d->after),
                     "cleaned", size_json(&d->cleaned), "kept", (json_int_t)d->kept, "archived",
                     (json_int_t)d->archived, "audited", (json_int_t)d->audited, "restored",
                     (json_int_t)d->restored);
}

static json_t *engine_json(const struct rows_results *r)
{
    json_t *removals = json_array(), *texts = json_array(), *dates = json_array();

    for (int i = 0; i < ROWS_REMOVALS; i++)
        if (r->removals[i].done)
            json_array_append_new(removals, removal_json(&r->removals[i], rows_removal_names[i]));
    for (int i = 0; i < ROWS_TEXTS; i++)
        if (r->texts[i].done)
            json_array_append_new(texts, json_pack(
                "{s:s, s:o, s:o, s:o, s:o}", "text", rows_text_names[i], "inserted",
                cost_json(&r->texts[i].inserted), "updated", cost_json(&r->texts[i].updated), "list",
                size_json(&r->texts[i].list), "all", size_json(&r->texts[i].all)));
    for (int i = 0; i < ROWS_DATES; i++)
        if (r->dates[i].done)
            json_array_append_new(dates, json_pack(
                "{s:s, s:o, s:o, s:I, s:I}", "date", rows_date_names[i], "filled",
                cost_json(&r->dates[i].filled), "size", size_json(&r->dates[i].size), "of_day",
                (json_int_t)r->dates[i].of_day, "of_hour", (json_int_t)r->dates[i].of_hour));
    json_t *o = json_pack("{s:s, s:o, s:o, s:o}", "system", r->engine->name, "removals", removals,
                          "texts", texts, "dates", dates);
    if (o && r->why[0])
        json_object_set_new(o, "left_out", json_string(r->why));
    return o;
}

json_t *rows_lab_json(const struct rows_lab *l)
{
    json_t *systems = json_array();

    for (unsigned i = 0; i < l->count; i++)
        json_array_append_new(systems, engine_json(&l->of[i]));
    return json_pack("{s:o}", "systems", systems);
}
