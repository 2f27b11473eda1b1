/*
 * litmus_calls.c - what waiting, the library's calls and the heap may do; compiled
 * with the instrumentation.
 *
 * Written like litmus.c, and about the checker as that is: what a correct program may
 * meet is found, and a correct program is not accused.
 */
#include <pthread.h>
#include <sched.h>
#include <stddef.h>

#include "tests/check/litmus_words.h"

static _Atomic int x, y, slots[3];
static int done; /* plain: guarded */
static pthread_mutex_t mutex;

void litmus_calls_reset(void)
{
    atomic_init(&x, 0);
    atomic_init(&y, 0);
    for (int i = 0; i < 3; i++)
        atomic_init(&slots[i], i == 2);
    done = 0;
    pthread_mutex_init(&mutex, NULL);
}

/* Loops that end by themselves, or find elsewhere what they wait for. */
BODY(give_up, for (int i = 0; i < 3 && !LD(x, acq); i++) sched_yield(); ST(y, 1, rlx))
BODY(scan, for (int i = 0; !LD(slots[i % 3], acq); i++) sched_yield(); ST(y, 1, rlx))
BODY(see_y, A = LD(y, rlx))

/* Polling what a lock guards. */
static int look(void)
{
    pthread_mutex_lock(&mutex);
    int seen = done;
    pthread_mutex_unlock(&mutex);
    return seen;
}

static void spin_lock(void)
{
    while (XCHG(x, 1, acq))
        sched_yield();
}

static int look_spinning(void)
{
    spin_lock();
    int seen = done;
    ST(x, 0, rel);
    return seen;
}

BODY(poll, while (!look()) sched_yield())
BODY(finish, pthread_mutex_lock(&mutex); done = 1; pthread_mutex_unlock(&mutex))
BODY(poll_spinning, while (!look_spinning()) sched_yield())
BODY(finish_spinning, spin_lock(); done = 1; ST(x, 0, rel))

/* Passes, with these outcomes of so many registers; or ends so. */
#define PASSES(name, registers, out, bound, ...)                                              \
    { { name, out, NULL, NULL, { __VA_ARGS__ }, NULL, registers }, bound, CHECK_PASSED,       \
      CHECK_QUARANTINE }

const struct litmus_call litmus_calls[] = {
    PASSES("gives up after three turns", 1, "0 1", 3, give_up, see_y),
    PASSES("finds it in another place", 1, "0 1", 3, scan, see_y),
    PASSES("polls under a mutex", 1, "0", 2, poll, finish),
    PASSES("two poll under a mutex", 1, "0", 1, poll, poll, finish),
    PASSES("two poll under a spin lock", 1, "0", 1, poll_spinning, poll_spinning,
           finish_spinning),
    PASSES(NULL, 0, NULL, 0, NULL),
};
