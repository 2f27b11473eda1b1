/* experiment.c - the command line of an experiment. */
#include "bench/tool/experiment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/report/output.h"

enum { NUMBERS = 8, OPT_BUDGET_S = 256, OPT_SEED_N, OPT_JSON_FILE, OPT_NUMBER, BUDGET_S = 110 };

static const struct option shared[] = {
    { "budget", required_argument, NULL, OPT_BUDGET_S },
    { "seed", required_argument, NULL, OPT_SEED_N },
    { "json", required_argument, NULL, OPT_JSON_FILE },
    { "quiet", no_argument, NULL, 'q' },
    { "help", no_argument, NULL, 'h' },
};

static int take(struct experiment_options *o, const struct experiment_number *numbers, int option,
                const char *value, const char *help)
{
    uint64_t n;
    int error;

    switch (option) {
    case OPT_BUDGET_S:
        error = arguments_quantity("budget", value, "s", 1, 86400, &n);
        o->budget_s = error ? 0 : (unsigned)n;
        return error;
    case OPT_SEED_N: return arguments_number("seed", value, 0, UINT64_MAX, &o->seed);
    case OPT_JSON_FILE: o->json = value; return 0;
    case 'q': o->quiet = true; return 0;
    case 'h': fputs(help, stdout); return 1;
    case '?': return -EINVAL;
    default: break;
    }
    const struct experiment_number *number = &numbers[option - OPT_NUMBER];

    return arguments_number(number->name, value, number->low, number->high, number->value);
}

int experiment_parse(struct experiment_options *o, const char *command, const char *help,
                     const struct experiment_number *numbers, int argc, char **argv)
{
    struct option options[sizeof shared / sizeof *shared + NUMBERS + 1] = { { NULL, 0, NULL, 0 } };
    struct output outputs[] = { { "json", NULL }, { NULL, NULL } };
    unsigned count = sizeof shared / sizeof *shared;
    int option, error = 0;

    *o = (struct experiment_options){ .budget_s = BUDGET_S, .seed = 1 };
    memcpy(options, shared, sizeof shared);
    for (unsigned i = 0; i < NUMBERS && numbers && numbers[i].name; i++)
        options[count++] = (struct option){ numbers[i].name, required_argument, NULL,
                                            OPT_NUMBER + (int)i };
    arguments_of(command);
    while (!error && (option = arguments_next(argc, argv, "qh", options)) != -1)
        error = take(o, numbers, option, optarg, help);
    if (error)
        return error;
    if (optind < argc)
        return arguments_error("'%s' is one word too many; see contend %s --help", argv[optind],
                               command);
    outputs[0].path = o->json;
    return output_try(outputs, NULL, 0);
}

int experiment_line_status(int result)
{
    return result == 1 ? 0 : result == -EINVAL ? 2 : 1;
}
