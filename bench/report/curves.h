/*
 * curves.h - several curves of one quantity against another, drawn with characters.
 */
#ifndef CONTEND_BENCH_REPORT_CURVES_H
#define CONTEND_BENCH_REPORT_CURVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CURVES_MOST = 12, CURVES_WIDTH = 60, CURVES_HEIGHT = 14 };

struct curve {
    const char *name;
    char mark;          /* how its points are drawn; where curves meet, '+' */
    const double *x, *y;
    size_t count;       /* points that are NAN, or not above 0 on a logarithmic axis, are left out */
};

struct curves {
    const char *title;          /* the line above */
    const char *x_name, *y_name; /* with their units */
    bool log_x, log_y;
    const struct curve *list;
    size_t count;               /* at most CURVES_MOST */
};

/*
 * Draws them within 80 columns, with the least and the greatest value of either axis and a line
 * that explains the marks.  Without any point it says so.  Returns -EIO if the stream cannot be
 * written, -EINVAL for too many curves.
 */
int curves_print(FILE *out, const struct curves *c);

#endif
