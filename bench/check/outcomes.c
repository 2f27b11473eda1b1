/* outcomes.c - see outcomes.h; J. Alglave, L. Maranget, M. Tautschnig, "Herding Cats", 2014. */
#include "bench/check/outcomes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 256, LENGTH = 96 };

static struct outcome {
    char text[LENGTH];
    uint64_t count;
} outcomes[MOST];
static unsigned count;

void outcomes_reset(void)
{
    count = 0;
}

void check_outcome(const char *format, ...)
{
    char text[LENGTH];
    va_list arguments;
    unsigned i = 0;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    while (i < count && strcmp(outcomes[i].text, text) != 0)
        i++;
    if (i == MOST)
        return; /* no litmus test has that many */
    if (i == count) {
        memcpy(outcomes[i].text, text, sizeof text);
        outcomes[i].count = 0;
        count++;
    }
    outcomes[i].count++;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct outcome *)a)->text, ((const struct outcome *)b)->text);
}

void outcomes_print(const struct check_test *test, FILE *out)
{
    uint64_t positive = 0, negative = 0;

    if (count == 0)
        return;
    qsort(outcomes, count, sizeof *outcomes, by_text);
    fprintf(out, "Test %s\nStates %u\n", test->name, count);
    for (unsigned i = 0; i < count; i++) {
        bool asked = test->exists && strcmp(outcomes[i].text, test->exists) == 0;
        positive += asked ? outcomes[i].count : 0;
        negative += asked ? 0 : outcomes[i].count;
        fprintf(out, "%-8llu%s>%s\n", (unsigned long long)outcomes[i].count, asked ? "*" : ":",
                outcomes[i].text);
    }
    if (test->exists)
        fprintf(out, "Witnesses\nPositive: %llu Negative: %llu\nCondition exists (%s)\n"
                "Observation %s %s %llu %llu\n",
                (unsigned long long)positive, (unsigned long long)negative, test->exists, test->name,
                !positive ? "Never" : negative ? "Sometimes" : "Always",
                (unsigned long long)positive, (unsigned long long)negative);
}
