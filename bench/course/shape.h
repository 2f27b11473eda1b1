/*
 * shape.h - the shape that a lab expects of a result, a sentence a line:
 *
 *     ops_per_s of faa at threads=2 > 1.2 x ops_per_s of mutex at threads=2
 *     exit 1
 *     prints "data race"
 *     prints no "lost"
 *     answer b if ns of locked_add > 2 x ns of plain_add
 *     answer b
 *     needs: 2 processors
 *     needs: strategy sqlite_atomic
 *     quick: --budget=2 --no-floors
 *
 * A comparison is of two figures (figure.h), or of one with a number, either one times a number.  The
 * `answer` is the prediction that the result confirms: of several with a condition each whose condition
 * holds.  `needs` and `quick` say where the shape can be seen, and which options make the command short:
 * one that it has already takes the place of its own.  The other sentences are claims: the shape is there if all of them hold.
 */
#ifndef CONTEND_BENCH_COURSE_SHAPE_H
#define CONTEND_BENCH_COURSE_SHAPE_H

#include "bench/course/figure.h"

enum { SHAPE_CLAIMS = 24, SHAPE_TEXT = 256 };

enum claim_kind { CLAIM_MORE, CLAIM_LESS, CLAIM_EXIT, CLAIM_PRINTS, CLAIM_PRINTS_NOT, CLAIM_NOTHING };

/* A figure or a number, times a factor. */
struct claim_side {
    double factor; /* the number itself if there is no figure */
    bool is_figure;
    struct figure_question figure;
};

struct claim {
    char text[SHAPE_TEXT];   /* as it is written, without "answer b if" */
    char answer;             /* the letter that it confirms, or 0: it must hold */
    enum claim_kind kind;    /* CLAIM_NOTHING: an answer without a condition */
    struct claim_side left, right;
    int status;
    char printed[SHAPE_TEXT]; /* with single blanks */
};

struct shape {
    struct claim claims[SHAPE_CLAIMS];
    unsigned count;
    unsigned processors;     /* that it needs; 0: any number */
    char strategy[FIGURE_WORD]; /* that it needs, which not every build has, or "" */
    char quick[SHAPE_TEXT];  /* options, or "" */
    bool measures;           /* some claim is about figures */
};

/* Reads the lines of a block.  0, or -EINVAL with the sentence that is none in `why`. */
int shape_parse(struct shape *s, const char *text, char *why, size_t size);

/* What a command left behind. */
struct shape_result {
    int status;            /* its exit status */
    const char *output;    /* what it printed */
    const json_t *figures; /* or NULL */
};

enum claim_verdict { CLAIM_HOLDS, CLAIM_FAILS, CLAIM_UNKNOWN };

struct claim_seen {
    enum claim_verdict verdict;
    bool disturbed;     /* by a noisy cell */
    double left, right; /* the figures of a comparison, with their factors; else NAN */
    char why[160];      /* unknown: what is not there */
};

void shape_look(const struct claim *c, const struct shape_result *r, struct claim_seen *out);

#endif
