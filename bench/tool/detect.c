/* detect.c - `contend detect`: its command line. */
#include "bench/serve/labs/detect.h"
#include "bench/tool/commands.h"
#include "bench/tool/experiment.h"

static const char help_text[] =
    "Usage: contend detect [OPTION]...\n"
    "\n"
    "Presence as failure detection: how soon a client that is gone is noticed, and\n"
    "how often one that is there is called gone.  A time to live with either\n"
    "boundary, the expected arrival of Chen, phi accrual, and SWIM, over loss,\n"
    "jitter, pauses and drift, simulated; then what a look costs beside beats,\n"
    "measured.\n"
    "\n"
    "      --users=N           of the arithmetic of the boundary: 1M (default)\n"
    "      --minutes=N         that each of them lives: 10 (default)\n"
    "      --clients=N         of each point of a curve: 2000 (default)\n"
    EXPERIMENT_HELP;

int command_detect(int argc, char **argv)
{
    struct detect_lab_options o = { .users = 1000000, .minutes = 10, .clients = 2000 };
    const struct experiment_number numbers[] = {
        { "users", 100, 100000000, &o.users },
        { "minutes", 1, 100000, &o.minutes },
        { "clients", 10, 10000000, &o.clients },
        { NULL, 0, 0, NULL },
    };
    int error = experiment_parse(&o.base, "detect", help_text, numbers, argc, argv);

    return error ? experiment_line_status(error) : detect_lab_command(&o);
}
