/*
 * calibrate.h - what this machine costs before any strategy does anything.
 *
 * The floors stand beside every table: a strategy's figure means little without
 * the price of an addition, of a locked addition, and of moving a line.
 */
#ifndef CONTEND_BENCH_CALIBRATE_H
#define CONTEND_BENCH_CALIBRATE_H

#include <sched.h>
#include <stddef.h>

/* NAN where a figure is not available here. */
struct calibration {
    double clock_ns;      /* one look at the monotonic clock */
    double loop_ns;       /* one turn of an empty loop with the compiler barrier */
    double add_ns;        /* one register operation that waits for another */
    double plain_ns;      /* one volatile ++ in memory, in such a loop */
    double locked_ns;     /* one uncontended atomic fetch-and-add, in such a loop */
    double line_min_ns;   /* a line's way between two processors: the nearest pair ... */
    double line_max_ns;   /* ... and the farthest */
    double slowdown;      /* time of a register loop on all processors at once / on one alone */
    double loads_1;       /* million random line loads a second over 64 MiB, one thread */
    double loads_all;     /* the same, one thread per processor (at most 2) */
};

struct calibration calibrate(const cpu_set_t *allowed);

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

#endif
