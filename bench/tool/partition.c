/* partition.c - `contend partition`: its command line. */
#include "bench/report/partition.h"
#include "bench/tool/commands.h"
#include "bench/tool/experiment.h"

static const char help_text[] =
    "Usage: contend partition [OPTION]...\n"
    "\n"
    "Users on several Redis servers: whom a further server moves, on a consistent\n"
    "ring and with the number modulo the servers; which calls are answered, refused\n"
    "or unknown while one master of a cluster of three is killed or cut off, and what\n"
    "is lost; and what a queue that is written later loses of what it has\n"
    "acknowledged, and saves the database.  The servers are its own.\n"
    "\n"
    "      --users=N           of the ring's arithmetic: 1M (default)\n"
    "      --few=N             users on servers, each asked for on its own: 300\n"
    "                          (default)\n"
    EXPERIMENT_HELP;

int command_partition(int argc, char **argv)
{
    struct partition_options o = { .users = 1000000, .few = 300 };
    const struct experiment_number numbers[] = {
        { "users", 1000, 100000000, &o.users },
        { "few", 100, 1000000, &o.few },
        { NULL, 0, 0, NULL },
    };
    int error = experiment_parse(&o.base, "partition", help_text, numbers, argc, argv);

    return error ? experiment_line_status(error) : partition_command(&o);
}
