/*
 * crew.h - threads that work together: the engine under every kind of run.
 *
 * The thread that makes a crew is its leader.  The workers rest until the leader has them do a
 * phase, and rest again once all of them have done it:
 *
 *     error = crew_make(&crew, &plan);
 *     error = crew_perform(crew, &attach, NULL);
 *     error = crew_perform(crew, &timed, &covariates);
 *     crew_end(crew);
 *
 * Workers have roles, each with a function of its own in each phase; roles without a
 * function rest.  All workers of a phase share a start instant and a deadline, which they
 * look at themselves; so a phase is as bounded as its functions are.  In a measured phase
 * the crew reads the meters of every worker and of the machine.
 *
 * The leader is free between crew_start() and crew_finish(): it may park a worker at a random
 * instruction, take samples, or wait for what ends a service and then ask the crew to stop.
 *
 * A crew has no state outside of itself, so that one process may have several.
 */
#ifndef CONTEND_BENCH_ENGINE_CREW_H
#define CONTEND_BENCH_ENGINE_CREW_H

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/base/interrupt.h"
#include "bench/engine/stint.h"
#include "locks/parts/platform.h"

enum { CREW_ROLES = 8, CREW_ANYWHERE = -1 };

struct crew;

struct crew_role {
    unsigned count; /* 0: no worker has this role */
    /*
     * The first worker is pinned to the allowed processor of this index, each other one to
     * the next, modulo their number.  CREW_ANYWHERE: the kernel chooses among those allowed.
     */
    int cpu;
    /* Works beside the others, as a sweeper does: it does not count in the covariates. */
    bool beside;
};

struct crew_plan {
    struct crew_role roles[CREW_ROLES];
    cpu_set_t allowed; /* taken before anything was pinned */
    void *shared;      /* passed to all workers */
};

/* What a worker knows.  Padded: the worker writes its stint while others are measured. */
struct crew_worker {
    CONTEND_ALIGNED unsigned number; /* in the crew: role by role, from 0 */
    unsigned role, rank;             /* rank: its number within the role */
    void *shared;
    void *self;                      /* its own; the leader may set it while the crew rests */
    int tid;                         /* as the kernel knows the thread; from its first phase on */
    uint64_t start_ns, deadline_ns;  /* of this phase; UINT64_MAX: no deadline */
    const _Atomic bool *stop;
    struct stint stint;              /* of the latest phase that the worker took part in */
};

/* Returns 0, or a negative errno value, which becomes the phase's. */
typedef int crew_work(struct crew_worker *me);

struct crew_phase {
    crew_work *work[CREW_ROLES]; /* NULL: the role rests */
    unsigned most;      /* only workers whose number is below take part; 0: all do */
    uint64_t length_ns; /* from the start to the deadline; 0: there is no deadline */
    bool measured;
};

/*
 * Makes the workers.  Returns 0, -ENOMEM, -EINVAL (no worker, or no allowed processor), or
 * the error of making or pinning a thread; after an error there is no crew.
 */
int crew_make(struct crew **out, const struct crew_plan *plan);

/*
 * Begins a phase, and returns while it is under way.  The start instant lies a little later, so
 * that all workers are awake by then.  Returns 0, or -EBUSY if the last phase is not finished.
 */
int crew_start(struct crew *c, const struct crew_phase *phase);

/*
 * Waits until the phase is over.  A worker that is parked when all others are done is
 * released.  The error is that of the worker with the lowest number; `out`, which may be
 * NULL, gets the covariates of a measured phase, all but line_ns and placement.
 */
int crew_finish(struct crew *c, struct covariates *out);

/* crew_start() and crew_finish(). */
int crew_perform(struct crew *c, const struct crew_phase *phase, struct covariates *out);

/*
 * Ends the crew, first the phase that is under way: parked workers are released, and all are
 * asked to stop.
 */
void crew_end(struct crew *c);

/*
 * Asks the workers to end this phase, and all later ones, until the request is taken back.  Any
 * thread may ask.  It affects only functions that look at crew_is_stopping(); one that cleans up
 * need not look.
 */
void crew_ask_stop(struct crew *c);
void crew_take_back_stop(struct crew *c);

/*
 * Stops a worker at whatever instruction of its function it has come to, for `ns` or until it is
 * released.  Returns once it stands still: 0, or -ESRCH if its function is over, or
 * -EBUSY if it is parked already.  The leader must not need what the worker may hold, such
 * as the allocator's lock.
 */
int crew_park(struct crew *c, unsigned worker, uint64_t ns);
void crew_release(struct crew *c, unsigned worker);

unsigned crew_size(const struct crew *c);
/* The worker of that number, for the leader while the crew rests. */
struct crew_worker *crew_worker_at(struct crew *c, unsigned number);
const struct crew_plan *crew_plan_of(const struct crew *c);
/* The start of the latest phase, and its deadline, UINT64_MAX if it has none. */
uint64_t crew_start_ns(const struct crew *c);
uint64_t crew_deadline_ns(const struct crew *c);

/*
 * Processor time that the process spent in the latest measured phase outside of the crew and
 * its leader: that of threads which the object under test has made for itself.
 */
uint64_t crew_outside_cpu_ns(const struct crew *c);

/* For workers: whether this phase should end early. */
static inline bool crew_is_stopping(const struct crew_worker *me)
{
    /* relaxed: it only ends a loop; what the others did is ordered by the end of the phase. */
    return atomic_load_explicit(me->stop, memory_order_relaxed) || interrupt_came();
}

/* For workers: whether there is more to do at the time `now`. */
static inline bool crew_goes_on(const struct crew_worker *me, uint64_t now)
{
    return now < me->deadline_ns && !crew_is_stopping(me);
}

/* Spins until the common start, stamps it as the worker's first and returns the time. */
static inline uint64_t crew_await_start(struct crew_worker *me)
{
    uint64_t now;

    while ((now = contend_clock_ns()) < me->start_ns)
        contend_cpu_relax();
    me->stint.first_ns = now;
    return now;
}

/* For the leader: sleeps while the workers go on. */
static inline void crew_sleep(uint64_t ns)
{
    nanosleep(&(struct timespec){ .tv_sec = (time_t)(ns / 1000000000),
                                  .tv_nsec = (long)(ns % 1000000000) }, NULL);
}

/*
 * Waits for an instant of a schedule, asleep for most of the time.  Returns the time, which is
 * earlier only if the deadline came first or the phase is stopping.
 */
uint64_t crew_await(const struct crew_worker *me, uint64_t instant_ns);

#endif
