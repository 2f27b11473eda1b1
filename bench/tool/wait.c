/* wait.c - `contend wait`: its command line. */
#include "bench/serve/labs/wait.h"
#include "bench/tool/commands.h"
#include "bench/tool/experiment.h"

static const char help_text[] =
    "Usage: contend wait [OPTION]...\n"
    "\n"
    "How a thread waits for another one's news: it spins, yields, sleeps in the\n"
    "kernel, or looks for a while and then sleeps (an eventcount).  Of each the\n"
    "processor time that a waiter burns against how late it wakes, with news every 2\n"
    "us to 10 ms, and what it costs the announcer.\n"
    "\n"
    "      --window=MS         how long each run lasts: 250 (default)\n"
    EXPERIMENT_HELP;

int command_wait(int argc, char **argv)
{
    struct wait_lab_options o = { .window_ms = 250 };
    const struct experiment_number numbers[] = {
        { "window", 20, 60000, &o.window_ms },
        { NULL, 0, 0, NULL },
    };
    int error = experiment_parse(&o.base, "wait", help_text, numbers, argc, argv);

    return error ? experiment_line_status(error) : wait_lab_command(&o);
}
