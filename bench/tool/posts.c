/* posts.c - `contend posts`: its command line. */
#include "bench/serve/labs/posts.h"
#include "bench/tool/commands.h"
#include "bench/tool/experiment.h"

static const char help_text[] =
    "Usage: contend posts [OPTION]...\n"
    "\n"
    "A blog's data under contention.  Deleted posts marked, taken away at once, or\n"
    "purged in batches: throughput, the length of look-ups, memory, p99; and restores\n"
    "beside a purge.  A text inline or by reference, from 8 bytes to 4 KB, with the\n"
    "size from which on a reference is ahead.  A date as a text, a struct tm,\n"
    "milliseconds or a day, under four guards.\n"
    "\n"
    "      --window=MS         how long each run lasts: 400 (default); texts and\n"
    "                          dates a quarter\n"
    EXPERIMENT_HELP;

int command_posts(int argc, char **argv)
{
    struct posts_lab_options o = { .window_ms = 400 };
    const struct experiment_number numbers[] = {
        { "window", 10, 60000, &o.window_ms },
        { NULL, 0, 0, NULL },
    };
    int error = experiment_parse(&o.base, "posts", help_text, numbers, argc, argv);

    return error ? experiment_line_status(error) : posts_lab_command(&o);
}
