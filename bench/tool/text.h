/*
 * text.h - numbers and sentences as every report prints them.
 */
#ifndef CONTEND_BENCH_TOOL_TEXT_H
#define CONTEND_BENCH_TOOL_TEXT_H

#include <stdio.h>

#include "bench/judge/stats.h"

enum { TEXT_NUMBER = 24, TEXT_INTERVAL = 3 * TEXT_NUMBER };

/*
 * x >= 0 with `digits` significant digits and no exponent: 0.0638, 20.5, 9408; "-" for NAN.
 * At most six decimals; from 1e15 on with an exponent after all, or "inf".
 */
const char *text_number(double x, int digits, char buffer[TEXT_NUMBER]);

/* "3.25 [3.12, 3.62]"; the middle alone where there is no interval. */
const char *text_interval(const struct interval *i, char buffer[TEXT_INTERVAL]);

/* Breaks a sentence into indented lines of at most `width` columns behind the indent. */
void text_wrapped(FILE *out, const char *sentence, int indent, int width);

#endif
