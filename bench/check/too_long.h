/*
 * too_long.h - a test that is too long or too large for the checker: neither right nor wrong.
 */
#ifndef CONTEND_BENCH_CHECK_TOO_LONG_H
#define CONTEND_BENCH_CHECK_TOO_LONG_H

#include <stdio.h>

#include "bench/check/check.h"
#include "bench/machine/linkage.h"

enum { TOO_LONG_STATUS = 3 }; /* the exit status of a program whose test reached one */

/* Says which limit an execution has reached, and what to do. */
void too_long_print(const struct check_test *test, const struct check_result *result, FILE *out)
    CHECK_PRIVATE(too_long_print);

/* The exit status of a test that ended with this verdict. */
int too_long_status(enum check_verdict verdict) CHECK_PRIVATE(too_long_status);

/* The exit status of two tests: of wrong usage before that of a failure, and that before a limit's. */
int too_long_worse(int one, int other) CHECK_PRIVATE(too_long_worse);

#endif
