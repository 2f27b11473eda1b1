/* rows_judge.c - the shapes of `contend rows`: all are exact, since pages and bytes are counted. */
#include <string.h>

#include "bench/base/text.h"
#include "bench/serve/labs/rows.h"

enum { FIGURES = 120 };

struct shape {
    const char *name, *sentence; /* without its figures */
    bool (*holds)(const struct rows_results *r);
    void (*figures)(const struct rows_results *r, char text[FIGURES]);
};

/* "14,022 and 1,256 KB". */
static void two(char text[FIGURES], double a, double b, const char *unit)
{
    char x[TEXT_NUMBER], y[TEXT_NUMBER];

    snprintf(text, FIGURES, "%s and %s%s", text_grouped(a, x), text_grouped(b, y), unit);
}

static double kilo(uint64_t bytes)
{
    return (double)bytes / 1024;
}

static bool batches_hold(const struct rows_results *r)
{
    return r->removals[ROWS_BATCHED].cost.log_bytes < r->removals[ROWS_HARD].cost.log_bytes;
}

static void batches_figures(const struct rows_results *r, char text[FIGURES])
{
    two(text, kilo(r->removals[ROWS_HARD].cost.log_bytes),
        kilo(r->removals[ROWS_BATCHED].cost.log_bytes), " KB of log");
}

static bool dead_hold(const struct rows_results *r)
{
    const struct rows_removal_run *d = r->removals;

    return d[ROWS_SOFT].kept == ROWS_POSTS && d[ROWS_PARTIAL].kept == ROWS_POSTS &&
           d[ROWS_HARD].kept == ROWS_POSTS - ROWS_DELETED && d[ROWS_PURGED].kept == d[ROWS_HARD].kept;
}

static void dead_figures(const struct rows_results *r, char text[FIGURES])
{
    two(text, (double)r->removals[ROWS_SOFT].kept, (double)r->removals[ROWS_HARD].kept, " rows");
}

/* What re-balances has given most pages back; what does not, none. */
static bool balance_holds(const struct rows_results *r)
{
    const struct rows_removal_run *d = &r->removals[ROWS_HARD];

    return r->engine->rebalances ? d->after.tables * 2 < d->before.tables
                                 : d->after.tables >= d->before.tables &&
                                       d->cleaned.tables >= d->before.tables;
}

static void balance_figures(const struct rows_results *r, char text[FIGURES])
{
    two(text, kilo(r->removals[ROWS_HARD].before.tables), kilo(r->removals[ROWS_HARD].after.tables),
        r->engine->rebalances ? " KB, it re-balances" : " KB, it does not");
}

static bool recovery_holds(const struct rows_results *r)
{
    const struct rows_removal_run *d = r->removals;

    return d[ROWS_SOFT].restored == ROWS_DELETED && d[ROWS_PARTIAL].restored == ROWS_DELETED &&
           d[ROWS_ARCHIVED].restored == ROWS_DELETED && d[ROWS_HARD].restored == 0 &&
           d[ROWS_BATCHED].restored == 0 && d[ROWS_PURGED].restored == 0 && d[ROWS_AUDITED].restored == 0;
}

static void recovery_figures(const struct rows_results *r, char text[FIGURES])
{
    two(text, (double)r->removals[ROWS_ARCHIVED].restored, (double)r->removals[ROWS_AUDITED].restored,
        " posts from archive and audit");
}

static bool audit_holds(const struct rows_results *r)
{
    return r->removals[ROWS_AUDITED].audited == ROWS_DELETED &&
           r->removals[ROWS_AUDITED].cost.log_bytes > r->removals[ROWS_HARD].cost.log_bytes;
}

static void audit_figures(const struct rows_results *r, char text[FIGURES])
{
    two(text, kilo(r->removals[ROWS_AUDITED].cost.log_bytes),
        kilo(r->removals[ROWS_HARD].cost.log_bytes), " KB of log");
}

static bool body_holds(const struct rows_results *r)
{
    const struct rows_text_run *in = &r->texts[ROWS_BODY_INLINE], *apart = &r->texts[ROWS_BODY_APART];

    return in->list.tables >= 5 * apart->list.tables &&
           in->updated.log_bytes >= apart->updated.log_bytes &&
           in->inserted.log_bytes < apart->inserted.log_bytes;
}

