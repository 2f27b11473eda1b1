/*
 * attempt.h - one command of a lab, run by this same program in a process of its own.
 *
 * A process, since google-benchmark runs once in one, and since a learner who types the command gets
 * the same.  What it prints is shown while it runs and kept, for the shape to be looked for in it.
 */
#ifndef CONTEND_BENCH_COURSE_ATTEMPT_H
#define CONTEND_BENCH_COURSE_ATTEMPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct attempt {
    int status;       /* the exit status; 128 and the signal where one ended it */
    char *output;     /* what it printed on standard output, never NULL */
    json_t *figures;  /* what --json wrote, or NULL */
    double seconds;
    double others;    /* how much of the machine's processor time others used meanwhile, 0 to 1,
                         the hypervisor included; NAN = unavailable */
    bool late;        /* it was ended because it took too long */
    bool interrupted; /* by Ctrl-C */
};

struct attempt_request {
    const char *command; /* "contend run --threads=2 faa" */
    const char *more;    /* options in place of its own, or behind them; or "" */
    bool figures;        /* ask for --json */
    bool silent;         /* without progress on standard error */
    FILE *show;          /* what it prints is shown here, line by line, or NULL */
    unsigned limit_s;    /* it is ended after so long */
};

/*
 * The command's words are separated by blanks; '...' keeps some together.  0 or a negative errno
 * value: it could not be run.  To be freed in either case.
 */
int attempt_run(struct attempt *t, const struct attempt_request *q);
void attempt_free(struct attempt *t);

#endif
