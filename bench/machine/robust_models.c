/*
 * robust_models.c - mutexes whose holder may end: the next thread that takes one is told so.
 *
 * What becomes of a mutex is kept in itself, beside its type; and what a thread holds, in a table.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "bench/machine/machine.h"
#include "bench/machine/model_parts.h"
#include "bench/machine/models.h"

enum { ROBUST = 16, HELD = 8 }; /* the bit beside the type; most that a thread holds */

/* Nobody died; the last holder did; it did, and the present one has not made it consistent; nor did that one. */
enum { SOUND, ORPHANED, DOUBTFUL, LOST };

static struct {
    uint64_t execution;
    struct {
        pthread_mutex_t *mutex; /* or NULL */
        const void *pc;
    } held[MACHINE_THREADS][HELD];
} robust;

static bool is_robust(const pthread_mutex_t *m)
{
    return machine->self && (m->__data.__kind & ROBUST);
}

/* The entry of the running thread for this mutex; NULL: a free one. */
static unsigned find(const pthread_mutex_t *m, const void *pc)
{
    unsigned t = machine->self(), i = 0;

    if (robust.execution != machine->execution())
        memset(&robust, 0, sizeof robust);
    robust.execution = machine->execution();
    while (i < HELD && robust.held[t][i].mutex != m)
        i++;
    if (i == HELD && !m)
        machine->unmodelled("holds more than 8 robust mutexes", pc);
    return i;
}

int robust_make(pthread_mutex_t *m, const pthread_mutexattr_t *attributes)
{
    int how = PTHREAD_MUTEX_STALLED;

    if (attributes && pthread_mutexattr_getrobust(attributes, &how) != 0)
        return EINVAL;
    if (how == PTHREAD_MUTEX_ROBUST)
        m->__data.__kind |= ROBUST;
    return 0;
}

int robust_taken(pthread_mutex_t *m, const void *pc)
{
    if (!is_robust(m))
        return 0;
    if (m->__data.__nusers == LOST) {
        machine->unlock(m, pc);
        return ENOTRECOVERABLE;
    }
    unsigned t = machine->self(), i = find(NULL, pc);
    robust.held[t][i].mutex = m;
    robust.held[t][i].pc = pc;
    if (m->__data.__nusers != ORPHANED)
        return 0;
    m->__data.__nusers = DOUBTFUL;
    return EOWNERDEAD;
}

void robust_left(pthread_mutex_t *m, const void *pc)
{
    if (!is_robust(m))
        return;
    unsigned i = find(m, pc);
    if (i == HELD) /* it is not held, which the driver says */
        return;
    robust.held[machine->self()][i].mutex = NULL;
    if (m->__data.__nusers == DOUBTFUL)
        m->__data.__nusers = LOST;
}

void robust_thread_ends(void)
{
    if (!machine->self || robust.execution != machine->execution())
        return;
    for (unsigned t = machine->self(), i = 0; i < HELD; i++) {
        pthread_mutex_t *m = robust.held[t][i].mutex;
        if (!m)
            continue;
        robust.held[t][i].mutex = NULL;
        m->__data.__nusers = ORPHANED;
        m->__data.__owner = 0;
        m->__data.__count = 0;
        if (machine->note)
            machine->note("ends, and still holds", m, robust.held[t][i].pc);
        machine->unlock(m, robust.held[t][i].pc);
    }
}

int check_mutex_consistent(pthread_mutex_t *m)
{
    if (!is_robust(m) || m->__data.__nusers != DOUBTFUL)
        return EINVAL;
    m->__data.__nusers = SOUND;
    return 0;
}
