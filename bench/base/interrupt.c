/* interrupt.c - a counter that a signal handler raises. */
#include "bench/base/interrupt.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t interrupts;
static struct sigaction old_int, old_term;

static void on_interrupt(int signal)
{
    if (++interrupts > 1) /* asked twice: go at once */
        _exit(128 + signal);
}

void interrupt_catch(void)
{
    /* Without SA_RESTART: a read that waits for input comes back. */
    struct sigaction catch = { .sa_handler = on_interrupt };

    interrupts = 0;
    sigaction(SIGINT, &catch, &old_int);
    sigaction(SIGTERM, &catch, &old_term);
}

void interrupt_release(void)
{
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
}

bool interrupt_came(void)
{
    return interrupts != 0;
}
