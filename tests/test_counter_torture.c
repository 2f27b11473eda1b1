/*
 * test_counter_torture.c - counters under real threads, more than processors.
 *
 * Conservation always; reads against the interval oracle over long histories, and
 * against an exhaustive linearizability check over many short ones, each as far
 * as the strategy's promise for that mix goes.  Both take times and fence, which
 * hides what a store buffer does; so there are rounds without either.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "locks/platform.h"
#include "tests/linear.h"
#include "tests/oracle.h"
#include "tests/support.h"

enum { LONGEST = 30000, THREADS = 5, SHORT_THREADS = 3, SHORT_OPS = 4, SHORT_ROUNDS = 150 };

enum mix { MIX_UNIT, MIX_BATCH, MIX_UNDO };

struct history {
    const struct counter_ops *ops;
    void *object;
    enum mix mix;
    struct record records[THREADS];
    _Atomic int64_t expected;
};

static const struct counter_promise *promise_of(const struct counter_ops *ops, enum mix mix)
{
    const struct counter_traits *t = ops->traits;

    return mix == MIX_UNIT ? &t->unit : mix == MIX_BATCH ? &t->batch : &t->undo;
}

/* The i-th add of a thread: undos follow their claps, so that no sum falls below 0. */
static int64_t amount(enum mix mix, size_t i)
{
    if (mix == MIX_UNIT)
        return 1;
    if (mix == MIX_BATCH)
        return 1 + (int64_t)(i % 3);
    return i % 2 ? -(int64_t)(1 + i / 2 % 3) : (int64_t)(1 + i / 2 % 3);
}

static void stamp_end(struct event *e)
{
    /* seq_cst: without it the add may still sit in the store buffer when its end is stamped. */
    atomic_thread_fence(memory_order_seq_cst);
    e->end = contend_clock_ns();
}

static void record(struct crew *crew, unsigned number)
{
    struct history *h = crew->shared;
    struct record *r = &h->records[number];
    void *handle = support_alloc(h->ops->handle_size);
    int64_t sum = 0;

    if (h->ops->attach(h->object, handle) != 0)
        abort();
    for (size_t i = 0, adds = 0; i < LONGEST && !crew_stopped(crew); i++) {
        struct event *e = &r->events[i];
        e->is_read = i % 5 == 4;
        e->begin = contend_clock_ns();
        if (e->is_read) {
            e->n = h->ops->read(h->object, handle);
        } else {
            e->n = amount(h->mix, adds++);
            if (h->ops->add(h->object, handle, e->n) != 0)
                abort();
            sum += e->n;
        }
        stamp_end(e);
        r->count = i + 1;
        if (i % 1000 == 999) { /* come and go: detach must lose nothing */
            h->ops->detach(h->object, handle);
            if (h->ops->attach(h->object, handle) != 0)
                abort();
        }
    }
    h->ops->detach(h->object, handle);
    free(handle);
    atomic_fetch_add(&h->expected, sum);
}

static void torture(const struct counter_ops *ops, enum mix mix, unsigned threads)
{
    const struct counter_promise *promise = promise_of(ops, mix);
    struct history h = { .ops = ops, .mix = mix };
    struct counter_rig rig;

    counter_rig_up(&rig, ops, NULL);
    h.object = rig.object;
    for (unsigned i = 0; i < threads; i++)
        h.records[i].events = calloc(LONGEST, sizeof(struct event));
    struct crew crew = { .body = record, .shared = &h };
    crew_run(&crew, threads, support_ms(40));
    assert_int_equal(ops->read(rig.object, rig.handle), atomic_load(&h.expected));
    if (promise->kind <= COUNTER_INTERMEDIATE || promise->kind == COUNTER_EVENTUAL) {
        int64_t error = promise->kind == COUNTER_EVENTUAL ? promise->error * threads : 0;
        struct oracle_verdict v = oracle_judge(h.records, threads, error);
        if (v.impossible)
            fail_msg("%zu of %zu reads are impossible; the first is %lld, not in [%lld, %lld]",
                     v.impossible, v.reads, (long long)v.value, (long long)v.least,
                     (long long)v.greatest);
    }
    for (unsigned i = 0; i < threads; i++)
        free(h.records[i].events);
    counter_rig_down(&rig);
}

static void survives(void **state)
{
    for (int mix = MIX_UNIT; mix <= MIX_UNDO; mix++) {
        torture(*state, (enum mix)mix, 2);
        torture(*state, (enum mix)mix, THREADS);
    }
}

