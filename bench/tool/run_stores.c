/* run_stores.c - see run_stores.h. */
#include "bench/tool/run_stores.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/report/latency.h"
#include "bench/report/stores.h"
#include "bench/stores/stores.h"

/* With what comes before and after, servers that start and end, the command takes four minutes. */
enum { BUDGET_S = 220 };

/* The servers that were named, each as its option says. */
static struct given {
    const char *option, *system, *address;
} given[3];

int run_stores_address(struct run_options *o, const char *option, const char *system,
                       const char *address)
{
    enum { MOST = sizeof given / sizeof *given };
    int error = stores_use(system, address);
    size_t at = 0;

    while (at < MOST - 1 && given[at].option && strcmp(given[at].option, option) != 0)
        at++;
    given[at] = (struct given){ option, system, address };
    o->store_given = true;
    if (error == -ENOENT)
        return arguments_error("--%s: this build has no %s, see `contend list`", option, system);
    return error ? arguments_error("--%s=%s: no address of a server; see --help", option, address) : 0;
}

int run_stores_rate(struct run_options *o, const char *value)
{
    char *end;
    double mu = strtod(value, &end);

    if (end == value || *end || !(mu >= 0.00001 && mu <= 10000))
        return arguments_error("--rate=%s: a number of Mu from 0.00001 to 10000 is wanted", value);
    o->rate = mu * LATENCY_MU;
    return 0;
}

int run_stores_check(struct run_options *o)
{
    const struct {
        bool given;
        const char *option;
    } ignored[] = {
        { o->blocks > 0, "blocks" },       { o->csv, "csv" },         { o->windows, "windows" },
        { o->one_process, "one-process" }, { o->publish, "publish" }, { o->slow > 0, "slow" }, { o->peers, "peers" },
        { o->all, "all" },                 { o->exhibits, "exhibits" }, { o->reference, "reference" },
        { o->gb_out, "benchmark_out" },    { o->gb_display, "benchmark_format" },
        { o->user_count > 1, "users with several sizes" }, { o->readers > 0, "readers" },
    };

    if (!o->stores && o->rate > 0)
        return arguments_error("--rate is for --stores; `contend pick` and `contend latency` have "
                               "one too");
    if (!o->stores && o->store_given)
        return arguments_error("the address of a server is for --stores");
    for (size_t i = 0; o->stores && i < sizeof ignored / sizeof *ignored; i++)
        if (ignored[i].given)
            return arguments_error("--%s would be ignored: --stores takes each entry once, on its "
                                   "own", ignored[i].option);
    o->exhibits = o->exhibits || o->stores; /* to see them lose is the point */
    if (o->stores && !o->budget_given)
        o->budget_s = BUDGET_S;
    return o->stores ? stores_register(STORES_READY) : 0;
}

/* Whether each server that was named answers: otherwise its entries might end unreached, and nobody knew why. */
static bool all_answer(void)
{
    char why[TROUBLE_TEXT];
    bool all = true;

    for (size_t i = 0; i < sizeof given / sizeof *given && given[i].option; i++)
        if (stores_try(given[i].system, why) != 0) {
            arguments_error("--%s=%s: %s", given[i].option, given[i].address, why);
            all = false;
        }
    return all;
}

int run_stores(const struct plan *plan, const struct run_options *o)
{
    struct stores_options options = { .run = *o, .rate = o->rate > 0 ? o->rate : LATENCY_MU };
    int status = all_answer() ? stores_run(plan, &options) : 1;

    stores_end();
    return status;
}
