/*
 * figure.h - one figure in what `--json` of a run wrote, asked for in words.
 *
 * "ops_per_s of faa at threads=2, workload=claps" is the member `ops_per_s` of an object that is called
 * faa (its strategy, its name, or another of its own texts; or the strategy or name of an object
 * around it), and that has, or lies in an object that has, the members threads and workload with these
 * values.  So a question does not depend on where in
 * a file the figure stands, and every command's results are asked alike.
 */
#ifndef CONTEND_BENCH_COURSE_FIGURE_H
#define CONTEND_BENCH_COURSE_FIGURE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { FIGURE_WORD = 64, FIGURE_FILTERS = 6 };

struct figure_question {
    bool most;               /* the largest of several figures */
    char field[FIGURE_WORD]; /* "ops_per_s", or "response.p99_ns" of an object within */
    char name[FIGURE_WORD];  /* "faa" */
    struct {
        char key[FIGURE_WORD], value[FIGURE_WORD];
    } filters[FIGURE_FILTERS];
    unsigned filter_count;
};

/* Reads "[most] FIELD of NAME [at KEY=VALUE, ...]".  Whether it is one. */
bool figure_parse(struct figure_question *q, const char *text);

struct figure_answer {
    double value;
    bool disturbed; /* it lies in a cell that was noisy */
    char why[160];  /* after an error: what is not there */
};

/*
 * 0; -ENOENT: no such figure, or it is not known; -EEXIST: more than one, so that the question needs
 * another filter, or `most`.  Raw windows (`blocks`) are not looked at.
 */
int figure_find(const json_t *root, const struct figure_question *q, struct figure_answer *out);

#endif
