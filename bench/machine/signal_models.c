/*
 * signal_models.c - pause(), and the signals that end it.
 *
 * A handler runs where kill() is called with the program's own number, or raise() (end_models.c): there is one
 * thread of the system.  kill() asks for some thread, so one that waits in pause() goes on, as if the handler had run
 * there.  raise() is for the thread itself and wakes none.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "bench/machine/library_models.h"
#include "bench/machine/machine.h"
#include "bench/machine/thread_models.h"

static unsigned signals; /* its address is what threads wait for, too */

static const struct machine_words as = { .lock = "pause", .waits = "waits for a signal", .wakes = "send a signal" };

static void tell(const struct machine_words *words)
{
    if (machine->words)
        machine->words(words);
}

MODEL_OF(int, pause, (void))
{
    unsigned before = signals;

    tell(&as);
    while (signals == before) /* a condition also wakes for no reason */
        machine->cond_wait(&signals, NULL, __builtin_return_address(0));
    tell(NULL);
    errno = EINTR;
    return -1;
}

void check_signal_came(const void *pc)
{
    signals++;
    tell(&as);
    machine->cond_wake(&signals, false, pc);
    tell(NULL);
}
