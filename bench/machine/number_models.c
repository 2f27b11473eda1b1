/* number_models.c - functions of stdlib.h that read a number from a text: see text_models.h. */
#include <stdlib.h>
#include <string.h>

#include "bench/machine/machine.h"
#include "bench/machine/text_models.h"
#include "bench/machine/touches.h"

#define PC __builtin_return_address(0)

/* What was read to find that the number ends there: up to and with the first character that is none of it. */
static void touches_number(const char *text, char *end, char **keep_end, const void *pc)
{
    const char *last = end == text ? text + strspn(text, " \t\n\v\f\r") : end;

    touches_read(text, (size_t)(last - text) + 1, pc);
    if (keep_end) {
        touches_write(keep_end, sizeof *keep_end, pc);
        *keep_end = end;
    }
}

long check_strtol(const char *text, char **end, int base)
{
    char *here;
    long number = strtol(text, &here, base);

    touches_number(text, here, end, PC);
    return number;
}

unsigned long check_strtoul(const char *text, char **end, int base)
{
    char *here;
    unsigned long number = strtoul(text, &here, base);

    touches_number(text, here, end, PC);
    return number;
}

long long check_strtoll(const char *text, char **end, int base)
{
    char *here;
    long long number = strtoll(text, &here, base);

    touches_number(text, here, end, PC);
    return number;
}

unsigned long long check_strtoull(const char *text, char **end, int base)
{
    char *here;
    unsigned long long number = strtoull(text, &here, base);

    touches_number(text, here, end, PC);
    return number;
}

double check_strtod(const char *text, char **end)
{
    char *here;
    double number = strtod(text, &here);

    touches_number(text, here, end, PC);
    return number;
}

float check_strtof(const char *text, char **end)
{
    char *here;
    float number = strtof(text, &here);

    touches_number(text, here, end, PC);
    return number;
}

long double check_strtold(const char *text, char **end)
{
    char *here;
    long double number = strtold(text, &here);

    touches_number(text, here, end, PC);
    return number;
}

int check_atoi(const char *text)
{
    char *here;
    int number = (int)strtol(text, &here, 10);

    touches_number(text, here, NULL, PC);
    return number;
}

long check_atol(const char *text)
{
    char *here;
    long number = strtol(text, &here, 10);

    touches_number(text, here, NULL, PC);
    return number;
}

long long check_atoll(const char *text)
{
    char *here;
    long long number = strtoll(text, &here, 10);

    touches_number(text, here, NULL, PC);
    return number;
}

double check_atof(const char *text)
{
    char *here;
    double number = strtod(text, &here);

    touches_number(text, here, NULL, PC);
    return number;
}
