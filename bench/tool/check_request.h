/*
 * check_request.h - what `contend check` was asked to do.
 */
#ifndef CONTEND_BENCH_TOOL_CHECK_REQUEST_H
#define CONTEND_BENCH_TOOL_CHECK_REQUEST_H

#include <stdbool.h>

#include "bench/check/suite.h"

/* An option that was set, of each strategy that the name of --set means. */
struct check_setting {
    const struct family *family;
    const char *name;
    struct contend_setting setting;
};
enum { CHECK_SETTINGS = 64 };

struct check_request {
    const struct check_copy *copy;
    struct suite_options suite; /* its callbacks are set by the caller that runs it */
    const char *replay;         /* or NULL; then the rest does not matter */
    const char *page;           /* the file that keeps a failure, or NULL */
    const char *json;           /* the file that keeps all verdicts, or NULL */
    struct check_setting settings[CHECK_SETTINGS];
    unsigned setting_count;
    bool all, quiet;
    bool orders;        /* look for memory orders that are stronger than needed */
    bool textbook;      /* list the textbook programs, and nothing else */
    const char *mutant; /* of the textbook programs that are named; or NULL */
    char **names; /* what to check, ended by NULL; each is a name of this copy */
};

/*
 * Reads the command line after "check", as the readers of command_lines.h do.  A
 * replay string is not parsed here.
 */
int check_parse(struct check_request *q, int argc, char **argv);

#endif
