/* barrier_models.c - threads that wait for others to come, or for one of them to have begun: see thread_models.h. */
#include <errno.h>
#include <string.h>

#include "bench/machine/machine.h"
#include "bench/machine/model_parts.h"
#include "bench/machine/thread_models.h"

#define PC __builtin_return_address(0)

/* A driver on real threads explains nothing. */
static void tell(const struct machine_words *as)
{
    if (machine->words)
        machine->words(as);
}

/* ---- once ---- */

void once_run(void *once, void (*routine)(void), const void *pc)
{
    enum { DONE = 2 };
    static const struct machine_words as = { .lock = "begin once", .unlock = "end once" };

    tell(&as);
    machine->lock(once, MACHINE_MUTEX, false, pc);
    tell(NULL);
    if (machine_peek(once, sizeof(pthread_once_t)) != DONE) {
        routine();
        machine_poke(once, sizeof(pthread_once_t), DONE);
    }
    tell(&as);
    machine->unlock(once, pc);
    tell(NULL);
}

int check_once(pthread_once_t *once, void (*routine)(void))
{
    once_run(once, routine, PC);
    return 0;
}

/* ---- barriers: a lock, and a condition beside it ---- */

struct barrier {
    unsigned need, here, round;
    char padding[4];
    char passed; /* its address is waited on */
};
_Static_assert(sizeof(struct barrier) <= sizeof(pthread_barrier_t), "it fits");

int check_barrier_init(pthread_barrier_t *b, const pthread_barrierattr_t *attributes, unsigned count)
{
    (void)attributes;
    if (count == 0)
        return EINVAL;
    machine->plain(b, sizeof *b, true, false, PC);
    memset(b, 0, sizeof *b);
    ((struct barrier *)b)->need = count;
    return 0;
}

int check_barrier_destroy(pthread_barrier_t *b)
{
    int error = machine->lock_destroy(b, PC);

    machine->plain(b, sizeof *b, true, false, PC);
    return error;
}

int check_barrier_wait(pthread_barrier_t *barrier)
{
    struct barrier *b = (struct barrier *)barrier;
    static const struct machine_words asleep = { .lock = "go on from barrier", .unlock = "wait at barrier" };
    static const struct machine_words as = { "come to barrier", "leave barrier", "waits for others at a barrier",
                                             "let the others pass", &asleep };
    int result = 0;

    tell(&as);
    machine->lock(b, MACHINE_MUTEX, false, PC);
    unsigned round = b->round;
    if (++b->here == b->need) {
        b->here = 0;
        b->round++;
        machine->cond_wake(&b->passed, true, PC);
        result = PTHREAD_BARRIER_SERIAL_THREAD;
    }
    while (b->round == round)
        machine->cond_wait(&b->passed, b, PC);
    machine->unlock(b, PC);
    tell(NULL);
    return result;
}
