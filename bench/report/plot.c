/* plot.c - a curve as rows of characters. */
#include "bench/report/plot.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_COLUMNS = 512, LABEL = 32, DAY_MS = 86400000 };

bool plot_unicode(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);

    if (!locale)
        return false;
    bool unicode = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return unicode;
}

static void format_time(char *out, size_t size, const char *format, uint64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || !strftime(out, size, format, &tm))
        snprintf(out, size, "?");
}

char *plot_time(char out[PLOT_TIME_SIZE], uint64_t time_ms, bool milliseconds)
{
    format_time(out, PLOT_TIME_SIZE, "%Y-%m-%d %H:%M:%S", time_ms);
    if (milliseconds) {
        size_t length = strlen(out);
        snprintf(out + length, PLOT_TIME_SIZE - length, ".%03u", (unsigned)(time_ms % 1000));
    }
    return out;
}

/* The largest value that falls into the column; with few values, the one before it. */
static uint32_t column_value(const struct plot *p, unsigned column, unsigned width)
{
    size_t from = (size_t)((double)column * (double)p->count / width);
    size_t to = (size_t)((double)(column + 1) * (double)p->count / width);
    uint32_t most = 0;

    if (from >= p->count)
        from = p->count - 1;
    if (to <= from || to > p->count)
        to = to <= from ? from + 1 : p->count;
    for (size_t i = from; i < to; i++)
        if (p->values[i] > most)
            most = p->values[i];
    return most;
}

/* A round number for a quarter of the height: 1, 2 or 5 times a power of ten. */
static uint64_t round_quarter(uint32_t most)
{
    static const unsigned factors[] = { 1, 2, 5 };

    for (uint64_t power = 1;; power *= 10)
        for (size_t i = 0; i < 3; i++)
            if (4 * power * factors[i] >= most)
                return power * factors[i];
}

/* What a cell of the plot shows, of a value that reaches `eighths` of the cell. */
static const char *cell(unsigned eighths, bool unicode)
{
    static const char *const blocks[] = { " ", "\u2581", "\u2582", "\u2583", "\u2584",
                                          "\u2585", "\u2586", "\u2587", "\u2588" };

    if (unicode)
        return blocks[eighths];
    return eighths == 0 ? " " : eighths <= 2 ? "." : eighths <= 5 ? ":" : "#";
}

/* Which part of a row, counted from below, the value fills. */
static unsigned eighths_in_row(uint32_t value, unsigned row, uint64_t top, unsigned height)
{
    uint64_t all = (uint64_t)value * height * 8 / top;

    if (value && !all)
        all = 1; /* any value above 0 is visible */
    return all <= (uint64_t)row * 8 ? 0 : all - row * 8 > 8 ? 8 : (unsigned)(all - row * 8);
}

static void print_rows(FILE *out, const struct plot *p, const uint32_t *columns, unsigned width,
                       unsigned height)
{
    uint32_t most = 0;
    char label[LABEL];

    for (unsigned i = 0; i < width; i++)
        most = columns[i] > most ? columns[i] : most;
    uint64_t quarter = round_quarter(most), top = 4 * quarter;
    int margin = snprintf(label, sizeof label, "%llu", (unsigned long long)top);
    if (p->unit)
        fprintf(out, "%*s\n", margin, p->unit);
    for (unsigned row = height; row-- > 0;) {
        /* The row under each quarter of the height says how much its upper edge is. */
        unsigned below = row * 4 / height, edge = (row + 1) * 4 / height;
        snprintf(label, sizeof label, "%llu", (unsigned long long)(quarter * edge));
        fprintf(out, "%*s %s", margin, edge > below ? label : "", p->unicode ? "\u2524" : "|");
        unsigned last = width;
        while (last && !eighths_in_row(columns[last - 1], row, top, height))
            last--; /* no blanks at the end of a line */
        for (unsigned i = 0; i < last; i++)
            fputs(cell(eighths_in_row(columns[i], row, top, height), p->unicode), out);
        fputc('\n', out);
    }
    fprintf(out, "%*s %s", margin, "0", p->unicode ? "\u2514" : "+");
    for (unsigned i = 0; i < width; i++)
        fputs(i % (width / 4 ? width / 4 : 1) ? (p->unicode ? "\u2500" : "-")
                                              : (p->unicode ? "\u252c" : "+"), out);
    fprintf(out, "\n%*s", margin + 2, "");
}

/* Times under the marks, each where its column begins; the last one ends with the axis. */
static void print_times(FILE *out, const struct plot *p, unsigned width)
{
    uint64_t span = p->to_ms - p->from_ms;
    const char *format = span >= 2 * (uint64_t)DAY_MS ? "%d %b %H:%M"
                         : span >= 10 * 60000 ? "%H:%M" : "%H:%M:%S";
    unsigned printed = 0, stride = width / 4 ? width / 4 : 1;

    for (unsigned at = 0; at < width; at += stride) {
        char label[LABEL];
        double part = (double)at / width;
        format_time(label, sizeof label, format, p->from_ms + (uint64_t)(part * (double)span));
        if (printed && printed >= at)
            continue; /* no space */
        fprintf(out, "%*s%s", (int)(at - printed), "", label);
        printed = at + (unsigned)strlen(label);
    }
    char from[PLOT_TIME_SIZE], to[PLOT_TIME_SIZE];
    fprintf(out, "\ntime: %s to %s UTC\n", plot_time(from, p->from_ms, false),
            plot_time(to, p->to_ms, false));
}

int plot_print(FILE *out, const struct plot *plot)
{
    uint32_t columns[MOST_COLUMNS];
    unsigned width = plot->width ? plot->width : PLOT_WIDTH;
    unsigned height = plot->height ? plot->height : PLOT_HEIGHT;

    if (!plot->count)
        return -EINVAL;
    width = width > MOST_COLUMNS ? MOST_COLUMNS : width;
    for (unsigned i = 0; i < width; i++)
        columns[i] = column_value(plot, i, width);
    if (plot->title)
        fprintf(out, "%s\n", plot->title);
    print_rows(out, plot, columns, width, height);
    print_times(out, plot, width);
    return ferror(out) ? -EIO : 0;
}
