/*
 * ratio.h - a ratio of two strategies as every report prints it.
 */
#ifndef CONTEND_BENCH_JUDGE_RATIO_H
#define CONTEND_BENCH_JUDGE_RATIO_H

#include "bench/base/stats.h"
#include "bench/base/text.h"

enum { TEXT_INTERVAL = 3 * TEXT_NUMBER };

/*
 * A ratio and its interval: "3.25 [3.12, 3.62]"; the middle alone where there is no interval.
 * Near a border of a verdict it has as many digits as it needs to show the side: "1.0296 [...".
 */
const char *text_interval(const struct interval *i, char buffer[TEXT_INTERVAL]);

#endif
