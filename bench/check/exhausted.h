/*
 * exhausted.h - the end when the checker itself has no memory left, or no thread.
 *
 * An execution cannot go on without its records, and what it has found so far is only half of
 * an answer.  exit() would be taken for a call of the program under test.
 */
#ifndef CONTEND_BENCH_CHECK_EXHAUSTED_H
#define CONTEND_BENCH_CHECK_EXHAUSTED_H

#include <stdio.h>
#include <unistd.h>

static inline _Noreturn void exhausted_of(const char *what)
{
    fflush(stdout);
    dprintf(STDERR_FILENO, "%s", what); /* stderr may be the program's */
    _exit(1);
}

static inline _Noreturn void exhausted(void)
{
    exhausted_of("check: out of memory; what was printed before stands\n");
}

static inline _Noreturn void exhausted_threads(void)
{
    exhausted_of("check: no thread could be made; what limits them is shown by ulimit -u, ulimit\n"
                 "  -v, and pids.max and memory.max of the control group; what was printed before\n"
                 "  stands\n");
}

#endif
