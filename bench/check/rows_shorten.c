/* rows_shorten.c - see rows_shorten.h. */
#include "bench/check/rows_shorten.h"

#include <stdio.h>
#include <string.h>

enum { PERIOD = 16, /* most rows that are seen to repeat themselves */
       TURNS = 4 }; /* fewer turns than that are printed as they are */

/* ---- repetitions ---- */

static bool alike(const struct row *a, const struct row *b)
{
    return a->thread == b->thread && a->look == b->look && strcmp(a->text, b->text) == 0 &&
           strcmp(a->source, b->source) == 0 && (a->note[0] == '\0') == (b->note[0] == '\0');
}

/* How often the first `period` rows stand there, one time after the other. */
static unsigned turns(const struct row *rows, unsigned count, unsigned period)
{
    unsigned same = 0;

    while (same + period < count && alike(&rows[same], &rows[same + period]))
        same++;
    return 1 + same / period;
}

/* The rows that are repeated from here on, the fewest that are; 0 = none. */
static unsigned period_of(const struct row *rows, unsigned count)
{
    for (unsigned period = 1; period <= PERIOD && period * TURNS <= count; period++)
        if (turns(rows, count, period) >= TURNS)
            return period;
    return 0;
}

static void gap(struct row *r, unsigned period, unsigned more)
{
    *r = (struct row){ .step = r->step, .look = ROW_ASIDE };
    if (period == 1)
        snprintf(r->text, sizeof r->text, "(the same %u times more)", more);
    else
        snprintf(r->text, sizeof r->text, "(the same %u rows %u times more)", period, more);
}

static unsigned fold(struct row *rows, unsigned count)
{
    unsigned from = 0, to = 0;

    while (from < count) {
        unsigned period = period_of(rows + from, count - from);
        unsigned times = period ? turns(rows + from, count - from, period) : 1;
        unsigned kept = period ? period : 1;
        memmove(&rows[to], &rows[from], kept * sizeof *rows);
        to += kept;
        from += kept;
        if (!period)
            continue;
        rows[to] = rows[from]; /* its step is where the others begin */
        gap(&rows[to++], period, times - 2);
        from += (times - 2) * period;
        memmove(&rows[to], &rows[from], period * sizeof *rows);
        to += period;
        from += period;
    }
    return to;
}

/* ---- what is too long ---- */

/* Keeps the first and the last of many rows from `begin` on; a line counts the others. */
static unsigned leave_out_the_middle(struct row *rows, unsigned count, unsigned begin, unsigned first,
                                     unsigned last, const char *why)
{
    if (count <= begin + first + 1 + last)
        return count;
    unsigned out = count - begin - first - last;
    struct row *r = &rows[begin + first];
    *r = (struct row){ .step = r->step, .look = ROW_ASIDE };
    snprintf(r->text, sizeof r->text, "(%u rows are left out%s)", out, why);
    memmove(r + 1, rows + count - last, last * sizeof *rows);
    return begin + first + 1 + last;
}

/* Of threads that repeat themselves the first and the last turns are shown. */
static unsigned leave_out_circles(struct row *rows, unsigned count)
{
    unsigned quiet = count;

    while (quiet > 0 && (rows[quiet - 1].look == ROW_PLAIN || rows[quiet - 1].look == ROW_WAIT ||
                         rows[quiet - 1].look == ROW_FAIL))
        quiet--;
    return leave_out_the_middle(rows, count, quiet, 12, 6, ": no thread changes a value any more");
}

unsigned rows_shorten(struct row *rows, unsigned count)
{
    count = leave_out_circles(rows, fold(rows, count));
    return leave_out_the_middle(rows, count, 0, 200, 100, "");
}
