/*
 * stint.h - one worker's time at work, and how the machine disturbed it.
 *
 * A worker stamps its own begin and end, so that its rate is over its own time.  The
 * kernel's meters are read outside of these stamps: reading one opens a file, which
 * may take long.
 */
#ifndef CONTEND_BENCH_ENGINE_STINT_H
#define CONTEND_BENCH_ENGINE_STINT_H

#include <stdbool.h>
#include <stdint.h>

struct stint {
    /* Written by the worker; all 0 if it did nothing. */
    uint64_t ops, first_ns, last_ns, longest_gap_ns;
    /* Read by the crew from the meters, if the phase is measured. */
    uint64_t cpu_ns, involuntary;
    double run_delay_ns; /* NAN = unavailable */
};

/* Where the two processors of a contended window stood, by how long a line takes between them. */
enum placement { PLACEMENT_NONE, PLACEMENT_NEAR, PLACEMENT_FAR };

/* What happened to the machine meanwhile.  A window is rejected for these, not for its result. */
struct covariates {
    double run_delay;   /* the time that the worst worker was ready but not running, as a part
                           of the phase; NAN = unavailable */
    double steal;       /* as a part of all processors' time; NAN = unavailable */
    uint64_t involuntary_switches;
    double start_skew;  /* from the first start to the last, as a part of the phase */
    double overrun;     /* from the deadline to the last stop, as a part of the phase */
    double line_ns;     /* one way between the first two processors; NAN = not measured */
    enum placement placement;
};

/* The calling thread's processor time; a call takes part of a microsecond. */
uint64_t stint_cpu_ns(void);
/* Adds the calling thread's meters with this sign: -1 before the first stamp, +1 after the last. */
void stint_read_meters(struct stint *s, int sign);

/* The processors' time since boot, in ticks. */
struct ticks {
    double steal, all;
    bool known; /* false when the kernel does not say */
};
struct ticks stint_read_ticks(void);
/* The stolen part of the time between two readings, or NAN. */
double stint_stolen(struct ticks before, struct ticks after);

/*
 * Fills the covariates that follow from the workers' stints: all but steal, line_ns and
 * placement.  Without a deadline (UINT64_MAX) the parts are those of the time from the
 * first start to the last stop.
 */
void stint_fill_covariates(const struct stint *const *stints, unsigned count, uint64_t start_ns,
                           uint64_t deadline_ns, struct covariates *out);

#endif
