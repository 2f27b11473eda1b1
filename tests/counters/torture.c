/*
 * torture.c - counters under real threads, more than processors.
 *
 * Conservation always; reads against the interval oracle over long histories, and
 * against an exhaustive linearizability check over many short ones, each as far
 * as the strategy's promise for that mix goes.  Both take times and fence, which
 * hides what a store buffer does; so there are rounds without either.
 */
#include <stdlib.h>

#include "bench/base/settings.h"
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

/* C2: near a bound, where every add may be refused, and most threads are in one another's way. */
static void keeps_to_a_bound_that_is_near(void **state)
{
    static const struct contend_setting near[] = { { "max", 5 }, { "quota", 2 } };
    const struct counter_ops *ops = *state;
    const struct settings fit = settings_that_fit(ops->traits->id.options, near, 2);
    const struct contend_settings settings = settings_as_given(&fit);

    if (ops->traits->min > -COUNTER_LIMIT || ops->traits->max < COUNTER_LIMIT)
        run_with(ops, counter_rounds, SHORT_THREADS, support_ms(50) / 1e3, &settings);
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

/* ---- clap by one handle, undo by another ---- */

enum { BETWEEN = 16 }; /* handles between the two: a reader is long on its way from one to the other */

static void clap_here_undo_there(struct team *team, unsigned number)
{
    struct meeting *m = team->shared;
    bool reads = number == 0;
    void *handles[BETWEEN];
    int count = reads ? 1 : BETWEEN;

    for (int i = 0; i < count; i++) {
        handles[i] = support_alloc(m->ops->handle_size);
        if (m->ops->attach(m->object, handles[i]) != 0)
            abort();
    }
    while (!team_stopped(team)) {
        if (reads) {
            int64_t sum = m->ops->read(m->object, handles[0]);
            m->rounds[0]++;
            m->rounds[1] += sum != 0 && sum != 1;
        } else if (m->ops->add(m->object, handles[BETWEEN - 1], 1) != 0 ||
                   m->ops->add(m->object, handles[0], -1) != 0) {
            abort();
        }
    }
    for (int i = 0; i < count; i++) {
        m->ops->detach(m->object, handles[i]);
        free(handles[i]);
    }
}

/* A sum of parts that are read one after the other is often one that there never was. */
static void no_sum_that_never_was(void **state)
{
    struct meeting m = { .ops = *state };
    struct team team = { .body = clap_here_undo_there, .shared = &m };
    struct counter_rig rig;

    counter_rig_up(&rig, m.ops, NULL);
    m.object = rig.object;
    if (rig.traits.undo.kind == COUNTER_LINEARIZABLE)
        team_run(&team, 2, support_ms(50));
    counter_rig_down(&rig);
    if (m.rounds[1])
        fail_msg("%u of %u reads of 0 and 1 were something else", m.rounds[1], m.rounds[0]);
}

/* ---- what a counter takes from its allocator when threads meet ---- */

enum { CHUNK = 1000, PATIENCE_S = 20 };

struct growth {
    const struct counter_ops *ops;
    void *object;
    struct counting_allocator counting;
    _Atomic int64_t expected; /* the sum of all adds */
};

static void clap_until_it_grows(struct team *team, unsigned number)
{
    struct growth *g = team->shared;
    void *handle = support_alloc(g->ops->handle_size);
    uint64_t end = contend_clock_ns() + PATIENCE_S * UINT64_C(1000000000);
    int64_t given = 0;

    (void)number;
    if (g->ops->attach(g->object, handle) != 0)
        abort();
    for (; !team_stopped(team) && !atomic_load(&g->counting.bytes) && contend_clock_ns() < end;
         given += CHUNK)
        for (int i = 0; i < CHUNK; i++)
            if (g->ops->add(g->object, handle, 1) != 0)
                abort();
    atomic_fetch_add(&g->expected, given);
    g->ops->detach(g->object, handle);
    free(handle);
}

static void *no_memory(void *ctx, size_t align, size_t size)
{
    (void)ctx, (void)align, (void)size;
    return NULL;
}

/*
 * Two threads make a counter grow if it declares that it does.  Without memory it does not, and
 * counts all the same.  What it took is in stats(), and comes back.
 */
static void grows_as_declared(void **state)
{
    struct growth g = { .ops = *state };
    struct counter_config config = { .allocator = &g.counting.allocator };
    struct team team = { .body = clap_until_it_grows, .shared = &g };
    struct counter_rig rig;
    struct counter_stats s;

    counting_allocator_init(&g.counting);
    counter_rig_up(&rig, g.ops, &config);
    g.object = rig.object;
    if (!(rig.traits.features & COUNTER_GROWS)) {
        counter_rig_down(&rig);
        return;
    }
    void *(*allocate)(void *, size_t, size_t) = g.counting.allocator.allocate;
    g.counting.allocator.allocate = no_memory;
    team_run(&team, 2, support_ms(20));
    assert_int_equal(g.counting.bytes, 0);
    g.counting.allocator.allocate = allocate;
    team_run(&team, 2, 0);
    if (g.counting.bytes == 0 && getenv("CONTEND_SANITIZED")) {
        print_message("# skipped: the threads have not met, as they seldom do with a sanitizer\n");
        skip();
    }
    assert_true(g.counting.bytes > 0);
    g.ops->stats(g.object, &s);
    assert_int_equal(s.bytes, g.ops->size + g.ops->handle_size + g.counting.bytes);
    assert_int_equal(g.ops->read(g.object, rig.handle), g.expected);
    counter_rig_down(&rig);
    assert_int_equal(g.counting.bytes, 0);
}

int main(void)
{
    static const struct check checks[] = {
        { "survives threads", survives },
        { "linearizable as declared", linearizable_as_declared },
        { "keeps its promise under every option", keeps_its_promise_under_every_option },
        { "keeps to a bound that is near", keeps_to_a_bound_that_is_near },
        { "one of two sees both", one_of_two_sees_both },
        { "no sum that never was", no_sum_that_never_was },
        { "grows as declared", grows_as_declared },
    };

    return support_run_counters("counter torture", checks, sizeof checks / sizeof *checks,
                                CONTEND_EXHIBIT);
}
