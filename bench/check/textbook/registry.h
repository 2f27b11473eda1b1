/*
 * registry.h - the textbook programs and their mutants that were compiled into this build.
 */
#ifndef CONTEND_BENCH_CHECK_TEXTBOOK_REGISTRY_H
#define CONTEND_BENCH_CHECK_TEXTBOOK_REGISTRY_H

#include "bench/check/check.h"

struct textbook_program {
    const char *name;   /* "treiber" */
    const char *mutant; /* "no_tag", or NULL: the program as it should be */
    const char *about;  /* what it is, or what is wrong with the mutant, in one sentence */
    const struct check_test *test;
};

/* Each program, followed by its mutants; ended by a NULL name. */
extern const struct textbook_program textbook_programs[];

#endif
