/* crowd.c - a phase of batches, and one in which each operation is timed. */
#include "bench/engine/crowd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/engine/rates.h"

struct crowd_worker {
    CONTEND_ALIGNED struct histogram took;
};

static int timed_part(struct crew_worker *me)
{
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;
    struct crowd_worker *mine = own->own;
    uint64_t ops = 0, now = crew_await_start(me);

    while (crew_goes_on(me, now)) {
        uint64_t begun = now;
        s->subject.kind->run(&s->subject, own->side, 1, stage_now(s, me->start_ns, begun));
        now = contend_clock_ns();
        histogram_add(&mine->took, now - begun);
        ops++;
    }
    me->stint.last_ns = now;
    me->stint.ops = ops;
    return 0;
}

static void perform(struct stage *s, crew_work *work, uint64_t length_ns, struct covariates *out)
{
    struct crew_phase phase = {
        .work = { work, work, stage_sweeper, stage_hog }, .length_ns = length_ns, .measured = true,
    };

    crew_perform(s->crew, &phase, out);
}

int crowd_run(struct stage *s, uint64_t length_ns, struct crowd_result *out)
{
    struct crowd_worker *workers = contend_alloc_aligned(s->count * sizeof *workers);
    struct window_result *figures = &out->figures;
    double delay;

    memset(out, 0, sizeof *out);
    if (!workers)
        return -ENOMEM;
    memset(workers, 0, s->count * sizeof *workers);
    for (unsigned i = 0; i < s->count; i++)
        s->workers[i].own = &workers[i];
    perform(s, stage_batches, length_ns, &figures->covariates);
    rates_fill(s->crew, figures, NULL);
    stage_advance(s);
    delay = figures->covariates.run_delay;
    perform(s, timed_part, length_ns, &figures->covariates);
    stage_advance(s);
    figures->covariates.run_delay = fmax(delay, figures->covariates.run_delay);
    for (unsigned i = 0; i < s->count; i++) {
        histogram_merge(&out->took, &workers[i].took);
        s->workers[i].own = NULL;
    }
    figures->longest_gap_ns = fmax(figures->longest_gap_ns, (double)out->took.max);
    free(workers);
    return figures->ops && out->took.count ? 0 : -ETIME;
}
