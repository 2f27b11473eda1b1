/*
 * shortage.h - the last words of a command that could not have its threads, or its memory.
 *
 * What could not make a thread notes it, in the process of the command.  At its end the command says
 * so, in words that name the limits, unless a report has already done so; and it has failed.
 */
#ifndef CONTEND_BENCH_BASE_SHORTAGE_H
#define CONTEND_BENCH_BASE_SHORTAGE_H

#include <stdbool.h>

/* How the reason begins, by which a command knows it in the words of another one. */
#define SHORTAGE_THREADS "no thread could be made"
/* Where the limits of threads and memory are shown: the end of a sentence, behind what they are. */
#define SHORTAGE_LIMITS \
    "is shown by ulimit -u, ulimit -v, and pids.max and memory.max of the control group"

/*
 * Notes the negative errno value of what made a thread or a process, if it is that of a shortage:
 * EAGAIN or ENOMEM.  Of several the first is told.  For the thread that runs the command.
 */
void shortage_note(int error);

/* The same with the error that ends the command; one that is no shortage is said at once. */
void shortage_fail(int error);

/* Whether one is noted and yet to be told. */
bool shortage_came(void);

/* What was noted until now is in a report, with SHORTAGE_LIMITS. */
void shortage_told(void);

/* At the end of a command with this exit status: says what is to be told; then it is no success. */
int shortage_end(int status);

#endif
