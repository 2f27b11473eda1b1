/*
 * test_traces.c - how far the reduced search is from one execution for each Mazurkiewicz trace.
 *
 * Two executions are of the same trace if dependent steps, those on one place of which one
 * writes, come in the same order in both.  A search is optimal if it begins one execution for each
 * trace.  Ours is, for programs that neither wait in loops nor have choices of a value; where threads wait,
 * what a turn in vain has read does not count, and what is begun and given up behind it is counted apart.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench/machine/machine.h"
#include "tests/bench/check/program.h"
#include "tests/bench/check/traces.h"

enum { MOST_STEPS = 64, MOST_TRACES = 1 << 12, PROGRAMS = 400, MOST = 6,
       MORE = 20 /* times as many, where turns in vain are not seen to be */ };

static const struct literature {
    const char *name;
    trace_body *body;
    unsigned threads, traces;
    bool all;            /* there are few enough schedules to try them all */
    unsigned executions; /* where threads wait in loops: as many, with those that were given up */
    unsigned circles;    /* traces with two failed turns after which all is as it was, if compilers keep nothing */
} literature[] = {
    { "2 writers", trace_writers, 2, 2, true, 0, 0 },
    { "3 writers", trace_writers, 3, 6, true, 0, 0 },
    { "4 writers", trace_writers, 4, 24, true, 0, 0 },
    { "5 writers", trace_writers, 5, 120, false, 0, 0 },
    { "4 adders", trace_adders, 4, 24, true, 0, 0 },
    { "2 readers", trace_readers, 3, 4, true, 0, 0 },
    { "5 readers", trace_readers, 6, 32, false, 0, 0 },
    { "1 reader of the time", trace_times, 2, 2, true, 0, 0 },
    { "2 readers of the time", trace_times, 3, 4, true, 0, 0 },
    { "5 readers of the time", trace_times, 6, 32, false, 0, 0 },
    { "last zero of 3", trace_last_zero, 4, 12, true, 0, 0 },
    { "last zero of 5", trace_last_zero, 6, 64, false, 0, 0 },
    { "2 pushes", trace_push, 2, 4, true, 0, 0 },
    { "3 pushes", trace_push, 3, 48, false, 0, 0 },
    { "2 pushes and pops", trace_push_pop, 2, 40, true, 0, 4 },
    { "ticket lock of 2", trace_ticket, 2, 2, true, 4, 0 },
    { "ticket lock of 3", trace_ticket, 3, 6, false, 30, 0 },
    { "naive ticket lock of 2", trace_naive_ticket, 2, 2, false, 4, 0 },
    { "naive ticket lock of 3", trace_naive_ticket, 3, 6, false, 30, 0 },
    { "spin lock of 2", trace_spin, 2, 2, true, 4, 0 },
    { "spin lock of 3", trace_spin, 3, 6, false, 24, 0 },
    { "MCS lock of 2", trace_mcs, 2, 6, true, 12, 0 },
    { "MCS lock of 3", trace_mcs, 3, 66, false, 168, 0 },
    { "seqlock, 1 reader", trace_seqlock, 2, 2, true, 20, 0 },
    { "seqlock, 2 readers", trace_seqlock, 3, 4, false, 400, 0 },
    { "Peterson's lock", trace_peterson, 2, 4, true, 12, 0 },
    { "2 alternate", trace_alternate, 2, 1, false, 6, 0 },
};

static struct step {
    unsigned thread, place;
    bool wrote;
} steps[MOST_STEPS];
static unsigned step_count;

static uint64_t traces[MOST_TRACES];
static unsigned trace_count;

void trace_note(unsigned thread, unsigned place, bool wrote)
{
    assert_in_range(step_count, 0, MOST_STEPS - 1);
    steps[step_count++] = (struct step){ thread, place, wrote };
}

void trace_forget(unsigned thread, unsigned count)
{
    for (unsigned i = step_count; i-- > 0 && count > 0;)
        if (steps[i].thread == thread) {
            memmove(&steps[i], &steps[i + 1], (--step_count - i) * sizeof *steps);
            count--;
        }
}

