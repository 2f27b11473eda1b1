/* traces.c - see traces.h; compiled with the instrumentation. */
#include "tests/bench/check/traces.h"

#include <stdatomic.h>

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

/* ---- a ticket lock: next, now serving ---- */

void trace_ticket(unsigned thread, unsigned threads)
{
    int mine = add(thread, 0);

    (void)threads;
    while (load(thread, 1) != mine)
        check_cpu_relax();
    store(thread, 1, mine + 1);
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
