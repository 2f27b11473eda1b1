/*
 * posts.h - `contend posts`: a blog's data under contention.
 *
 * How posts are deleted; what is kept by reference and what inline; and how a date is kept.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_POSTS_H
#define CONTEND_BENCH_SERVE_LABS_POSTS_H

#include "bench/report/experiment.h"
#include "bench/serve/posts/date.h"
#include "bench/serve/posts/posts.h"
#include "bench/serve/posts/text/text.h"

enum { POSTS_ENTRIES = 8, TEXT_ENTRIES = 8, TEXT_SIZES = 10, TEXT_MIXES = 2 };

/* Deleted posts are marked and stay; they go at once; they are marked, and purged many at a time. */
enum posts_removal { POSTS_MARKED, POSTS_AT_ONCE, POSTS_IN_BATCHES, POSTS_REMOVALS };
extern const char *const posts_removal_names[POSTS_REMOVALS];

enum date_guard { GUARD_MUTEX, GUARD_RWLOCK, GUARD_SEQLOCK, GUARD_ATOMIC, DATE_GUARDS };
extern const char *const date_guard_names[DATE_GUARDS];

struct posts_lab_options {
    struct experiment_options base;
    uint64_t window_ms; /* of each run */
};

struct posts_removal_run {
    bool done;
    double ops_per_s, p99_ns; /* reads and replacements; of reads alone */
    struct posts_stats stats; /* at the end */
};

/* Restores beside a purge. */
struct posts_restore_run {
    bool done;
    uint64_t restored, refused; /* by the purge, which came first */
    uint64_t lost;              /* restored, and then not there: must be 0 */
};

struct posts_text_run {
    bool done, absent; /* absent: the size is beyond what the means takes */
    double reads_per_s;
    uint64_t torn;     /* texts that no write made: must be 0 */
};

struct posts_date_run {
    bool done;
    double read_ns;
    uint64_t reads, torn;
};

struct posts_lab {
    const struct posts_lab_options *options;
    struct experiment e;
    const struct posts_ops *entries[POSTS_ENTRIES];
    const struct text_ops *texts[TEXT_ENTRIES];
    unsigned count, text_count;
    struct posts_removal_run removals[POSTS_ENTRIES][POSTS_REMOVALS];
    struct posts_restore_run restores[POSTS_ENTRIES];
    struct posts_text_run text_runs[TEXT_MIXES][TEXT_ENTRIES][TEXT_SIZES];
    struct posts_date_run dates[DATE_FORMS][DATE_GUARDS];
};

extern const size_t posts_text_sizes[TEXT_SIZES];
extern const unsigned posts_text_reads[TEXT_MIXES]; /* to a write */

/* Runs it; the exit status of the command. */
int posts_lab_command(const struct posts_lab_options *o);

/* For posts_lab_command(): one run of each kind; 0 or an error. */
int posts_lab_removal(struct posts_lab *l, unsigned entry, enum posts_removal how);
int posts_lab_restore(struct posts_lab *l, unsigned entry);
int posts_lab_text(struct posts_lab *l, unsigned mix, unsigned entry, unsigned size);
int posts_lab_date(struct posts_lab *l, enum date_form form, enum date_guard guard);

void posts_lab_judge(struct posts_lab *l);
void posts_lab_print(const struct posts_lab *l);
json_t *posts_lab_json(const struct posts_lab *l);

#endif
