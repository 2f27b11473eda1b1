/*
 * text.h - numbers and sentences as every report prints them.
 */
#ifndef CONTEND_BENCH_BASE_TEXT_H
#define CONTEND_BENCH_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { TEXT_NUMBER = 48 }; /* bytes for a number with its noun */

/*
 * x >= 0 with `digits` significant digits and no exponent: 0.0638, 20.5, 9408; "-" for NAN.
 * At most six decimals; from 1e15 on with an exponent after all, or "inf".
 */
const char *text_number(double x, int digits, char buffer[TEXT_NUMBER]);

/* A whole figure with thousands set apart: 12,345,678. */
const char *text_grouped(double x, char buffer[TEXT_NUMBER]);
/* The same with its noun: "1 block", "2,000 blocks".  Nouns up to 20 bytes. */
const char *text_count(uint64_t n, const char *one, const char *many, char buffer[TEXT_NUMBER]);
/* The same, rounded to two significant digits: 12,000,000; below 10 with a decimal: 4.7. */
const char *text_about(double x, char buffer[TEXT_NUMBER]);

/* "350 ns", "1.2 us", "35 ms"; "-" for NAN. */
const char *text_duration(double ns, char buffer[TEXT_NUMBER]);

/* The name of a file may hold anything: what a terminal would obey becomes '?'.  Returns it. */
char *text_tame(char *text);

/*
 * Copies text for a terminal: at most `characters` of them, "..." at the end if
 * it was cut; what is not printable UTF-8 becomes '?'.  `out` takes 4 bytes per
 * character and the zero.
 */
char *text_printable(char *out, size_t characters, const char *text, size_t length);

/* Breaks a sentence into indented lines of at most `width` columns behind the indent. */
void text_wrapped(FILE *out, const char *sentence, int indent, int width);

/* The same, the first line at the margin: of `width` columns in all. */
void text_hanging(FILE *out, const char *sentence, int indent, int width);

/* "  label   sentence": its lines, of `width` columns in all, stand `indent` columns in. */
void text_labelled(FILE *out, const char *label, const char *sentence, int indent, int width);

#endif
