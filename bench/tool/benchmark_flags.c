/* benchmark_flags.c - which flags are ours to route, and which end the program. */
#include "bench/tool/benchmark_flags.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"

const char *benchmark_flags_value(const char *arg, const char *name)
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
    const char *value = benchmark_flags_value(arg, "color");

    if (value && !value[0])
        return arguments_error("%s: auto, true or false is wanted", arg);
    value = benchmark_flags_value(arg, "time_unit");
    for (size_t i = 0; value && i < sizeof units / sizeof *units; i++)
        if (strcmp(value, units[i]) == 0)
            return 0;
    return value ? arguments_error("%s: ns, us, ms or s is wanted", arg) : 0;
}

static int take_flag(struct benchmark_flags *f, char *arg)
{
    const char *value;

    if (strcmp(arg, "--benchmark_list_tests") == 0 ||
        ((value = benchmark_flags_value(arg, "list_tests")) && value[0] == 't')) {
        f->list_only = true;
        f->gb.argv[f->gb.argc++] = arg; /* the list is google-benchmark's */
    } else if ((value = benchmark_flags_value(arg, "format"))) {
        f->display = true;
        return take_format(arg, value, &f->gb.display_format);
    } else if ((value = benchmark_flags_value(arg, "out_format"))) {
        return take_format(arg, value, &f->gb.file_format);
    } else if ((value = benchmark_flags_value(arg, "out"))) {
        f->out = value;
    } else {
        f->gb.argv[f->gb.argc++] = arg;
        return refuse_fatal(arg);
    }
    return 0;
}

int benchmark_flags_take(struct benchmark_flags *f, int argc, char **argv,
                         char *const *defaults, int (*more)(void *ctx, char *arg), void *ctx)
{
    int kept = 1, count = 0;

    while (defaults && defaults[count])
        count++;
    f->gb.argv = calloc((size_t)(argc + count) + 1, sizeof *f->gb.argv);
    if (!f->gb.argv)
        return -ENOMEM;
    f->gb.argv[f->gb.argc++] = arguments_program(); /* begins google-benchmark's messages */
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

void benchmark_flags_free(struct benchmark_flags *f)
{
    free(f->gb.argv);
}
