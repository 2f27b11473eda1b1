/* detect_quality.c - the lives of many clients, one after the other, as a detector sees them. */
#include "bench/serve/labs/detect_quality.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "locks/parts/allocator.h"

/* A beat that arrives at `arrival`, or the crash then: what was wrong before it. */
static void judge(struct quality *q, uint64_t deadline, uint64_t arrival)
{
    if (arrival < deadline)
        return;
    q->mistakes++;
    q->wrong_us += (double)(arrival - deadline);
}

/* One client: its beats, then a crash at a random instant of the interval after the last one sent. */
static void live(const struct quality_run *run, void *detector, uint64_t client, struct quality *q)
{
    const struct detect_config config = { .interval_us = (uint64_t)run->interval_us,
                                          .dial = run->dial };
    uint64_t first = 0, crash = 0;
    struct beats beats;

    run->ops->init(detector, &config);
    beats_begin(&beats, run->network, run->interval_us, run->seed, client);
    for (uint64_t i = 0; i < run->beats; i++) {
        struct beat beat = beats_next(&beats);
        crash = beat.sent_us;
        if (!beat.arrival_us)
            continue;
        if (first)
            judge(q, run->ops->deadline(detector), beat.arrival_us);
        else
            first = beat.arrival_us;
        run->ops->heard(detector, beat.number, beat.arrival_us);
    }
    if (!first)
        return;
    crash += (uint64_t)(random_unit(&beats.random) * run->interval_us);
    uint64_t deadline = run->ops->deadline(detector);
    double late = deadline > crash ? (double)(deadline - crash) : 0;
    q->clients++;
    q->lived_us += (double)crash - (double)first;
    q->detection_us += late;
    q->detection_worst_us = fmax(q->detection_worst_us, late);
    /* Suspected at the crash already: that began as a mistake. */
    if (deadline < crash) {
        q->mistakes++;
        q->wrong_us += (double)(crash - deadline);
    }
}

int quality_measure(const struct quality_run *run, struct quality *out)
{
    enum { LOOK = 1024 };
    void *detector = contend_alloc(run->ops->align, run->ops->size);

    *out = (struct quality){ 0 };
    if (!detector)
        return -ENOMEM;
    for (uint64_t client = 0; client < run->clients; client++) {
        if (client % LOOK == 0 && run->is_over && run->is_over(run->ctx))
            break;
        live(run, detector, client, out);
    }
    if (out->clients)
        out->detection_us /= (double)out->clients;
    free(detector);
    return 0;
}
