/*
 * rows.h - `contend rows`: a blog's rows as designs draw them, and what each makes a database write.
 *
 * How posts are deleted; whether a body or a biography is in its row; and how a date is kept.  In
 * every database that this build has, by the same statements.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_ROWS_H
#define CONTEND_BENCH_SERVE_LABS_ROWS_H

#include "bench/report/experiment.h"
#include "bench/stores/rows/rows.h"

enum { ROWS_ENGINES = 4 };

/* One at a time; marked; marked, and the index has only the rest; in batches ... */
enum rows_removal {
    ROWS_HARD, ROWS_SOFT, ROWS_PARTIAL, ROWS_BATCHED, ROWS_PURGED, ROWS_ARCHIVED, ROWS_AUDITED,
    ROWS_REMOVALS
};
enum rows_text { ROWS_BODY_INLINE, ROWS_BODY_APART, ROWS_BIO_INLINE, ROWS_BIO_APART, ROWS_TEXTS };
enum rows_date { ROWS_DATE_TEXT, ROWS_DATE_EPOCH, ROWS_DATE_DAY, ROWS_DATES };

/* Of 2,000 posts 1,500 are deleted, three of four. */
enum { ROWS_POSTS = 2000, ROWS_DELETED = 1500, ROWS_BATCH = 100, ROWS_WRITES = 500 };

struct rows_removal_run {
    bool done;
    struct rows_cost cost;
    struct rows_size before, after, cleaned; /* of the posts; the last after a clean-up */
    uint64_t kept;     /* rows among the posts, dead ones included */
    uint64_t archived, audited;
    uint64_t restored; /* of those that were deleted, by what is left of them */
};

struct rows_text_run {
    bool done;
    struct rows_cost inserted, updated; /* ROWS_WRITES of each, in transactions of their own */
    struct rows_size list;              /* of the table that a list of titles or names reads */
    struct rows_size all;
};

struct rows_date_run {
    bool done;
    struct rows_cost filled; /* all rows in one transaction */
    struct rows_size size;
    uint64_t of_day, of_hour; /* rows that a query finds that wants a day's, or an hour's */
};

struct rows_results {
    const struct rows_engine *engine;
    char why[240]; /* what is missing here, or went wrong; or "" */
    struct rows_removal_run removals[ROWS_REMOVALS];
    struct rows_text_run texts[ROWS_TEXTS];
    struct rows_date_run dates[ROWS_DATES];
};

struct rows_lab_options {
    struct experiment_options base;
};

struct rows_lab {
    const struct rows_lab_options *options;
    struct experiment e;
    struct rows_results of[ROWS_ENGINES];
    unsigned count;
};

/* The command.  Its exit status. */
int rows_lab_command(const struct rows_lab_options *o);

/* ---- the parts of it ---- */

extern const char *const rows_removal_names[ROWS_REMOVALS];
extern const char *const rows_text_names[ROWS_TEXTS];
extern const char *const rows_date_names[ROWS_DATES];

/* Each makes its tables, runs, and fills its figures.  0, or a negative errno value. */
int rows_lab_removal(struct rows_results *r, enum rows_removal how);
int rows_lab_text(struct rows_results *r, enum rows_text how);
int rows_lab_date(struct rows_results *r, enum rows_date how);

void rows_lab_judge(struct rows_lab *l);
void rows_lab_print(const struct rows_lab *l);
json_t *rows_lab_json(const struct rows_lab *l);

#endif
