/* interrupt.c - a counter that a signal handler increments. */
#include "bench/base/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

/* Atomic, since the handler runs in one thread and others look; lock-free, as a handler needs it. */
static _Atomic int interrupts;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler could wait for a lock");
static struct sigaction old_int, old_term;
static bool caught; /* by the thread that calls the functions below */

static void on_interrupt(int signal)
{
    /* relaxed, here and below: nothing else is published by it. */
    if (atomic_fetch_add_explicit(&interrupts, 1, memory_order_relaxed) > 0) /* the second one */
        _exit(128 + signal);
}

void interrupt_catch(void)
{
    /* Without SA_RESTART, so that a read that waits for input returns. */
    struct sigaction catch = { .sa_handler = on_interrupt };

    /* relaxed: as above. */
    atomic_store_explicit(&interrupts, 0, memory_order_relaxed);
    if (caught)
        return; /* what is to be restored is kept already; our own handler is not */
    sigaction(SIGINT, &catch, &old_int);
    sigaction(SIGTERM, &catch, &old_term);
    caught = true;
}

void interrupt_release(void)
{
    if (!caught)
        return;
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
    caught = false;
}

bool interrupt_came(void)
{
    /* relaxed: as above. */
    return atomic_load_explicit(&interrupts, memory_order_relaxed) != 0;
}
