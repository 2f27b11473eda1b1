/* run.c - `contend run`: options, plan, trial. */
#include <errno.h>
#include <stdlib.h>

#include "bench/judge/trial.h"
#include "bench/tool/commands.h"

int command_run(int argc, char **argv)
{
    static const struct trial_kind kind = { .command = "run", .engine = { .run = window_run } };
    struct run_options o;
    struct plan plan = { 0 };
    int status = 0;
    int error = options_parse(&o, argc, argv);

    if (error == 0)
        error = plan_make(&plan, &o);
    if (error < 0)
        status = error == -ENOMEM ? 1 : 2;
    else if (error == 0 && o.list_only)
        plan_list(&plan, stdout);
    else if (error == 0)
        status = trial_run(&plan, &o, &kind);
    plan_free(&plan);
    free(o.gb.argv);
    return status;
}
