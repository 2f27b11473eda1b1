/* arguments.c - options, numbers, flags and complaints. */
#include "bench/tool/arguments.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/tool/nearest.h"

static char program[32] = "contend"; /* "contend run" */

void arguments_of(const char *command)
{
    snprintf(program, sizeof program, "contend %s", command);
}

int arguments_error(const char *format, ...)
{
    va_list values;

    fprintf(stderr, "%s: ", program);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    return -EINVAL;
}

/* ---- options ---- */

/* The option that getopt_long stopped at knows how it is spelt, but for its value. */
static bool is_option(const char *arg, const char *name)
{
    size_t length = strcspn(arg, "=");

    return strncmp(arg, "--", 2) == 0 && strncmp(arg + 2, name, length - 2) == 0;
}

/* A long option that is none, or could be several. */
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

/* ---- google-benchmark ---- */

const char *arguments_benchmark_value(const char *arg, const char *name)
{
    static const char prefix[] = "--benchmark_";
    size_t length = strlen(name);

    if (strncmp(arg, prefix, sizeof prefix - 1) != 0)
        return NULL;
    arg += sizeof prefix - 1;
    return strncmp(arg, name, length) == 0 && arg[length] == '=' ? arg + length + 1 : NULL;
}

static int take_format(const char *arg, const char *value, const char **out)
{
    *out = value;
    return gbench_knows_format(value) ? 0
                                      : arguments_error("%s: json, csv or console is wanted", arg);
}

/* At these values google-benchmark 1.7.1 prints its own usage and ends us, with status 0. */
static int refuse_fatal(const char *arg)
{
    static const char *const units[] = { "", "ns", "us", "ms", "s" };
    const char *value = arguments_benchmark_value(arg, "color");

    if (value && !value[0])
        return arguments_error("%s: auto, true or false is wanted", arg);
    value = arguments_benchmark_value(arg, "time_unit");
    for (size_t i = 0; value && i < sizeof units / sizeof *units; i++)
        if (strcmp(value, units[i]) == 0)
            return 0;
    return value ? arguments_error("%s: ns, us, ms or s is wanted", arg) : 0;
}

static int take_flag(struct benchmark_flags *f, char *arg)
{
    const char *value;

    if (strcmp(arg, "--benchmark_list_tests") == 0 ||
        ((value = arguments_benchmark_value(arg, "list_tests")) && value[0] == 't')) {
        f->list_only = true;
        f->gb.argv[f->gb.argc++] = arg; /* who has no list of his own lets google-benchmark do it */
    } else if ((value = arguments_benchmark_value(arg, "format"))) {
        f->display = true;
        return take_format(arg, value, &f->gb.display_format);
    } else if ((value = arguments_benchmark_value(arg, "out_format"))) {
        return take_format(arg, value, &f->gb.file_format);
    } else if ((value = arguments_benchmark_value(arg, "out"))) {
        f->out = value;
    } else {
        f->gb.argv[f->gb.argc++] = arg;
        return refuse_fatal(arg);
    }
    return 0;
}

int arguments_take_benchmark(struct benchmark_flags *f, int argc, char **argv,
                             char *const *defaults, int (*more)(void *ctx, char *arg), void *ctx)
{
    int kept = 1, count = 0;

    while (defaults && defaults[count])
        count++;
    f->gb.argv = calloc((size_t)(argc + count) + 1, sizeof *f->gb.argv);
    if (!f->gb.argv)
        return -ENOMEM;
    f->gb.argv[f->gb.argc++] = program; /* it begins its own complaints with it */
    for (int i = 0; i < count; i++)
        f->gb.argv[f->gb.argc++] = defaults[i];
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--benchmark_", 12) != 0) {
            argv[kept++] = argv[i];
            continue;
        }
        int taken = more ? more(ctx, argv[i]) : 0;
        if (taken == 0)
            taken = take_flag(f, argv[i]);
        if (taken < 0)
            return taken;
    }
    if (f->out && !f->gb.file_format)
        f->gb.file_format = "json";
    if (f->gb.file_format && !f->out)
        return arguments_error("--benchmark_out_format does nothing without --benchmark_out=FILE");
    argv[kept] = NULL;
    int error = gbench_check_flags(&f->gb);
    return error ? error : kept;
}

void arguments_free_benchmark(struct benchmark_flags *f)
{
    free(f->gb.argv);
}
