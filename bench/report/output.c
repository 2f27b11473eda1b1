/* output.c - results_try and results_write, and what to say when they fail. */
#include "bench/report/output.h"

#include <errno.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/report/results.h"

static int complain(const char *option, const char *path, int error)
{
    if (error)
        arguments_error("--%s=%s: could not be written: %s", option, path, strerror(-error));
    return error;
}

int output_try(const struct output *outputs)
{
    int error = 0;

    for (; outputs->option && !error; outputs++)
        if (outputs->path)
            error = complain(outputs->option, outputs->path, results_try(outputs->path));
    return error;
}

int output_save(const char *option, const char *path, const char *text)
{
    return complain(option, path, text ? results_write(path, text) : -ENOMEM);
}
