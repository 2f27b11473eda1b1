/*
 * exhausted.h - the end when the checker itself has no memory left.
 *
 * An execution cannot go on without its records, and what it has found so far is only half of
 * an answer.  exit() would be taken for a call of the program under test.
 */
#ifndef CONTEND_BENCH_CHECK_EXHAUSTED_H
#define CONTEND_BENCH_CHECK_EXHAUSTED_H

#include <stdio.h>
#include <unistd.h>

static inline _Noreturn void exhausted(void)
{
    fflush(stdout);
    dprintf(STDERR_FILENO, "check: out of memory; what was printed before stands\n"); /* stderr may be the program's */
    _exit(1);
}

#endif
