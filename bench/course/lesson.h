/*
 * lesson.h - whether what a lab teaches was seen: shown, not shown here, or failed.
 *
 * A lab fails only if its claim is wrong: an outcome of the checker is not there, or a measured shape
 * is missing three times, with the command as it is printed, on a machine that nobody else used
 * meanwhile.  Everything else is "not shown here", with the reason: too few processors, others at work,
 * tries that disagree, a figure that could not be told, a comparison that only the short form misses.
 * Whether a try counts is decided by the machine's load and never by its result.
 */
#ifndef CONTEND_BENCH_COURSE_LESSON_H
#define CONTEND_BENCH_COURSE_LESSON_H

#include "bench/course/page.h"
#include "bench/course/shape.h"
#include "bench/course/attempt.h"

enum lesson_outcome { LESSON_SHOWN, LESSON_NOT_HERE, LESSON_FAILED, LESSON_INTERRUPTED };

/* "shown", "not shown here", "FAILED", "interrupted" */
const char *lesson_word(enum lesson_outcome outcome);

struct lesson {
    const struct page_block *command, *expect;
    struct shape shape;
    struct claim_seen seen[SHAPE_CLAIMS]; /* of the last try */
    enum lesson_outcome outcome;
    char why[400];       /* unless it was shown */
    char answers[32];    /* the letters that the result confirms */
    unsigned tries;
    double seconds;      /* of all tries */
    struct attempt attempt;  /* the last one */
};

struct lesson_request {
    bool quick;          /* with the options that make the command short */
    bool silent;         /* no progress on standard error */
    FILE *show;          /* what the command prints, or NULL */
    unsigned limit_s;    /* of one try */
    /* Called before each further try with the reason; may be NULL. */
    void (*again)(void *ctx, const char *why);
    void *ctx;
};

/*
 * Runs the command of a block and looks for its shape.  0, -EINVAL with the sentence that could not be
 * read in `why`, or another negative errno value if the command could not be run.  To be freed.
 */
int lesson_run(struct lesson *l, const struct page_block *expect, const struct lesson_request *q);
void lesson_free(struct lesson *l);

/* How a claim came out, in one line: "219 M against 64 M". */
const char *lesson_figures(const struct claim_seen *seen, char *buffer, size_t size);

#endif
