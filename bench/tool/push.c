/* push.c - `contend push`: its command line. */
#include "bench/serve/labs/push.h"
#include "bench/tool/commands.h"
#include "bench/tool/experiment.h"

static const char help_text[] =
    "Usage: contend push [OPTION]...\n"
    "\n"
    "Five ways to see a clap as it comes: short polls, conditional GETs, long polls,\n"
    "server-sent events and WebSockets.  Of each how late a clap is seen, the\n"
    "processor time of the service and the bytes, for crowds of subscribers and 0.1\n"
    "to 1,000 claps a second.  And two ways to fan an event out: a broadcast ring,\n"
    "where each reader has a cursor, and a queue for each reader.\n"
    "\n"
    "      --subscribers=N     the largest crowd: 1000 (default), 10 to 10,000; fewer\n"
    "                          where the process may have fewer files open\n"
    "      --poll=MS           between two polls of a subscriber: 1000 (default)\n"
    "      --window=MS         how long each run lasts: 500 (default)\n"
    "      --seldom=MS         and one at 0.1 claps a second, with the largest crowd:\n"
    "                          10000 (default); 0 leaves it out\n"
    EXPERIMENT_HELP;

int command_push(int argc, char **argv)
{
    struct push_lab_options o = { .subscribers = 1000, .poll_ms = 1000, .window_ms = 500, .seldom_ms = 10000 };
    const struct experiment_number numbers[] = {
        { "subscribers", 10, 10000, &o.subscribers },
        { "poll", 10, 30000, &o.poll_ms },
        { "window", 50, 60000, &o.window_ms },
        { "seldom", 0, 60000, &o.seldom_ms },
        { NULL, 0, 0, NULL },
    };
    int error = experiment_parse(&o.base, "push", help_text, numbers, argc, argv);

    return error ? experiment_line_status(error) : push_lab_command(&o);
}
