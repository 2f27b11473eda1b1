/* curves.c - points on a grid of characters. */
#include "bench/report/curves.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "bench/base/text.h"

struct axis {
    bool log;
    double low, high; /* of what is drawn: of the logarithms on a logarithmic axis */
    bool any;
};

static double scaled(const struct axis *a, double value)
{
    return a->log ? value > 0 ? log10(value) : NAN : value;
}

static void widen(struct axis *a, double value)
{
    if (isnan(value) || isinf(value))
        return;
    a->low = a->any ? fmin(a->low, value) : value;
    a->high = a->any ? fmax(a->high, value) : value;
    a->any = true;
}

/* Which of `places` cells the value falls into. */
static int place_of(const struct axis *a, double value, int places)
{
    double span = a->high - a->low;

    return span > 0 ? (int)lround((value - a->low) / span * (places - 1)) : places / 2;
}

static const char *edge(const struct axis *a, double value, char buffer[TEXT_NUMBER])
{
    return text_number(a->log ? pow(10, value) : value, 3, buffer);
}

static void fill(const struct curves *c, const struct axis *x, const struct axis *y,
                 char grid[CURVES_HEIGHT][CURVES_WIDTH + 1])
{
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = 0; k < c->list[i].count; k++) {
            double at = scaled(x, c->list[i].x[k]), value = scaled(y, c->list[i].y[k]);
            if (isnan(at) || isinf(at) || isnan(value) || isinf(value))
                continue;
            char *cell = &grid[CURVES_HEIGHT - 1 - place_of(y, value, CURVES_HEIGHT)]
                              [place_of(x, at, CURVES_WIDTH)];
            *cell = *cell == ' ' || *cell == c->list[i].mark ? c->list[i].mark : '+';
        }
}

static void print_grid(FILE *out, const struct curves *c, const struct axis *x, const struct axis *y,
                       char grid[CURVES_HEIGHT][CURVES_WIDTH + 1])
{
    char low[TEXT_NUMBER], high[TEXT_NUMBER];
    int margin;

    edge(y, y->low, low);
    edge(y, y->high, high);
    margin = (int)(strlen(low) > strlen(high) ? strlen(low) : strlen(high));
    fprintf(out, "%s%s\n", c->y_name, c->log_y ? " (logarithmic)" : "");
    for (int row = 0; row < CURVES_HEIGHT; row++) {
        int last = CURVES_WIDTH;
        while (last > 0 && grid[row][last - 1] == ' ')
            last--; /* no blanks at the end of a line */
        fprintf(out, "%*s |%.*s\n", margin, row == 0 ? high : row == CURVES_HEIGHT - 1 ? low : "", last,
                grid[row]);
    }
    fprintf(out, "%*s +", margin, "");
    for (int i = 0; i < CURVES_WIDTH; i++)
        fputc('-', out);
    edge(x, x->low, low);
    edge(x, x->high, high);
    fprintf(out, "\n%*s%s%*s\n", margin + 2, "", low, CURVES_WIDTH - (int)strlen(low), high);
    fprintf(out, "%*s%s%s\n", margin + 2, "", c->x_name, c->log_x ? " (logarithmic)" : "");
}

int curves_print(FILE *out, const struct curves *c)
{
    struct axis x = { .log = c->log_x }, y = { .log = c->log_y };
    char grid[CURVES_HEIGHT][CURVES_WIDTH + 1], legend[512] = "";

    if (c->count > CURVES_MOST)
        return -EINVAL;
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = 0; k < c->list[i].count; k++)
            if (!isnan(scaled(&x, c->list[i].x[k])) && !isnan(scaled(&y, c->list[i].y[k]))) {
                widen(&x, scaled(&x, c->list[i].x[k]));
                widen(&y, scaled(&y, c->list[i].y[k]));
            }
    fprintf(out, "%s\n", c->title);
    if (!x.any || !y.any) {
        fprintf(out, "  (no points)\n");
        return ferror(out) ? -EIO : 0;
    }
    for (int row = 0; row < CURVES_HEIGHT; row++)
        memset(grid[row], ' ', CURVES_WIDTH);
    fill(c, &x, &y, grid);
    print_grid(out, c, &x, &y, grid);
    for (size_t i = 0, used = 0; i < c->count && used < sizeof legend; i++)
        used += (size_t)snprintf(legend + used, sizeof legend - used, "%s%c %s", i ? ", " : "",
                                 c->list[i].mark, c->list[i].name);
    text_wrapped(out, legend, 2, CURVES_WIDTH + 16);
    return ferror(out) ? -EIO : 0;
}
