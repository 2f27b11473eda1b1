/* cache.c - `contend cache`: its command line. */
#include "bench/serve/labs/cache.h"
#include "bench/tool/commands.h"
#include "bench/tool/experiment.h"

static const char help_text[] =
    "Usage: contend cache [OPTION]...\n"
    "\n"
    "Two levels of a cache before a store: how many gets each level answers, how\n"
    "stale the answers are, what a crowd does that wants one key at once, and what a\n"
    "level on a disk saves after a restart.  Each way to keep a cache current\n"
    "declares how stale it may be, and is held to it.  The store is simulated: it\n"
    "sleeps for as long as --latency says.  And levels that are programs: an nginx\n"
    "before `contend serve` as its gateway, and one more as the edge of a CDN, with\n"
    "SQLite behind: calls of the database with them and without.\n"
    "\n"
    "      --crowd=N           threads that want one key at once: 1000 (default)\n"
    "      --latency=US        of the store, in microseconds: 200 (default)\n"
    "      --window=MS         how long each mix of gets and puts lasts: 1000\n"
    "                          (default)\n"
    "      --gateway=0         without nginx\n"
    EXPERIMENT_HELP;

int command_cache(int argc, char **argv)
{
    struct cache_lab_options o = { .crowd = 1000, .latency_us = 200, .window_ms = 1000 };
    uint64_t gateway = 1;
    const struct experiment_number numbers[] = {
        { "crowd", 20, 4000, &o.crowd },
        { "latency", 1, 1000000, &o.latency_us },
        { "window", 10, 60000, &o.window_ms },
        { "gateway", 0, 1, &gateway },
        { NULL, 0, 0, NULL },
    };
    int error = experiment_parse(&o.base, "cache", help_text, numbers, argc, argv);

    o.without_gateway = gateway == 0;
    return error ? experiment_line_status(error) : cache_lab_command(&o);
}
