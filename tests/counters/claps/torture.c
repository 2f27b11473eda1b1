/*
 * torture.c - bounded claps under real threads, more than processors.
 */
#include "tests/support/load.h"
#include "tests/support/options.h"
#include "tests/support/support.h"

enum { THREADS = 5, SHORT_THREADS = 3 };

typedef void (*claps_load)(const struct claps_ops *ops, const struct load *load, struct finding *f);

static void run(const struct claps_ops *ops, claps_load load_with, unsigned threads, unsigned ms,
                const struct contend_settings *settings)
{
    struct load load = { .seed = support_seed(), .threads = threads, .seconds = support_ms(ms) / 1e3,
                         .settings = settings };
    struct finding f = { .wrong = false };

    load_with(ops, &load, &f);
    if (atomic_load(&f.wrong))
        fail_msg("%s", f.text);
}

static void survives_a_crowd(void **state)
{
    run(*state, claps_crowd, 2, 80, NULL);
    run(*state, claps_crowd, THREADS, 80, NULL);
}

static void linearizable_as_declared(void **state)
{
    run(*state, claps_rounds, SHORT_THREADS, 80, NULL);
}

static void keep_to_own_traits(const void *ops, const struct contend_settings *settings)
{
    run(ops, claps_crowd, THREADS, 10, settings);
    run(ops, claps_rounds, SHORT_THREADS, 20, settings);
}

static void keeps_its_promise_under_every_option(void **state)
{
    const struct claps_ops *ops = *state;

    options_at_their_edges(ops->traits->id.options, ops, keep_to_own_traits);
}

int main(void)
{
    static const struct check checks[] = {
        { "survives a crowd", survives_a_crowd },
        { "linearizable as declared", linearizable_as_declared },
        { "keeps its promise under every option", keeps_its_promise_under_every_option },
    };

    return support_run_claps("claps torture", checks, sizeof checks / sizeof *checks,
                             CONTEND_EXHIBIT);
}
