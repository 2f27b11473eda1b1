/*
 * counter_scenario.c - scenarios over counters, held to what the traits promise.
 *
 * In every execution: nothing is lost (C4), and handles and memory are given back.
 * In sequentially consistent ones also the promise for the mix of adds: a
 * linearization of all results, or bounds for each read.  In weak ones a linearization
 * that keeps to each thread's order and to what happens before.
 */
#include <stdio.h>

#include "bench/check/counter_history.h"
#include "bench/check/history.h"
#include "bench/check/scenario.h"
#include "bench/check/scenario_family.h"

static struct {
    const struct subject *subject;
    const struct counter_ops *ops;
    const struct scenario *scenario;
    struct counter_traits traits; /* the counter's own: options may change what it promises */
    const struct counter_promise *promise;
    void *counter;
    bool weak;
    int64_t applied[SCENARIO_THREADS + 1]; /* per thread: the sum of its successful adds */
} now;

static void call_text(const struct linear_op *op, char text[HISTORY_WORDS])
{
    static const char *const names[] = { ['r'] = "read",      ['q'] = "quiescent",
                                         ['d'] = "detach",    ['a'] = "add",
                                         ['g'] = "add_get" };

    if (op->kind == 'a' || op->kind == 'g')
        snprintf(text, HISTORY_WORDS, "%s(%d)", names[op->kind], (int)op->argument);
    else
        snprintf(text, HISTORY_WORDS, "%s", names[op->kind]);
}

static void result_text(const struct linear_op *op, char text[HISTORY_WORDS])
{
    history_number(op->result, text);
}

static void operate(const struct operation *o, void *handle, unsigned thread)
{
    struct linear_op *op = history_begin(o->kind, o->n);
    int64_t sum = 0;
    int error = 0;

    if (o->kind == 'r') {
        history_end(op, now.ops->read(now.counter, handle));
        return;
    }
    if (o->kind == 'q') {
        now.ops->quiescent(now.counter, handle);
        history_end(op, 0);
        return;
    }
    if (o->kind == 'a')
        error = now.ops->add(now.counter, handle, o->n);
    else
        error = now.ops->add_get(now.counter, handle, o->n, &sum);
    history_end(op, error ? error : sum);
    check_that(error == 0 || error == -EOVERFLOW);
    if (error == 0)
        now.applied[thread] += o->n;
}

/* The result is a snapshot and not judged; the call must not disturb other operations. */
static void look_at_the_books(void)
{
    struct counter_stats s;

    check_operation_begin("stats", NULL);
    now.ops->stats(now.counter, &s);
    check_operation_end("done", NULL, NULL);
}

/* For EVENTUAL counters a detach is an operation: it ends what the thread may hold back. */
static void leave(void *handle)
{
    if (now.promise->kind == COUNTER_EVENTUAL) {
        struct linear_op *op = history_begin('d', 0);
        now.ops->detach(now.counter, handle);
        history_end(op, 0);
    }
    check_aside("detach");
    if (now.promise->kind != COUNTER_EVENTUAL)
        now.ops->detach(now.counter, handle);
    check_deallocate(handle);
}

static void come_and_go(void *handle)
{
    if (!now.scenario->comes_and_goes || !check_again())
        return;
    now.ops->detach(now.counter, handle);
    check_that(now.ops->attach(now.counter, handle) == 0);
}

static void run_part(const struct part *p, unsigned thread)
{
    check_aside("attach");
    void *handle = check_allocate(now.ops->handle_size);
    scenario_name(handle, "handle", now.subject, thread);
    check_that(now.ops->attach(now.counter, handle) == 0);
    check_ready();
    if (now.scenario->meet)
        check_meet();
    do {
        for (unsigned i = 0; i < p->count; i++)
            if (p->ops[i].kind == 'x')
                look_at_the_books();
            else
                operate(&p->ops[i], handle, thread);
        come_and_go(handle);
    } while (check_again());
    check_done();
    leave(handle);
}

/* The promise for this mix: claps of one, larger ones, or undos among them. */
static const struct counter_promise *promise_for(const struct scenario *p)
{
    const struct counter_traits *t = &now.traits;
    bool batch = false, undo = false;

    for (unsigned i = 0; i <= p->thread_count; i++) {
        const struct part *part = i ? &p->threads[i - 1] : &p->before;
        for (unsigned k = 0; k < part->count; k++) {
            batch |= part->ops[k].n > 1;
            undo |= part->ops[k].n < 0;
        }
    }
    return undo ? &t->undo : batch ? &t->batch : &t->unit;
}

static void setup(void *unused)
{
    const struct settings settings = scenario_settings(now.subject,
                                                       now.scenario, now.scenario->one_stripe);
    /* How many threads will come is not known, so that what can grow does. */
    const struct counter_config config = { .settings = settings_as_given(&settings) };
    static const struct history_words words = { call_text, result_text };

    (void)unused;
    history_reset(&words);
    for (unsigned t = 0; t <= SCENARIO_THREADS; t++)
        now.applied[t] = 0;
    now.counter = check_allocate(now.ops->size);
    scenario_name(now.counter, "counter", now.subject, 0);
    check_that(now.ops->init(now.counter, &config) == 0);
    now.ops->traits_of(now.counter, &now.traits);
    now.promise = promise_for(now.scenario);
    scenario_attach_idle(now.scenario, now.counter, now.ops->handle_size, now.ops->attach);
    if (now.scenario->before.count)
        run_part(&now.scenario->before, 0);
}

