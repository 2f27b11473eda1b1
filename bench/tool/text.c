/* text.c - digits without exponents, sentences in lines. */
#include "bench/tool/text.h"

#include <math.h>
#include <string.h>

const char *text_number(double x, int digits, char buffer[TEXT_NUMBER])
{
    if (isnan(x)) {
        snprintf(buffer, TEXT_NUMBER, "-");
        return buffer;
    }
    if (fabs(x) >= 1e15) { /* no figure of ours, but a file may hold it */
        snprintf(buffer, TEXT_NUMBER, "%.*g", digits, x);
        return buffer;
    }
    int decimals = digits - 1 - (x > 0 ? (int)floor(log10(x)) : 0);
    snprintf(buffer, TEXT_NUMBER, "%.*f", decimals < 0 ? 0 : decimals > 6 ? 6 : decimals, x);
    return buffer;
}

const char *text_interval(const struct interval *i, char buffer[TEXT_INTERVAL])
{
    char low[TEXT_NUMBER], middle[TEXT_NUMBER], high[TEXT_NUMBER];

    text_number(i->middle, 3, middle);
    if (isnan(i->low))
        snprintf(buffer, TEXT_INTERVAL, "%s", middle);
    else
        snprintf(buffer, TEXT_INTERVAL, "%s [%s, %s]", middle, text_number(i->low, 3, low),
                 text_number(i->high, 3, high));
    return buffer;
}

void text_wrapped(FILE *out, const char *sentence, int indent, int width)
{
    while (*sentence) {
        size_t length = strlen(sentence), take = length;

        if (length > (size_t)width)
            for (take = (size_t)width; take > 0 && sentence[take] != ' ';)
                take--;
        take = take ? take : length; /* one word that is longer than the line */
        fprintf(out, "%*s%.*s\n", indent, "", (int)take, sentence);
        sentence += take;
        sentence += strspn(sentence, " ");
    }
}
