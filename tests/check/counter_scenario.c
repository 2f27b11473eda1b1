/*
 * counter_scenario.c - scenarios over counters, held to what the traits promise.
 *
 * In every execution: nothing is lost (C4), and handles and memory are given back.
 * In sequentially consistent ones also the promise for the mix of adds: a
 * linearization of all results, or bounds for each read.
 */
#include <stdio.h>

#include "tests/check/history.h"
#include "tests/check/scenario.h"

static struct {
    const struct counter_ops *ops;
    const struct scenario *scenario;
    const struct counter_promise *promise;
    void *counter;
    bool weak;
    int64_t applied[SCENARIO_THREADS + 1]; /* per thread: what its adds say they added */
} now;

static const char *describe(const struct linear_op *op)
{
    static char text[32];

    if (op->kind == 'r')
        return "read";
    snprintf(text, sizeof text, "%s(%d)", op->kind == 'a' ? "add" : "add_get", (int)op->argument);
    return text;
}

static void operate(const struct operation *o, void *handle, unsigned thread)
{
    struct linear_op named = { .kind = o->kind, .argument = o->n };
    struct linear_op *op = history_begin(o->kind, o->n, describe(&named));
    int64_t sum = 0;
    int error = 0;

    if (o->kind == 'r') {
        history_end(op, now.ops->read(now.counter, handle));
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

static void run_part(const struct part *p, unsigned thread)
{
    void *handle = check_allocate(now.ops->handle_size);

    check_that(now.ops->attach(now.counter, handle) == 0);
    check_ready();
    if (now.scenario->meet)
        check_meet();
    for (unsigned i = 0; i < p->count; i++)
        operate(&p->ops[i], handle, thread);
    check_done();
    now.ops->detach(now.counter, handle);
    check_deallocate(handle);
}

static void setup(void *unused)
{
    static const struct counter_config config = { .threads = 4, .stripes = 2, .threshold = 2 };

    (void)unused;
    history_reset();
    for (unsigned t = 0; t <= SCENARIO_THREADS; t++)
        now.applied[t] = 0;
    now.counter = check_allocate(now.ops->size);
    check_that(now.ops->init(now.counter, &config) == 0);
    if (now.scenario->before.count)
        run_part(&now.scenario->before, 0);
}

static void body(void *unused, unsigned thread)
{
    (void)unused;
    run_part(&now.scenario->threads[thread - 1], thread);
}

/* ---- oracles ---- */

static bool specification(const struct linear_op *op, int64_t *sum)
{
    int64_t after = *sum + op->argument;
    bool fits = after >= now.ops->traits->min && after <= now.ops->traits->max;

    if (op->kind == 'r')
        return op->result == *sum;
    if (!fits)
        return op->result == -EOVERFLOW;
    if (op->result != (op->kind == 'g' ? after : 0))
        return false;
    *sum = after;
    return true;
}

/* The least and the greatest sum that there can have been while `read` ran. */
static bool within_bounds(const struct linear_op *read, bool only_undisturbed)
{
    int64_t least = 0, greatest = 0;
    bool overlapped = false;

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        int64_t n = op->result == -EOVERFLOW ? 0 : op->argument;
        if (op->kind == 'r' || op->begin > read->end)
            continue;
        if (op->end < read->begin) {
            least += n;
            greatest += n;
        } else {
            overlapped = true;
            *(n < 0 ? &least : &greatest) += n;
        }
    }
    return (only_undisturbed && overlapped) || (least <= read->result && read->result <= greatest);
}

static void judge_history(void)
{
    enum counter_consistency kind = now.promise->kind;

    if (kind == COUNTER_LINEARIZABLE || kind == COUNTER_UNSPECIFIED) {
        if (!linear_check(history.ops, history.count, 0, specification))
            check_fail("no order of the operations explains the results: %s",
                       history_text(describe));
        return;
    }
    if (kind != COUNTER_INTERMEDIATE && kind != COUNTER_QUIESCENT)
        return; /* staleness and errors need longer runs */
    for (size_t i = 0; i < history.count; i++)
        if (history.ops[i].kind == 'r' &&
            !within_bounds(&history.ops[i], kind == COUNTER_QUIESCENT))
            check_fail("a read lies outside of what the sum was meanwhile: %s",
                       history_text(describe));
}

static void finally(void *unused)
{
    void *handle = check_allocate(now.ops->handle_size);
    int64_t expected = 0;

    (void)unused;
    check_that(now.ops->attach(now.counter, handle) == 0);
    int64_t sum = now.ops->read(now.counter, handle);
    now.ops->detach(now.counter, handle);
    check_deallocate(handle);
    for (unsigned t = 0; t <= SCENARIO_THREADS; t++)
        expected += now.applied[t];
    if (sum != expected)
        check_fail("claps are lost or invented: the sum is %lld, the adds make %lld",
                   (long long)sum, (long long)expected);
    check_that(now.ops->fini(now.counter) == 0);
    check_deallocate(now.counter);
    if (now.weak || history_known(0))
        return;
    judge_history();
    history_remember(0);
}

/* The promise for this mix: claps of one, larger ones, or undos among them. */
static const struct counter_promise *promise_for(const struct scenario *p)
{
    const struct counter_traits *t = now.ops->traits;
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

struct check_test counter_scenario_test(const struct subject *s, const struct scenario *p,
                                        bool weak)
{
    now.ops = s->counter;
    now.scenario = p;
    now.weak = weak;
    now.promise = promise_for(p);
    history_forget();
    return (struct check_test){ .name = p->text, .setup = setup, .body = body,
                                .thread_count = p->thread_count, .finally = finally };
}
