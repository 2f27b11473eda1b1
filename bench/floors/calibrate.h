/*
 * calibrate.h - what this machine costs before any strategy does anything.
 *
 * The floors stand beside every table: a strategy's figure means little without
 * the price of an addition, of a locked addition, of moving a line, of sleeping
 * and waking, and without how often the machine does other work.
 */
#ifndef CONTEND_BENCH_FLOORS_CALIBRATE_H
#define CONTEND_BENCH_FLOORS_CALIBRATE_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CALIBRATION_PAIRS = 2016, /* of processors: all of 64 */
    CALIBRATION_GAPS = 4      /* thresholds of the hiccups */
};

/* A line's way between two processors, by their ids. */
struct calibration_line {
    unsigned short a, b;
    double ns;
};

/* How often a spinning thread was held up for longer than `above_ns`. */
struct calibration_gap {
    double above_ns, per_s;
};

/* NAN where a figure is not available here. */
struct calibration {
    double clock_ns;      /* one look at the monotonic clock */
    double coarse_ns;     /* one look at the coarse one */
    double loop_ns;       /* one turn of an empty loop with the compiler barrier */
    double add_ns;        /* one register operation that waits for another */
    double plain_ns;      /* one volatile ++ in memory, in such a loop */
    double locked_ns;     /* one uncontended atomic fetch-and-add, in such a loop */
    double cas_ns;        /* one uncontended compare-and-swap that succeeds */
    double fence_ns;      /* a store and a sequentially consistent fence */
    double mutex_ns;      /* pthread_mutex_lock and _unlock */
    double semaphore_ns;  /* sem_wait and sem_post */

    double line_min_ns;   /* a line's way between two processors, for the nearest pair */
    double line_max_ns;   /* the same for the farthest pair */
    double slowdown;      /* time of a register loop on all processors at once / on one alone */
    double loads_1;       /* million random line loads a second over 64 MiB, one thread */
    double loads_all;     /* the same, one thread per processor (at most 2) */

    double l1_ns, l2_ns, l3_ns; /* a load whose address is the last one's result, by level */
    double dram_ns;       /* the same over dram_mib, in pages of the usual size */
    double dram_huge_ns;  /* the same in huge pages */
    double dram_mib;

    double wake_ns;       /* waking a futex that nobody waits for */
    double handover_ns;   /* from a futex wake to the other's return, on one processor */
    double handover_far_ns; /* the same on two processors */
    double switch_ns;     /* a hand-over through a pipe, on one processor */
    double membarrier_ns; /* private expedited, while another thread runs */

    double hiccup_p999_ns;    /* 999 of 1,000 looks at the clock follow the last one within this */
    double hiccup_longest_ns; /* the longest time between two looks */
    double hiccup_10us;       /* held up for longer than 10 us: a second and processor */
    double hiccup_lost;       /* part of the time that was lost in gaps above 1 us, % */

    unsigned line_count;
    struct calibration_line lines[CALIBRATION_PAIRS];
    struct calibration_gap gaps[CALIBRATION_GAPS];
};

/* Sets every figure to NAN. */
void calibrate_nothing(struct calibration *c);

/*
 * Takes about four seconds.  Shows its progress on standard error, unless `quiet`.  What needs a
 * thread or memory that is not to be had is NAN; at most a quarter of the memory that is
 * available is asked for.  An interrupt ends it within a second: what was not measured is NAN.
 */
void calibrate(struct calibration *c, const cpu_set_t *allowed, bool quiet);

/*
 * A loop of dependent operations, about half a millisecond: ns per turn.  Its drift shows that
 * the machine changed.
 */
double calibrate_floor_probe(void);

/* The figures by name and unit, for tables and files: NULL after the last. */
struct calibration_field {
    const char *name, *unit, *title;
    size_t offset;
};
extern const struct calibration_field calibration_fields[];
double calibration_value(const struct calibration *c, const struct calibration_field *f);

/* The parts that have files of their own; each sets its figures, NAN included. */
void calibrate_memory(struct calibration *c, uint64_t available);
void calibrate_kernel(struct calibration *c, const cpu_set_t *allowed);
void calibrate_hiccups(struct calibration *c, const cpu_set_t *allowed);

#endif
