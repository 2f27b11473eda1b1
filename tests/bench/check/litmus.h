/*
 * litmus.h - small programs whose every outcome is known.
 *
 * An outcome is a string of digits: what the registers a, b, c, d hold at the end.
 * A program with a fault ends in a verdict instead.
 */
#ifndef CONTEND_TESTS_BENCH_CHECK_LITMUS_H
#define CONTEND_TESTS_BENCH_CHECK_LITMUS_H

#include "bench/check/check.h"

enum { LITMUS_THREADS = 4, LITMUS_REGISTERS = 4 };

struct litmus {
    const char *name;
    const char *exactly; /* these outcomes and no others, or NULL ... */
    const char *must, *never; /* ... then these are found, and those are not */
    void (*threads[LITMUS_THREADS])(void);
    void (*last)(void); /* reads what is final, or NULL */
    unsigned registers;
};

/* A program that waits, allocates or calls the library. */
struct litmus_call {
    struct litmus program;
    unsigned bound; /* depth first: most unforced steps */
    enum check_verdict ends; /* CHECK_PASSED, or some execution ends so */
    enum check_reuse reuse;
};

/* Both ended by a NULL name. */
extern const struct litmus litmus_tests[];
extern const struct litmus_call litmus_calls[];
extern int litmus_register[LITMUS_REGISTERS];
void litmus_reset(void);
void litmus_calls_reset(void);

#endif