/* ---- short histories, checked exhaustively ---- */

struct short_history {
    const struct counter_ops *ops;
    void *object;
    enum mix mix;
    pthread_barrier_t start, end;
    struct linear_op ops_done[SHORT_THREADS * SHORT_OPS];
    struct support_random random[SHORT_THREADS];
};

static void run_short(struct crew *crew, unsigned number)
{
    struct short_history *h = crew->shared;
    void *handle = support_alloc(h->ops->handle_size);

    if (h->ops->attach(h->object, handle) != 0)
        abort();
    for (int round = 0; round < SHORT_ROUNDS; round++) {
        pthread_barrier_wait(&h->start);
        for (size_t i = 0, adds = 0; i < SHORT_OPS; i++) {
            struct linear_op *op = &h->ops_done[number * SHORT_OPS + i];
            bool read = support_below(&h->random[number], 2);
            *op = (struct linear_op){ .kind = read, .begin = contend_clock_ns() };
            if (read)
                op->result = h->ops->read(h->object, handle);
            else if (h->ops->add(h->object, handle, op->argument = amount(h->mix, adds++)) != 0)
                abort();
            struct event stamp;
            stamp_end(&stamp);
            op->end = stamp.end;
        }
        pthread_barrier_wait(&h->end);
    }
    h->ops->detach(h->object, handle);
    free(handle);
}

static bool counter_spec(const struct linear_op *op, int64_t *state)
{
    if (op->kind)
        return op->result == *state;
    *state += op->argument;
    return true;
}

struct judge {
    struct short_history *history;
    unsigned impossible;
};

/* Judges between two rounds, while the threads wait at the barrier. */
static void *judge_rounds(void *arg)
{
    struct judge *j = arg;
    struct short_history *h = j->history;
    int64_t sum = 0;

    for (int round = 0; round < SHORT_ROUNDS; round++) {
        pthread_barrier_wait(&h->start);
        pthread_barrier_wait(&h->end);
        size_t n = SHORT_THREADS * SHORT_OPS;
        j->impossible += !linear_check(h->ops_done, n, sum, counter_spec);
        for (size_t i = 0; i < n; i++)
            sum += h->ops_done[i].kind ? 0 : h->ops_done[i].argument;
    }
    return NULL;
}

static void short_histories(const struct counter_ops *ops, enum mix mix)
{
    struct short_history h = { .ops = ops, .mix = mix };
    struct judge j = { &h, 0 };
    struct counter_rig rig;
    pthread_t thread;

    if (promise_of(ops, mix)->kind != COUNTER_LINEARIZABLE)
        return;
    counter_rig_up(&rig, ops, NULL);
    h.object = rig.object;
    for (unsigned i = 0; i < SHORT_THREADS; i++)
        h.random[i].state = support_seed() + i;
    pthread_barrier_init(&h.start, NULL, SHORT_THREADS + 1);
    pthread_barrier_init(&h.end, NULL, SHORT_THREADS + 1);
    assert_int_equal(pthread_create(&thread, NULL, judge_rounds, &j), 0);
    struct crew crew = { .body = run_short, .shared = &h };
    crew_run(&crew, SHORT_THREADS, 0);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&h.start);
    pthread_barrier_destroy(&h.end);
    assert_int_equal(j.impossible, 0);
    counter_rig_down(&rig);
}

static void linearizable_as_declared(void **state)
{
    for (int mix = MIX_UNIT; mix <= MIX_UNDO; mix++)
        short_histories(*state, (enum mix)mix);
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

static void clap_and_read(struct crew *crew, unsigned number)
{
    struct meeting *m = crew->shared;
    void *handle = support_alloc(m->ops->handle_size);
    uint32_t round;

    if (m->ops->attach(m->object, handle) != 0)
        abort();
    for (round = 0; round < ROUNDS && !crew_stopped(crew); round++) {
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

    if (promise_of(m.ops, MIX_UNIT)->kind > COUNTER_INTERMEDIATE)
        return;
    counter_rig_up(&rig, m.ops, NULL);
    m.object = rig.object;
    for (unsigned i = 0; i < 2; i++)
        assert_non_null(m.sums[i] = calloc(ROUNDS, sizeof *m.sums[i]));
    struct crew crew = { .body = clap_and_read, .shared = &m };
    crew_run(&crew, 2, support_ms(150));
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
        { "one of two sees both", one_of_two_sees_both },
    };

    return support_run_counters("counter torture", checks, sizeof checks / sizeof *checks,
                                CONTEND_EXHIBIT);
}
