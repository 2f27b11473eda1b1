/*
 * semaphore.h - the semaphore's value is the counter.
 *
 * Idea: a clap is a post, an undo is a wait that does not block.  No thread ever
 *   blocks on it: the semaphore is used only for its value.
 * Invariant: the value of the semaphore is the sum; 0 <= sum <= SEM_VALUE_MAX.
 * Linearisation points: add(+1) at the post, add(-1) at the successful trywait,
 *   read at sem_getvalue's load.  add(n) is n separate steps.
 * Progress: lock-free: glibc's post and trywait are compare-and-swap loops.
 * Read guarantee: linearizable for claps of one; for larger n a read may see
 *   some of the steps (intermediate); with larger undos also steps that are
 *   taken back because the sum would fall below 0 (quiescent).
 * Cost: |n| locked instructions on one line that all threads write, and a call.
 *   40 bytes.
 * Breaks when: n is large; the sum must be negative or above SEM_VALUE_MAX
 *   (2,147,483,647): -EOVERFLOW.  An undo of n > 1 that fails holds up to n - 1
 *   units for an instant, and an undo that runs beside it may fail for that.
 * Use when: a thread must later wait for the count.  As a mere counter, never.
 * Reference: E. W. Dijkstra, "Cooperating Sequential Processes", 1965;
 *   IEEE Std 1003.1 (sem_post, sem_trywait, sem_getvalue).
 */
#ifndef CONTEND_COUNTERS_SEMAPHORE_H
#define CONTEND_COUNTERS_SEMAPHORE_H

#include <semaphore.h>
#include <stdbool.h>

#include "counters/parts/attached.h"
#include "counters/counter.h"

#ifndef SEM_VALUE_MAX
#define SEM_VALUE_MAX INT_MAX /* glibc's value, behind a feature test in <limits.h> */
#endif

struct counter_semaphore {
    sem_t sem;
    counter_attached attached;
};

COUNTER_EMPTY_HANDLE(semaphore)

static inline int counter_semaphore_init(struct counter_semaphore *c,
                                         const struct counter_config *config)
{
    struct counter_config resolved;
    int error = counter_config_resolve(&resolved, config, NULL);

    if (error)
        return error;
    atomic_init(&c->attached, 0);
    return sem_init(&c->sem, 0, 0) == 0 ? 0 : -errno;
}

static inline int counter_semaphore_fini(struct counter_semaphore *c)
{
    if (counter_attached_count(&c->attached))
        return -EBUSY;
    return sem_destroy(&c->sem) == 0 ? 0 : -errno;
}

static inline int64_t counter_semaphore_read(struct counter_semaphore *c,
                                             struct counter_semaphore_handle *h)
{
    int value = 0;

    (void)h;
    sem_getvalue(&c->sem, &value);
    return value;
}

/* One step up or down; false when the bound is reached. */
static inline bool counter_semaphore_step(struct counter_semaphore *c, bool up)
{
    return (up ? sem_post(&c->sem) : sem_trywait(&c->sem)) == 0;
}

static inline int counter_semaphore_add(struct counter_semaphore *c,
                                        struct counter_semaphore_handle *h, int64_t n)
{
    bool up = n > 0;
    int64_t value = counter_semaphore_read(c, h);

    /* An n that cannot fit is refused now, not after two thousand million steps. */
    if (up ? n > SEM_VALUE_MAX - value : n < -value)
        return -EOVERFLOW;
    for (int64_t done = 0; done != n; done += up ? 1 : -1) {
        CONTEND_STEP("semaphore: some of n done");
        if (counter_semaphore_step(c, up))
            continue;
        /* Other threads reached the bound first: undo our steps. */
        for (; done != 0; done -= up ? 1 : -1)
            while (!counter_semaphore_step(c, !up))
                contend_cpu_relax(); /* the other bound is 2^31 away: at once free again */
        return -EOVERFLOW;
    }
    return 0;
}

COUNTER_NO_ADD_GET(semaphore)
COUNTER_NO_QUIESCENCE(semaphore)

static const struct counter_traits counter_semaphore_traits = {
    .id = {
        .name = "semaphore",
        .title = "the semaphore's value is the counter",
        .reference = "Dijkstra, Cooperating Sequential Processes, 1965",
    },
    .add = CONTEND_LOCK_FREE,
    .read = CONTEND_WAIT_FREE,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_INTERMEDIATE },
    .undo = { .kind = COUNTER_QUIESCENT },
    .features = COUNTER_COSTS_ABS_N | COUNTER_REFUSES_EARLY,
    .min = 0,
    .max = SEM_VALUE_MAX,
    .bytes = sizeof(struct counter_semaphore),
    .bytes_per_thread = sizeof(struct counter_semaphore_handle),
};

COUNTER_STATIC_TRAITS(semaphore)

#endif
