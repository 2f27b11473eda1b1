/* arguments.c - options, numbers and complaints. */
#include "bench/base/arguments.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/nearest.h"
#include "bench/base/text.h"

static char program[32] = "contend"; /* "contend run" */

void arguments_of(const char *command)
{
    snprintf(program, sizeof program, "contend %s", command);
}

char *arguments_program(void)
{
    return program;
}

int arguments_error(const char *format, ...)
{
    char text[2048];
    va_list values;
    int used = snprintf(text, sizeof text, "%s: ", program);

    va_start(values, format);
    vsnprintf(text + used, sizeof text - (size_t)used, format, values);
    va_end(values);
    text_hanging(stderr, text_tame(text), 2, 80);
    return -EINVAL;
}

/* ---- options ---- */

/* The option that getopt_long stopped at, as it is spelt, without its value. */
static bool is_option(const char *arg, const char *name)
{
    size_t length = strcspn(arg, "=");

    return strncmp(arg, "--", 2) == 0 && strncmp(arg + 2, name, length - 2) == 0;
}

/* A long option that does not exist, or is the beginning of several. */
static void unknown_option(const char *arg, const struct option *options)
{
    char wanted[64], hint[NEAREST_HINT];
    struct nearest near = { .wanted = wanted };
    bool ambiguous = false;

    snprintf(wanted, sizeof wanted, "%.*s", (int)strcspn(arg + 2, "="), arg + 2);
    for (; options->name; options++) {
        ambiguous |= is_option(arg, options->name);
        nearest_offer(&near, options->name);
    }
    if (ambiguous)
        arguments_error("'--%s' could be more than one option, see %s --help", wanted, program);
    else
        arguments_error("there is no option '--%s', see %s --help%s", wanted, program,
                        nearest_hint(&near, "--", hint));
}

int arguments_next(int argc, char **argv, const char *letters, const struct option *options)
{
    char quiet[16];

    snprintf(quiet, sizeof quiet, ":%s", letters); /* a colon: ':' for a value that is missing */
    opterr = 0;
    int option = getopt_long(argc, argv, quiet, options, NULL);
    if (option != '?' && option != ':')
        return option;
    const char *arg = argv[optind - 1];
    const struct option *known = options;
    while (known->name && (known->val != optopt || !is_option(arg, known->name)))
        known++;
    if (option == ':')
        arguments_error("'%s' wants a value", arg);
    else if (optopt == 0)
        unknown_option(arg, options);
    else if (known->name)
        arguments_error("'--%s' takes no value", known->name);
    else
        arguments_error("there is no option '-%c', see %s --help", optopt, program);
    return '?';
}

/* ---- numbers ---- */

/* Passes over what may stand behind a number: its unit, or a letter that multiplies it. */
static uint64_t pass_suffix(const char **end, const char *unit)
{
    size_t length = strlen(unit);

    if (length && strcmp(*end, unit) == 0) {
        *end += length;
        return 1;
    }
    uint64_t scale = **end == 'k' || **end == 'K' ? 1000 : **end == 'M' ? 1000000 : 1;
    *end += scale != 1;
    return scale;
}

int arguments_quantity(const char *option, const char *text, const char *unit, uint64_t low,
                       uint64_t high, uint64_t *out)
{
    char *stop;

    errno = 0;
    unsigned long long n = strtoull(text, &stop, 10);
    const char *end = stop;
    uint64_t scale = pass_suffix(&end, unit);
    if (errno || end == text || *end || text[0] < '0' || text[0] > '9' || n > high / scale ||
        n * scale < low)
        return arguments_error("--%s=%s: a whole number from %llu to %llu%s%s is wanted", option,
                               text, (unsigned long long)low, (unsigned long long)high,
                               unit[0] ? " " : "", unit);
    *out = n * scale;
    return 0;
}

int arguments_number(const char *option, const char *text, uint64_t low, uint64_t high,
                     uint64_t *out)
{
    return arguments_quantity(option, text, "", low, high, out);
}
