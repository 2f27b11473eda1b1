/* end_to_end.c - `contend end-to-end`: its command line. */
#include "bench/serve/labs/end_to_end.h"
#include "bench/tool/commands.h"
#include "bench/tool/experiment.h"

static const char help_text[] =
    "Usage: contend end-to-end [OPTION]...\n"
    "\n"
    "Does the choice of a strategy matter behind an HTTP server?  The same `contend\n"
    "serve`, in a process of its own, on packed words, on one mutex, on Redis and on\n"
    "SQLite, under a closed and an open loop of our own and under wrk: requests a\n"
    "second, how long they take, and the share of the strategy in that.  Beside them\n"
    "strategies that do nothing, and a bare \"hello\".  What is not installed drops\n"
    "out, and is named.\n"
    "\n"
    "      --window=MS         how long each run lasts: 2000 (default)\n"
    "      --wrk=0             without wrk\n"
    "      --stores=0          without Redis and SQLite\n"
    EXPERIMENT_HELP;

int command_end_to_end(int argc, char **argv)
{
    struct end_options o = { .window_ms = 2000 };
    uint64_t wrk = 1, stores = 1;
    const struct experiment_number numbers[] = {
        { "window", 50, 60000, &o.window_ms },
        { "wrk", 0, 1, &wrk },
        { "stores", 0, 1, &stores },
        { NULL, 0, 0, NULL },
    };
    int error = experiment_parse(&o.base, "end-to-end", help_text, numbers, argc, argv);

    o.without_wrk = wrk == 0;
    o.without_stores = stores == 0;
    return error ? experiment_line_status(error) : end_lab_command(&o);
}