static void body(void *unused, unsigned thread)
{
    (void)unused;
    run_part(&now.scenario->threads[thread - 1], thread);
}

/* ---- oracles ---- */

static bool is_possible(void)
{
    const struct counter_rules rules = {
        now.promise, now.traits.min, now.traits.max,
        now.traits.features & COUNTER_REFUSES_EARLY, now.weak
    };

    return counter_history_possible(&rules);
}

static const char *refusal(void)
{
    enum counter_consistency kind = now.promise->kind;

    if (now.weak)
        return "no order of the operations that keeps to what happens before explains the results";
    return kind == COUNTER_LINEARIZABLE || kind == COUNTER_UNSPECIFIED
               ? "no order of the operations explains the results"
               : "a result fits none of the sums that there were meanwhile";
}

static void judge_history(void)
{
    uint64_t order = now.weak ? history_order() : 0;

    if (history_known(order))
        return;
    if (!is_possible())
        history_refuse(refusal(), is_possible, "r", "ag");
    history_remember(order);
}

static void finally(void *unused)
{
    void *handle = check_allocate(now.ops->handle_size);
    int64_t expected = 0;

    (void)unused;
    check_that(now.ops->attach(now.counter, handle) == 0);
    int64_t sum = now.ops->read(now.counter, handle);
    if (now.ops->fini(now.counter) != -EBUSY)
        check_fail("fini does not mind that a thread is attached");
    now.ops->detach(now.counter, handle);
    check_deallocate(handle);
    scenario_detach_idle(now.scenario, now.counter, now.ops->detach);
    for (unsigned t = 0; t <= SCENARIO_THREADS; t++)
        expected += now.applied[t];
    if (!counter_sum_possible(now.promise, expected, sum))
        check_fail("claps are lost or invented: the sum is %lld, the adds make %lld",
                   (long long)sum, (long long)expected);
    scenario_ended(now.ops->fini(now.counter));
    check_deallocate(now.counter);
    judge_history();
}

static struct check_test test(const struct subject *s, const struct scenario *p,
                                        bool weak)
{
    now.subject = s;
    now.ops = s->ops;
    now.scenario = p;
    now.weak = weak;
    history_forget();
    return (struct check_test){ .name = p->text, .setup = setup, .body = body,
                                .thread_count = p->thread_count, .finally = finally };
}

/* ---- the family ---- */

static const char *const written[] = {
    "a1+a1", "a1+a1+r", "a1,a1+r,r", "a2+a3+r", "a1,r+a1,r", "a1,a-1+r", "a1/a-1+a1+r",
    "a1/a-1+a-1", "a2/a-2+a-1", "=a1+a-1+r", "g1+g2,r", "a3,r+r,a-2", "a1,a1,a1+r,r,r",
    "=a2+a3+r", "a1+a1+a1", "a1,a1+a1,a1", "g1+g1+g1", "=r,r+r,r+a-1+a1",
    "a1,q,r+a1,r", "a2,r+a1,q,r", "a2,q+r", /* another's claps, not its own */
    "a-2,a-1+r",
    "=a1,a1,r+a1,a1,r", /* a counter that has grown when two threads met, */
    "=a1,a1,a1,a1,a1,a1+r+a1,a1,a1,a1,a1,a1", /* and again: of three, two share one of two cells */
    /* where 8 is the bound, or 0 */
    "a7/a1+a1", "a5/a1,a1+a1,a1", "a3/a1,a1+a1,a-1+r", "a2/a-2+a-1+a-1",
    /* With this many attached threads a table of them may grow, and grow again. */
    "8*a1+r", "7*r,r+a1", "16*r+a1",
    "a1,x+a1,x", NULL
};

static const struct scenario_trial trials[] = {
    { "add", "a1,a2,a-1", offsetof(struct counter_traits, add) },
    { "read", "r", offsetof(struct counter_traits, read) },
    { NULL, NULL, 0 },
};

static const struct scenario_disturbance disturbances[] = {
    { "a1", 1, false }, { "a1", 1, true }, { NULL, 0, false },
};

static const void *traits(const void *ops)
{
    return ((const struct counter_ops *)ops)->traits;
}

static bool supports(const void *ops, const struct operation *op)
{
    const struct counter_traits *t = traits(ops);

    return (op->kind != 'g' || t->features & COUNTER_ADD_GET) &&
           (op->kind != 'q' || t->unit.kind == COUNTER_EVENTUAL);
}

SCENARIO_ACCESS(counter)

const struct scenario_family scenarios_counter = {
    .object = "counter", .folder = "counters",
    .letters = "argxq", .follows = { "n", "", "n", "", "" },
    .rare = 1, /* few counters know quiescent() */
    .written = written,
    .identity = identity, .header = header, .choices = choices, .code = code,
    .test = test,
    .supports = supports,
    .trials = trials, .disturbances = disturbances, .everything = "a1,a2,a-1,r", .before = "",
    .traits = traits,
};
