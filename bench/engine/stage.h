/*
 * stage.h - an object with a crew that is ready to use it: what every kind of run begins with.
 *
 * A stage makes a fresh object and the workers for it.  All workers attach; at most one a
 * processor fills the object; all warm up, and measure how many operations fit between two
 * looks at the clock.  Then the run does phases of its own, one or many, and at the end the
 * stage checks the object for conservation:
 *
 *     error = stage_make(&stage, &plan, out);
 *     crew_perform(stage->crew, &mine, NULL);
 *     stage_end(stage, out);
 *
 * Virtual time.  A frozen clock would turn heartbeats into reads where stamps are seconds; a
 * clock that moves with each operation would let a thread that runs ahead expire the users of
 * the others.  So virtual time is real time, speeded up until every user beats once in ten
 * seconds at the rate of the run.
 */
#ifndef CONTEND_BENCH_ENGINE_STAGE_H
#define CONTEND_BENCH_ENGINE_STAGE_H

#include "bench/engine/crew.h"
#include "bench/engine/subject.h"
#include "bench/engine/window.h"

/* Without roles in the cell all are WORKERS; with them the READERS come first. */
enum stage_role { STAGE_READERS, STAGE_WORKERS, STAGE_SWEEPER, STAGE_HOGS };

struct stage;

/* What a worker keeps beside its part of the subject; a crew_worker's self. */
struct stage_worker {
    CONTEND_ALIGNED struct subject_worker *side;
    struct stage *stage;
    void *own;         /* the run's, for this worker */
    bool attached;
    size_t batch;      /* operations between two looks at the clock */
    double warm_rate;  /* operations per ns */
    double late_ms;    /* the most virtual time between taking it and the end of a call with it */
};

struct stage {
    struct subject subject;
    const struct window_settings *settings;
    struct crew *crew;
    void *run;           /* the run's, for all workers */
    _Atomic uint64_t warm_ms; /* how far virtual time has come in the warm-up */
    uint64_t epoch_ms;       /* virtual time at the start of a phase ... */
    unsigned slowed;         /* workers rest so many percent of the time that batches take */
    double virtual_per_real; /* ... and how many virtual ms pass in a real ns */
    unsigned count, sides;   /* workers, without and with the sweeper */
    unsigned parts;          /* of the prefill */
    struct stage_worker *workers;
    struct subject_worker *users;
};

/*
 * Makes it.  0; or a negative errno value that is in out->error too, with the reason in out->why:
 * then there is no stage.  The cell must have threads, and keys.
 */
int stage_make(struct stage **made, const struct cell *cell, const struct contestant *who,
               const struct window_settings *settings, struct window_result *out);

/*
 * Detaches all, checks what the object holds and fills that part of *out, and ends it.  After an
 * error, which is in out->error, nothing is checked.
 */
int stage_end(struct stage *s, struct window_result *out);

/* Between phases: from here on all workers together write at this rate, per ns. */
void stage_set_pace(struct stage *s, double writes_per_ns);
/* The pace that the warm-up measured. */
double stage_warm_pace(const struct stage *s);
/* After a phase of virtual time: the next one goes on where it ended. */
void stage_advance(struct stage *s);

/* The virtual time at an instant of a phase that began at start_ns. */
static inline uint64_t stage_now(const struct stage *s, uint64_t start_ns, uint64_t real_ns)
{
    if (real_ns <= start_ns)
        return s->epoch_ms;
    return s->epoch_ms + (uint64_t)((double)(real_ns - start_ns) * s->virtual_per_real);
}

/* What a worker does in a window: batches of operations until the deadline. */
int stage_batches(struct crew_worker *me);
/* What a sweeper does in every timed phase: sweeps in small steps until the deadline. */
int stage_sweeper(struct crew_worker *me);
/* What a hog does: it uses up its processor's time until the deadline. */
int stage_hog(struct crew_worker *me);

static inline struct stage *stage_of(const struct crew_worker *me)
{
    return me->shared;
}

#endif
