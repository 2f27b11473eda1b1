/* ratio.c - as many digits as the verdict needs. */
#include "bench/judge/ratio.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/judge/verdict.h"

/* Three digits, and more if these do not show on which side of a verdict's border it is. */
static const char *ratio(double x, char buffer[TEXT_NUMBER])
{
    const double borders[] = { VERDICT_MARGIN, 1 / VERDICT_MARGIN };
    char border[TEXT_NUMBER];
    int digits = 3;

    for (size_t i = 0; i < sizeof borders / sizeof *borders; i++)
        while (digits < 6 && strcmp(text_number(x, digits, buffer),
                                    text_number(borders[i], digits, border)) == 0)
            digits++;
    return text_number(x, digits, buffer);
}

const char *text_interval(const struct interval *i, char buffer[TEXT_INTERVAL])
{
    char low[TEXT_NUMBER], middle[TEXT_NUMBER], high[TEXT_NUMBER];

    ratio(i->middle, middle);
    if (isnan(i->low))
        snprintf(buffer, TEXT_INTERVAL, "%s", middle);
    else
        snprintf(buffer, TEXT_INTERVAL, "%s [%s, %s]", middle, ratio(i->low, low),
                 ratio(i->high, high));
    return buffer;
}
