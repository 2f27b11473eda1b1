/*
 * digits.h - a number as text, where an answer is written many thousand times a second: printf takes
 * as long for it as the rest of the answer.
 */
#ifndef CONTEND_BENCH_SERVE_DIGITS_H
#define CONTEND_BENCH_SERVE_DIGITS_H

#include <stdint.h>
#include <string.h>

enum { DIGITS_MOST = 20 };

/* Writes at most DIGITS_MOST bytes, without a 0 behind them.  Where they end. */
static inline char *digits_put(char *at, uint64_t n)
{
    char digits[DIGITS_MOST], *first = digits + DIGITS_MOST;

    do
        *--first = (char)('0' + n % 10);
    while (n /= 10);
    size_t length = (size_t)(digits + DIGITS_MOST - first);
    memcpy(at, first, length);
    return at + length;
}

#endif
