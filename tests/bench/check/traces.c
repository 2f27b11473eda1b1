/* traces.c - see traces.h; compiled with the instrumentation. */
#include "tests/bench/check/traces.h"

#include <stdatomic.h>
#include <time.h>

#include "bench/check/check.h"

static _Atomic int places[TRACE_PLACES];

void trace_reset(void)
{
    for (int i = 0; i < TRACE_PLACES; i++)
        atomic_init(&places[i], 0);
}

static int load(unsigned thread, unsigned place)
{
    int value = atomic_load(&places[place]);

    trace_note(thread, place, false);
    return value;
}

static void store(unsigned thread, unsigned place, int value)
{
    atomic_store(&places[place], value);
    trace_note(thread, place, true);
}

static int add(unsigned thread, unsigned place)
{
    int old = atomic_fetch_add(&places[place], 1);

    trace_note(thread, place, true);
    return old;
}

static bool swap(unsigned thread, unsigned place, int *expected, int value)
{
    bool done = atomic_compare_exchange_strong(&places[place], expected, value);

    trace_note(thread, place, done);
    return done;
}

/* ---- N threads at one word: N! traces ---- */

void trace_writers(unsigned thread, unsigned threads)
{
    (void)threads;
    store(thread, 0, (int)thread);
}

void trace_adders(unsigned thread, unsigned threads)
{
    (void)threads;
    add(thread, 0);
}

/* ---- of Abdulla et al., 2014: one writer, and N readers beside it: 2^N ---- */

void trace_readers(unsigned thread, unsigned threads)
{
    (void)threads;
    if (thread == 1)
        store(thread, 0, 1);
    else
        load(thread, 0);
}

/*
 * The same by the clock: a reader does something else if more time has passed than its own.  It has where
 * it reads what the writer wrote late, and in no other order of the steps.
 */
void trace_times(unsigned thread, unsigned threads)
{
    clock_t began = clock();

    (void)threads;
    if (thread == 1) {
        for (int i = 0; i < 3; i++)
            clock();
        store(thread, 0, 1);
        return;
    }
    load(thread, 0);
    if (clock() - began > 1)
        store(thread, thread, 1);
    else
        load(thread, thread);
}

/* The first thread looks for the last zero of what the N others write: (N + 3) 2^(N - 2). */
void trace_last_zero(unsigned thread, unsigned threads)
{
    if (thread > 1) {
        store(thread, thread - 1, load(thread, thread - 2) + 1);
        return;
    }
    for (unsigned i = threads - 1; load(thread, i) != 0;)
        i--;
}

/* ---- loops that wait: what a turn in vain has read is no part of the trace ---- */

static void await(unsigned thread, unsigned place, int value)
{
    while (atomic_load(&places[place]) != value)
        check_cpu_relax();
    trace_note(thread, place, false);
}

/* A ticket lock: next, now serving. */
void trace_ticket(unsigned thread, unsigned threads)
{
    int mine = add(thread, 0);

    (void)threads;
    await(thread, 1, mine);
    store(thread, 1, mine + 1);
}

void trace_naive_ticket(unsigned thread, unsigned threads)
{
    int mine = add(thread, 0);

    (void)threads;
    while (atomic_load(&places[1]) != mine)
        ;
    trace_note(thread, 1, false);
    store(thread, 1, mine + 1);
}

void trace_spin(unsigned thread, unsigned threads)
{
    (void)threads;
    while (atomic_exchange(&places[0], 1) != 0)
        check_cpu_relax();
    trace_note(thread, 0, true);
    store(thread, 0, 0);
}

/* Place 0 is the tail of the queue; thread n spins on place n, and n + 3 is who follows it. */
void trace_mcs(unsigned thread, unsigned threads)
{
    int alone = (int)thread, next;

    (void)threads;
    store(thread, thread, 1);
    int before = atomic_exchange(&places[0], (int)thread);
    trace_note(thread, 0, true);
    if (before) {
        store(thread, (unsigned)before + 3, (int)thread);
        await(thread, thread, 0);
    }
    if (load(thread, thread + 3) == 0 && swap(thread, 0, &alone, 0))
        return;
    while ((next = atomic_load(&places[thread + 3])) == 0)
        check_cpu_relax();
    trace_note(thread, thread + 3, false);
    store(thread, (unsigned)next, 0);
}

/* Place 0 is the sequence; the first thread writes the other two, and all others read them. */
void trace_seqlock(unsigned thread, unsigned threads)
{
    int seen;

    (void)threads;
    if (thread == 1) {
        for (unsigned i = 0; i < 4; i++)
            store(thread, i % 3, 1 + (int)i / 3);
        return;
    }
    for (;;) {
        while ((seen = load(thread, 0)) % 2 != 0) {
            trace_forget(thread, 1);
            check_cpu_relax();
        }
        int one = load(thread, 1), two = load(thread, 2);
        if (load(thread, 0) == seen) {
            check_that(one == two);
            return;
        }
        trace_forget(thread, 4);
        check_cpu_relax();
    }
}

void trace_peterson(unsigned thread, unsigned threads)
{
    unsigned me = thread - 1, other = 1 - me;

    (void)threads;
    store(thread, me, 1);
    store(thread, 2, (int)other);
    while (load(thread, other) != 0) {
        if (load(thread, 2) != (int)other)
            break;
        trace_forget(thread, 2);
        check_cpu_relax();
    }
    store(thread, me, 0);
}

/* Each waits for the other one, three times. */
void trace_alternate(unsigned thread, unsigned threads)
{
    for (unsigned i = 0; i < 3 * threads; i += threads) {
        await(thread, 0, (int)(i + thread) - 1);
        store(thread, 0, (int)(i + thread));
    }
}

/* ---- Treiber's stack: place 0 is the top, place n what follows node n ---- */

static void push(unsigned thread, unsigned node)
{
    int top = load(thread, 0);

    do
        store(thread, node, top);
    while (!swap(thread, 0, &top, (int)node));
}

static void pop(unsigned thread)
{
    int top = load(thread, 0);

    while (top != 0 && !swap(thread, 0, &top, load(thread, (unsigned)top)))
        continue;
}

void trace_push(unsigned thread, unsigned threads)
{
    (void)threads;
    push(thread, thread);
}

void trace_push_pop(unsigned thread, unsigned threads)
{
    (void)threads;
    push(thread, thread);
    pop(thread);
}
