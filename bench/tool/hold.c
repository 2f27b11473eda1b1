/* hold.c - `contend hold`: its command line. */
#include "bench/serve/labs/hold.h"
#include "bench/tool/commands.h"
#include "bench/tool/experiment.h"

static const char help_text[] =
    "Usage: contend hold [OPTION]...\n"
    "\n"
    "What `contend serve` promises to hold under load, tried on a service in a\n"
    "process of its own: 0.7 of the requests of a bare \"hello\"; a crowd of WebSockets\n"
    "with at most 20,000 bytes each, and all of them gone and back at once; others\n"
    "beside clients that are slow or silent; and what a kill -9 loses of the state.\n"
    "\n"
    "      --sockets=N         WebSockets at once: 10000 (default), or half as many\n"
    "                          as the process may have files open\n"
    "      --window=MS         how long each load lasts: 2000 (default)\n"
    EXPERIMENT_HELP;

int command_hold(int argc, char **argv)
{
    struct hold_options o = { .sockets = 10000, .window_ms = 2000 };
    const struct experiment_number numbers[] = {
        { "sockets", 1, 10000, &o.sockets },
        { "window", 50, 60000, &o.window_ms },
        { NULL, 0, 0, NULL },
    };
    int error = experiment_parse(&o.base, "hold", help_text, numbers, argc, argv);

    return error ? experiment_line_status(error) : hold_lab_command(&o);
}
