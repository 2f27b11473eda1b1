/* open_loop.c - the phase of an open loop. */
#include "bench/engine/open_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEFT_OVER = 200, /* it copes if less than this part of the operations is left over */
    IN_FLIGHT = 16   /* and those that were due when the time was up do not count */
};

struct open_worker {
    CONTEND_ALIGNED struct schedule schedule;
    struct histogram response, service;
    uint64_t served, due;
    uint64_t waited_ns;
};

/* How many operations a call has. */
static unsigned call_of(const struct stage *s)
{
    unsigned batch = cell_batch(s->subject.cell);

    return batch ? batch : 1;
}

static int open_part(struct crew_worker *me)
{
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;
    struct open_worker *open = own->own;
    const struct schedule *schedule = &open->schedule;
    const struct subject_kind *kind = s->subject.kind;
    unsigned call = call_of(s);
    uint64_t now = crew_await_start(me);
    size_t i = 0;

    for (; i < schedule->count && crew_goes_on(me, now); i++) {
        uint64_t due = me->start_ns + schedule->at_ns[i], begun = now;
        if (due > now) {
            begun = crew_await(me, due);
            open->waited_ns += begun - now;
            if (begun < due)
                break;
        }
        kind->run(&s->subject, own->side, call, stage_now(s, me->start_ns, begun));
        now = contend_clock_ns();
        histogram_add(&open->service, now - begun);
        histogram_add(&open->response, now - due);
    }
    open->served = i;
    me->stint.ops = i;
    me->stint.last_ns = now;
    /* What nobody came to: it has waited until now, and would wait longer. */
    for (; i < schedule->count && me->start_ns + schedule->at_ns[i] < now; i++)
        histogram_add(&open->response, now - (me->start_ns + schedule->at_ns[i]));
    open->due = i;
    return 0;
}

static void collect(struct open_worker *workers, unsigned count, unsigned call,
                    const struct open_loop_plan *plan, struct open_loop_result *out)
{
    uint64_t waited = 0;

    for (unsigned i = 0; i < count; i++) {
        out->due += workers[i].due;
        out->served += workers[i].served;
        waited += workers[i].waited_ns;
        histogram_merge(&out->response, &workers[i].response);
        histogram_merge(&out->service, &workers[i].service);
    }
    out->busy = 1 - (double)waited / ((double)plan->length_ns * count);
    out->copes = out->due - out->served <= out->due / LEFT_OVER + IN_FLIGHT * count;
    out->due *= call;
    out->served *= call;
}

/* Stops worker 0 in the middle, and waits: at the end of a phase the crew would release it. */
static void pause_one(struct stage *s, const struct open_loop_plan *plan)
{
    uint64_t rest = plan->length_ns > plan->pause_ns ? plan->length_ns - plan->pause_ns : 0;

    crew_sleep(rest / 2);
    if (crew_park(s->crew, 0, plan->pause_ns) == 0)
        crew_sleep(plan->pause_ns);
}

int open_loop_run(struct stage *s, const struct open_loop_plan *plan, struct open_loop_result *out)
{
    struct crew_phase phase = {
        .work = { open_part, open_part, stage_sweeper },
        .length_ns = plan->length_ns,
        .measured = true,
    };
    unsigned count = s->count, call = call_of(s);
    struct open_worker *workers = contend_alloc_aligned(count * sizeof *workers);
    double writes = 0;
    int error = workers ? 0 : -ENOMEM;

    *out = (struct open_loop_result){ .due = 0 };
    if (error)
        return error;
    memset(workers, 0, count * sizeof *workers);
    for (unsigned i = 0; i < count && !error; i++) {
        error = schedule_draw(&workers[i].schedule, plan->arrivals, plan->per_s / count / call,
                              plan->length_ns, count, plan->seed + i);
        s->workers[i].own = &workers[i];
        writes += cell_write_share(s->subject.cell, i) / count;
    }
    if (!error) {
        stage_set_pace(s, plan->per_s * writes / 1e9);
        crew_start(s->crew, &phase);
        if (plan->pause_ns)
            pause_one(s, plan);
        crew_finish(s->crew, &out->covariates);
        stage_advance(s);
        collect(workers, count, call, plan, out);
    }
    for (unsigned i = 0; i < count; i++) {
        schedule_free(&workers[i].schedule);
        s->workers[i].own = NULL;
    }
    free(workers);
    return error;
}
