/*
 * formats.h - which memory the arguments of a format are read from, or written to.
 *
 * Arguments by number ("%2$s") are not followed.
 */
#ifndef CONTEND_BENCH_MACHINE_FORMATS_H
#define CONTEND_BENCH_MACHINE_FORMATS_H

#include <stdarg.h>

#include "bench/machine/linkage.h"

/* The texts that printf() reads, and the counts of "%n" that it writes. */
void formats_read_arguments(const char *format, va_list *arguments, const void *pc)
    CHECK_PRIVATE(formats_read_arguments);

/* What scanf() has written, which returned `count`. */
void formats_written(const char *format, va_list *arguments, int count, const void *pc)
    CHECK_PRIVATE(formats_written);

#endif
