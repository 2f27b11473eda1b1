/* rows.c - `contend rows`: its command line. */
#include "bench/serve/labs/rows.h"
#include "bench/tool/commands.h"
#include "bench/tool/experiment.h"

static const char help_text[] =
    "Usage: contend rows [OPTION]...\n"
    "\n"
    "A blog's rows in SQLite and PostgreSQL, by the same statements: posts that are\n"
    "deleted, marked, removed in batches, moved to an archive or written down in an\n"
    "audit; a body or a biography in its row or apart; a date as text, as seconds, as\n"
    "YYYYMMDD.  What is counted is what each design makes the database write: pages,\n"
    "log, bytes of tables and indexes.  Files and servers are private to the run, and\n"
    "are removed at its end.\n"
    "\n"
    EXPERIMENT_HELP;

int command_rows(int argc, char **argv)
{
    struct rows_lab_options o = { .base = { .json = NULL } };
    int error = experiment_parse(&o.base, "rows", help_text, NULL, argc, argv);

    return error ? experiment_line_status(error) : rows_lab_command(&o);
}
