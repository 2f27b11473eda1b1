/*
 * plot.h - a curve over time, drawn with characters.
 */
#ifndef CONTEND_BENCH_REPORT_PLOT_H
#define CONTEND_BENCH_REPORT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { PLOT_WIDTH = 72, PLOT_HEIGHT = 12, PLOT_TIME_SIZE = 32 };

struct plot {
    const char *title;       /* the line above; NULL = none */
    const char *unit;        /* of the values, above their axis; NULL = none */
    const uint32_t *values;  /* at equally spaced instants */
    size_t count;            /* at least 1 */
    uint64_t from_ms, to_ms; /* of the first and the last value, since 1970 */
    unsigned width, height;  /* columns and rows of the curve alone; 0 = PLOT_WIDTH, PLOT_HEIGHT */
    bool unicode;            /* eighths of blocks; otherwise ASCII */
};

/* Whether the user's locale takes Unicode; does not change the program's locale. */
bool plot_unicode(void);

/*
 * Draws it: counts beside the rows, UTC times below.  A column that stands for
 * several values shows the largest, so that no peak is lost.  Returns -EIO if the
 * stream cannot be written.
 */
int plot_print(FILE *out, const struct plot *plot);

/* "2015-05-17 10:05:03" or with milliseconds "2015-05-17 10:05:03.250"; UTC. */
char *plot_time(char out[PLOT_TIME_SIZE], uint64_t time_ms, bool milliseconds);

#endif
