/*
 * main_arguments.h - what the command that repeats a failure ends in.
 */
#ifndef CONTEND_BENCH_CHECK_MAIN_ARGUMENTS_H
#define CONTEND_BENCH_CHECK_MAIN_ARGUMENTS_H

#include "bench/machine/linkage.h"

/* " -- '3'", if a program's own main() is given arguments; or NULL. */
extern const char *main_arguments CHECK_PRIVATE(main_arguments);

#endif
