/*
 * torture.c - counters under real threads, more than processors.
 *
 * Conservation always; reads against the interval oracle over long histories, and
 * against an exhaustive linearizability check over many short ones, each as far
 * as the strategy's promise for that mix goes.  Both take times and fence, which
 * hides what a store buffer does; so there are rounds without either.
 */
#include <stdlib.h>

#include "locks/parts/platform.h"
#include "tests/support/load.h"
#include "tests/support/options.h"
#include "tests/support/support.h"

enum { THREADS = 5, SHORT_THREADS = 3 };

typedef void (*counter_load)(const struct counter_ops *ops, enum mix mix, const struct load *load,
                             struct finding *f);

static void run_with(const struct counter_ops *ops, counter_load load_with, unsigned threads,
                     double seconds, const struct contend_settings *settings)
{
    struct load load = { .seed = support_seed(), .threads = threads, .seconds = seconds,
                         .settings = settings };

    for (int mix = MIX_UNIT; mix <= MIX_UNDO; mix++) {
        struct finding f = { .wrong = false };
        load_with(ops, (enum mix)mix, &load, &f);
        if (atomic_load(&f.wrong))
            fail_msg("%s", f.text);
    }
}

static void run(const struct counter_ops *ops, counter_load load_with, unsigned threads,
                double seconds)
{
    run_with(ops, load_with, threads, seconds, NULL);
}

static void survives(void **state)
{
    run(*state, counter_history, 2, support_ms(40) / 1e3);
    run(*state, counter_history, THREADS, support_ms(40) / 1e3);
}

static void linearizable_as_declared(void **state)
{
    run(*state, counter_rounds, SHORT_THREADS, support_ms(20) / 1e3);
}

static void keep_to_own_traits(const void *ops, const struct contend_settings *settings)
{
    run_with(ops, counter_history, THREADS, support_ms(10) / 1e3, settings);
    run_with(ops, counter_rounds, SHORT_THREADS, support_ms(20) / 1e3, settings);
}

/* An option may change what reads promise: then the counter is held to that. */
static void keeps_its_promise_under_every_option(void **state)
{
    const struct counter_ops *ops = *state;

    options_at_their_edges(ops->traits->id.options, ops, keep_to_own_traits);
}

/* ---- clap, then read, with nothing between ---- */

enum { ROUNDS = 200000, SPINS = 2000, GONE = ROUNDS + 1 };

struct meeting {
    const struct counter_ops *ops;
    void *object;
    CONTEND_ALIGNED _Atomic uint32_t arrived[2]; /* the round that each is in */
    int64_t *sums[2];                            /* what each read in its rounds */
    uint32_t rounds[2];                          /* that each has ended */
};

/* Waits until the other is in the round as well, or gone. */
static void meet(struct meeting *m, unsigned number, uint32_t round)
{
    unsigned spins = 0;

    atomic_store(&m->arrived[number], round);
    while (atomic_load(&m->arrived[!number]) < round)
        if (++spins % SPINS)
            contend_cpu_relax();
        else
            sched_yield();
}

static void clap_and_read(struct team *team, unsigned number)
{
    struct meeting *m = team->shared;
    void *handle = support_alloc(m->ops->handle_size);
    uint32_t round;

    if (m->ops->attach(m->object, handle) != 0)
        abort();
    for (round = 0; round < ROUNDS && !team_stopped(team); round++) {
        meet(m, number, round + 1);
        if (m->ops->add(m->object, handle, 1) != 0)
            abort();
        m->sums[number][round] = m->ops->read(m->object, handle);
    }
    m->rounds[number] = round;
    atomic_store(&m->arrived[number], GONE);
    m->ops->detach(m->object, handle);
    free(handle);
}

/*
 * Each of two threads claps and then reads.  One of the claps is the later one: the
 * reader behind it must see both, and all those of the earlier rounds.
 */
static void one_of_two_sees_both(void **state)
{
    struct meeting m = { .ops = *state };
    struct counter_rig rig;
    uint32_t blind = 0;

    counter_rig_up(&rig, m.ops, NULL);
    if (counter_promise_of(&rig.traits, MIX_UNIT)->kind > COUNTER_INTERMEDIATE) {
        counter_rig_down(&rig);
        return;
    }
    m.object = rig.object;
    for (unsigned i = 0; i < 2; i++)
        assert_non_null(m.sums[i] = calloc(ROUNDS, sizeof *m.sums[i]));
    struct team team = { .body = clap_and_read, .shared = &m };
    team_run(&team, 2, support_ms(150));
    uint32_t rounds = m.rounds[0] < m.rounds[1] ? m.rounds[0] : m.rounds[1];
    for (uint32_t i = 0; i < rounds; i++)
        blind += m.sums[0][i] < 2 * ((int64_t)i + 1) && m.sums[1][i] < 2 * ((int64_t)i + 1);
    free(m.sums[0]);
    free(m.sums[1]);
    counter_rig_down(&rig);
    if (blind)
        fail_msg("in %u of %u rounds neither thread saw the other's clap", blind, rounds);
    assert_true(rounds > 0);
}

int main(void)
{
    static const struct check checks[] = {
        { "survives threads", survives },
        { "linearizable as declared", linearizable_as_declared },
        { "keeps its promise under every option", keeps_its_promise_under_every_option },
        { "one of two sees both", one_of_two_sees_both },
    };

    return support_run_counters("counter torture", checks, sizeof checks / sizeof *checks,
                                CONTEND_EXHIBIT);
}
