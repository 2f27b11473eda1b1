/*
 * torture.c - distinct clappers under real threads, more than processors.
 */
#include <stdlib.h>

#include "tests/support/load.h"
#include "tests/support/options.h"
#include "tests/support/support.h"

static void survive_with(const void *ops, const struct contend_settings *settings)
{
    struct load load = { .seed = support_seed(), .threads = 5, .seconds = support_ms(40) / 1e3,
                         .settings = settings };
    struct finding f = { .wrong = false };

    distinct_crowd(ops, &load, &f);
    if (atomic_load(&f.wrong))
        fail_msg("%s", f.text);
}

static void survives_a_crowd(void **state)
{
    survive_with(*state, NULL);
}

static void keeps_its_promise_under_every_option(void **state)
{
    const struct distinct_ops *ops = *state;

    options_at_their_edges(ops->traits->id.options, ops, survive_with);
}

int main(void)
{
    static const struct check checks[] = {
        { "survives a crowd", survives_a_crowd },
        { "keeps its promise under every option", keeps_its_promise_under_every_option },
    };

    return support_run_distinct("distinct torture", checks, sizeof checks / sizeof *checks,
                                CONTEND_FLOOR);
}
