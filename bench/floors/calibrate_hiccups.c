/*
 * calibrate_hiccups.c - how often the machine does other work.
 *
 * A thread on each processor does nothing but look at the clock.  Whatever comes
 * between two looks, the kernel's interrupts and the hypervisor's absences among
 * it, would also come between two steps of a strategy.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "bench/floors/calibrate.h"
#include "bench/floors/histogram.h"
#include "locks/parts/platform.h"

enum { MAX_WATCHERS = 64 };

static const uint64_t watch_ns = 400000000;
static const uint64_t lost_above_ns = 1000; /* more than any look at the clock takes */
static const double thresholds[CALIBRATION_GAPS] = { 1e3, 1e4, 1e5, 1e6 };

struct watcher {
    CONTEND_ALIGNED struct histogram gaps;
    const cpu_set_t *allowed;
    unsigned number;
    uint64_t ns, lost_ns;
    uint64_t above[CALIBRATION_GAPS];
};

static void *watch(void *arg)
{
    struct watcher *me = arg;

    contend_pin_thread(me->allowed, me->number);
    uint64_t start = contend_clock_ns(), last = start, now;
    do {
        now = contend_clock_ns();
        uint64_t gap = now - last;
        histogram_add(&me->gaps, gap);
        if (gap > lost_above_ns) {
            me->lost_ns += gap;
            for (int i = 0; i < CALIBRATION_GAPS; i++)
                me->above[i] += (double)gap > thresholds[i];
        }
        last = now;
    } while (now - start < watch_ns);
    me->ns = now - start;
    return NULL;
}

static void sum_up(struct calibration *c, struct watcher *watchers, unsigned count)
{
    struct histogram *all = &watchers[0].gaps;
    uint64_t ns = 0, lost = 0;

    for (unsigned i = 0; i < count; i++) {
        ns += watchers[i].ns;
        lost += watchers[i].lost_ns;
        if (i > 0)
            histogram_merge(all, &watchers[i].gaps);
    }
    c->hiccup_p999_ns = histogram_quantile(all, 0.999);
    c->hiccup_longest_ns = (double)all->max;
    c->hiccup_lost = 100 * (double)lost / (double)ns;
    for (int k = 0; k < CALIBRATION_GAPS; k++) {
        uint64_t above = 0;
        for (unsigned i = 0; i < count; i++)
            above += watchers[i].above[k];
        c->gaps[k].per_s = (double)above / ((double)ns / 1e9);
    }
    c->hiccup_10us = c->gaps[1].per_s;
}

void calibrate_hiccups(struct calibration *c, const cpu_set_t *allowed)
{
    int cpus = CPU_COUNT(allowed);
    unsigned count = cpus < 1 ? 1 : cpus > MAX_WATCHERS ? MAX_WATCHERS : (unsigned)cpus;
    unsigned started = 0;
    pthread_t threads[MAX_WATCHERS];
    struct watcher *watchers = contend_alloc_aligned(count * sizeof *watchers);

    c->hiccup_p999_ns = c->hiccup_longest_ns = c->hiccup_10us = c->hiccup_lost = NAN;
    for (int k = 0; k < CALIBRATION_GAPS; k++)
        c->gaps[k] = (struct calibration_gap){ thresholds[k], NAN };
    if (!watchers)
        return;
    memset(watchers, 0, count * sizeof *watchers);
    while (started < count) {
        watchers[started].allowed = allowed;
        watchers[started].number = started;
        if (pthread_create(&threads[started], NULL, watch, &watchers[started]) != 0)
            break;
        started++;
    }
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    if (started)
        sum_up(c, watchers, started);
    free(watchers);
}
