/*
 * results_read.h - a results file read back: what `contend compare` looks at.
 *
 * docs/results.md describes the schema.  Only what is named there is relied on;
 * unknown members are ignored.
 */
#ifndef CONTEND_BENCH_REPORT_RESULTS_READ_H
#define CONTEND_BENCH_REPORT_RESULTS_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct results_file {
    const char *path;
    json_t *root;
};

/*
 * Reads and checks a file.  Returns 0, or -EINVAL after a message on standard error that
 * begins with `who`.  Close it in either case.
 */
int results_open(struct results_file *f, const char *path, const char *who);
void results_close(struct results_file *f);
/*
 * The same for a file of any run, also of those beyond throughput; the root is the caller's to release.
 * After an error there is none.
 */
int results_load(json_t **root, const char *path, const char *who);

/* A value of the session record, "unavailable" where there is none. */
const char *results_session(const struct results_file *f, const char *key);
/* The reference of a cell; older files have one for all cells.  "" if unknown. */
const char *results_reference(const struct results_file *f, const json_t *cell);

/* The cell of that name, or NULL. */
json_t *results_cell(const struct results_file *f, const char *name);
const char *results_text(const json_t *object, const char *key); /* "" where there is none */

/* Whether a cell has that strategy as a contestant: neither a floor nor a second entry. */
bool results_has(const json_t *cell, const char *strategy);

/*
 * The logarithms of a strategy's rates in the blocks that count: those that were
 * not rejected, with the cell's placement.  With a reference, of the ratio to it in the
 * same block.  Returns how many; at most `most` are stored.
 */
size_t results_samples(const json_t *cell, const char *strategy, const char *reference,
                       double *logs, size_t most);

#endif