static void body_figures(const struct rows_results *r, char text[FIGURES])
{
    two(text, kilo(r->texts[ROWS_BODY_INLINE].list.tables),
        kilo(r->texts[ROWS_BODY_APART].list.tables), " KB to read");
}

static bool bio_holds(const struct rows_results *r)
{
    const struct rows_text_run *in = &r->texts[ROWS_BIO_INLINE], *apart = &r->texts[ROWS_BIO_APART];

    return in->inserted.pages < apart->inserted.pages &&
           in->all.tables + in->all.indexes < apart->all.tables + apart->all.indexes;
}

static void bio_figures(const struct rows_results *r, char text[FIGURES])
{
    two(text, (double)r->texts[ROWS_BIO_INLINE].inserted.pages,
        (double)r->texts[ROWS_BIO_APART].inserted.pages, " pages");
}

static bool date_bytes_hold(const struct rows_results *r)
{
    const struct rows_date_run *d = r->dates;

    return d[ROWS_DATE_TEXT].size.indexes > d[ROWS_DATE_EPOCH].size.indexes &&
           d[ROWS_DATE_EPOCH].size.indexes >= d[ROWS_DATE_DAY].size.indexes &&
           d[ROWS_DATE_TEXT].filled.pages > d[ROWS_DATE_EPOCH].filled.pages;
}

static void date_bytes_figures(const struct rows_results *r, char text[FIGURES])
{
    two(text, kilo(r->dates[ROWS_DATE_TEXT].size.indexes),
        kilo(r->dates[ROWS_DATE_EPOCH].size.indexes), " KB of index");
}

static bool date_answers_hold(const struct rows_results *r)
{
    for (int how = 0; how < ROWS_DATES; how++)
        if (r->dates[how].of_day != 24 || r->dates[how].of_hour != (how == ROWS_DATE_DAY ? 24 : 1))
            return false;
    return true;
}

static void date_answers_figures(const struct rows_results *r, char text[FIGURES])
{
    two(text, (double)r->dates[ROWS_DATE_EPOCH].of_hour, (double)r->dates[ROWS_DATE_DAY].of_hour, " rows");
}

static const struct shape shapes[] = {
    { "batches", "deleting in batches writes less than one post at a time", batches_hold, batches_figures },
    { "dead_rows", "a soft delete leaves every row for look-ups to pass, a hard one or a purge does not",
      dead_hold, dead_figures },
    { "balance", "a tree that re-balances gives its pages back as rows go, a heap keeps its length",
      balance_holds, balance_figures },
    { "recovery", "what was marked or archived comes back whole; an audit knows that it was there, not "
                  "what it was", recovery_holds, recovery_figures },
    { "audit", "an audit has a row for each post that went, and costs a write more", audit_holds,
      audit_figures },
    { "body", "a body apart makes the table that lists read at least five times smaller, and costs a second "
              "write once", body_holds, body_figures },
    { "bio", "a short text belongs in its row: apart it takes more pages to write and to hold", bio_holds,
      bio_figures },
    { "date_bytes", "a date as text makes the largest index", date_bytes_hold, date_bytes_figures },
    { "date_answers", "a day's number finds a day, and cannot find an hour", date_answers_hold,
      date_answers_figures },
};

/* Of a database whose parts all came to their end. */
static bool whole(const struct rows_results *r)
{
    return !r->why[0] && r->dates[ROWS_DATES - 1].done;
}

static void judge(struct rows_lab *l, const struct shape *s)
{
    char figures[ROWS_ENGINES * (FIGURES + 20)] = "", text[FIGURES];
    bool holds = true, any = false;

    for (unsigned i = 0; i < l->count; i++) {
        const struct rows_results *r = &l->of[i];
        size_t used = strlen(figures);
        if (!whole(r))
            continue;
        s->figures(r, text);
        snprintf(figures + used, sizeof figures - used, "%s%s %s", any ? "; " : "", r->engine->name, text);
        holds = holds && s->holds(r);
        any = true;
    }
    if (any)
        experiment_shape(&l->e, s->name, SHAPE_EXACT, holds, "%s: %s.", s->sentence, figures);
    else
        experiment_not_reached(&l->e, s->name, "%s", s->sentence);
}

void rows_lab_judge(struct rows_lab *l)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        judge(l, &shapes[i]);
}