static uint64_t mix(uint64_t hash, uint64_t more)
{
    hash = (hash ^ more) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static unsigned writes_before(unsigned i)
{
    unsigned count = 0;

    for (unsigned k = 0; k < i; k++)
        count += steps[k].place == steps[i].place && steps[k].wrote;
    return count;
}

/* Thread by thread, where each step stands among the writes to its place. */
static uint64_t trace_of_execution(void)
{
    uint64_t hash = 1;

    for (unsigned t = 1; t <= CHECK_MAX_THREADS; t++)
        for (unsigned i = 0; i < step_count; i++)
            if (steps[i].thread == t)
                hash = mix(mix(mix(hash, t * 16 + steps[i].place), steps[i].wrote), writes_before(i));
    return hash;
}

static void keep_trace(void *unused)
{
    uint64_t trace = trace_of_execution();
    unsigned i = 0;

    (void)unused;
    while (i < trace_count && traces[i] != trace)
        i++;
    assert_in_range(i, 0, MOST_TRACES - 1);
    traces[i] = trace;
    trace_count += i == trace_count;
}

static void setup(void *unused)
{
    (void)unused;
    step_count = 0;
    trace_reset();
}

static void body(void *context, unsigned thread)
{
    const struct literature *l = context;

    l->body(thread, l->threads);
}

static struct check_result explore(const struct literature *l, enum check_strategy strategy)
{
    const struct check_test test = { .name = l->name, .setup = setup, .body = body,
                                     .thread_count = l->threads, .finally = keep_trace,
                                     .context = (void *)(uintptr_t)l };
    const struct check_options options = { .mode = CHECK_SC, .strategy = strategy, .bound = 1000 };

    trace_count = 0;
    struct check_result r = check_run(&test, &options);
    assert_int_equal(r.verdict, CHECK_PASSED);
    assert_true(r.complete);
    assert_in_range(trace_count, l->traces - (strategy == CHECK_REDUCED ? l->circles : 0), l->traces);
    return r;
}

static void traces_are_those_of_the_literature(void **state)
{
    const struct literature *l = *state;

    if (l->all)
        explore(l, CHECK_DEPTH_FIRST);
    struct check_result r = explore(l, CHECK_REDUCED);
    printf("# long: %s: %u traces, %" PRIu64 " executions, %" PRIu64 " of them given up\n", l->name,
           l->traces, r.executions, r.given_up);
    if (!l->executions) {
        assert_int_equal(r.executions - r.given_up, trace_count);
        assert_in_range(r.given_up, 0, l->circles);
        return;
    }
#if defined(MACHINE_KEEPS_REGISTERS) && !defined(__clang__) /* elsewhere some turns do not look alike */
    assert_int_equal(r.executions, l->executions);
#endif
    assert_in_range(r.executions, l->traces, MORE * l->executions);
}

/* ---- random programs ---- */

struct interleaving {
    const struct program *p;
    int place[PROGRAM_PLACES];
    unsigned at[PROGRAM_THREADS];
};

/* The same step as that of program_do(), of sequentially consistent memory. */
static void do_step(const struct op *op, int *place, unsigned thread)
{
    bool writes = op->kind != OP_LOAD && (op->kind != OP_CAS || *place == op->expected);

    if (op->kind == OP_FENCE)
        return;
    trace_note(thread, op->place, writes);
    if (writes)
        *place = op->kind == OP_ADD ? *place + op->value : op->value;
}

static void interleave(struct interleaving now)
{
    unsigned before = step_count;
    bool ended = true;

    for (unsigned t = 0; t < now.p->threads; t++) {
        struct interleaving next = now;
        if (now.at[t] == now.p->length[t])
            continue;
        const struct op *op = &now.p->op[t][next.at[t]++];
        ended = false;
        do_step(op, &next.place[op->place], t + 1);
        interleave(next);
        step_count = before;
    }
    if (ended)
        keep_trace(NULL);
}

static void random_programs_run_once_for_each_trace(void **state)
{
    static struct outcomes found;
    struct random r = random_seeded(20141, 0);

    (void)state;
    for (unsigned n = 0; n < PROGRAMS; n++) {
        struct program p = program_random(&r, MOST, false);
        for (unsigned t = 0; t < p.threads; t++)
            for (unsigned i = 0; i < p.length[t]; i++)
                p.op[t][i].weak = false; /* it would choose a value */
        trace_count = step_count = 0;
        interleave((struct interleaving){ .p = &p });
        struct check_result c = program_explore(&p, CHECK_SC, CHECK_REDUCED, &found);
        if (c.executions != trace_count || c.given_up)
            program_print(&p, stderr);
        assert_int_equal(c.executions, trace_count);
        assert_int_equal(c.given_up, 0);
    }
}

int main(void)
{
    enum { COUNT = sizeof literature / sizeof *literature };
    static struct CMUnitTest tests[COUNT + 1];

    for (size_t i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){ literature[i].name, traces_are_those_of_the_literature, NULL,
                                        NULL, (void *)(uintptr_t)&literature[i] };
    tests[COUNT] = (struct CMUnitTest)cmocka_unit_test(random_programs_run_once_for_each_trace);
    return _cmocka_run_group_tests("traces", tests, COUNT + 1, NULL, NULL);
}
