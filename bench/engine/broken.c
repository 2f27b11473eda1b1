/* broken.c - mistakes, one function each. */
#include "bench/engine/broken.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "bench/base/random.h"
#include "bench/engine/open_loop.h"
#include "bench/engine/rates.h"

enum {
    FEW = 1000,           /* operations of each worker without a barrier */
    SHORT_NS = 10000,     /* each of the windows of which the best one counts */
    LUCK = 4,             /* times as long, so that each strategy has its best window */
    LONGEST_NS = 1000000000,
    REMOVALS = 64,        /* operations between two waits for reclamation */
    RECLAIM_NS = 1000000, /* the longest such wait */
    LOOK = 16             /* operations between two looks at the clock */
};

struct mistake {
    _Atomic uint64_t *results; /* one for each worker, side by side */
    double iterations_ns;      /* equal iterations: what all of them should take */
};

static const struct mistake *mistake_of(const struct crew_worker *me)
{
    return stage_of(me)->run;
}

static void step(struct crew_worker *me, size_t n, uint64_t now)
{
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;

    s->subject.kind->run(&s->subject, own->side, n, stage_now(s, me->start_ns, now));
}

static int finish(struct crew_worker *me, uint64_t ops, uint64_t now)
{
    me->stint.ops = ops;
    me->stint.last_ns = now;
    return 0;
}

static int unpadded(struct crew_worker *me)
{
    _Atomic uint64_t *mine = &mistake_of(me)->results[me->number];
    uint64_t ops = 0, now = crew_await_start(me);

    for (; crew_goes_on(me, now); now = contend_clock_ns())
        for (int i = 0; i < LOOK; i++) {
            step(me, 1, now);
            /* relaxed: the others' lines are what it disturbs, not their values. */
            atomic_store_explicit(mine, ++ops, memory_order_relaxed);
        }
    return finish(me, ops, now);
}

/* A uniform draw, and what a generator of Zipf's distribution does with it. */
static int generator(struct crew_worker *me)
{
    struct random r = random_seeded(1, me->number);
    uint64_t ops = 0, now = crew_await_start(me);
    double sink = 0;

    for (; crew_goes_on(me, now); now = contend_clock_ns())
        for (int i = 0; i < LOOK; i++, ops++) {
            sink += pow(random_unit(&r) + 1e-9, 1 / 0.99);
            step(me, 1, now);
        }
    ((struct stage_worker *)me->self)->side->sink += (uint64_t)sink;
    return finish(me, ops, now);
}

/* Each worker does as many.  Such a loop has no deadline; this one gives up after a second. */
static int fixed(struct crew_worker *me, uint64_t begun, uint64_t wanted)
{
    uint64_t ops = 0, now = begun;
    size_t batch = ((const struct stage_worker *)me->self)->batch;

    for (; ops < wanted && now - begun < LONGEST_NS && !crew_is_stopping(me); now = contend_clock_ns()) {
        size_t n = wanted - ops < batch ? (size_t)(wanted - ops) : batch;
        step(me, n, now);
        ops += n;
    }
    return finish(me, ops, now);
}

static int no_barrier(struct crew_worker *me)
{
    me->stint.first_ns = contend_clock_ns();
    return fixed(me, me->stint.first_ns, FEW);
}

/* As many operations as the first worker did in so long of the warm-up. */
static int equal(struct crew_worker *me)
{
    double rate = stage_of(me)->workers[0].warm_rate;
    uint64_t begun = crew_await_start(me);

    return fixed(me, begun, (uint64_t)fmax(1, rate * mistake_of(me)->iterations_ns));
}

static int reclaim(struct crew_worker *me)
{
    const struct subject *s = &stage_of(me)->subject;
    uint64_t ops = 0, now = crew_await_start(me);

    while (crew_goes_on(me, now)) {
        step(me, REMOVALS, now);
        ops += REMOVALS;
        uint64_t until = contend_clock_ns() + RECLAIM_NS;
        while (s->kind->retired && s->kind->retired(s) > 0 && (now = contend_clock_ns()) < until)
            crew_sleep(10000);
        now = contend_clock_ns();
    }
    return finish(me, ops, now);
}

/* ---- figures ---- */

/* All operations over the mean of the workers' times, as a harness of equal iterations has it. */
static double over_mean_time(struct crew *c, unsigned workers)
{
    double ops = 0, time = 0;

    for (unsigned i = 0; i < workers; i++) {
        const struct stint *t = &crew_worker_at(c, i)->stint;
        ops += (double)t->ops;
        time += (double)(t->last_ns - t->first_ns) / workers;
    }
    return time > 0 ? ops / time * 1e9 : NAN;
}

/* Operations a second of one phase. */
static double rate_of_phase(struct stage *s, const struct crew_phase *phase)
{
    struct window_result out = { .error = 0 };

    crew_perform(s->crew, phase, &out.covariates);
    rates_fill(s->crew, &out, NULL);
    stage_advance(s);
    return phase->length_ns ? out.ops_per_s : over_mean_time(s->crew, s->count);
}

static int rate_of(struct stage *s, enum broken kind, bool honest, uint64_t length_ns,
                   double *figure)
{
    static crew_work *const mistakes[BROKEN_KINDS] = {
        [BROKEN_UNPADDED] = unpadded, [BROKEN_GENERATOR] = generator,
        [BROKEN_NO_BARRIER] = no_barrier, [BROKEN_EQUAL] = equal, [BROKEN_RECLAIM] = reclaim,
    };
    crew_work *work = honest || !mistakes[kind] ? stage_batches : mistakes[kind];
    bool best_of = kind == BROKEN_BEST_OF && !honest;
    struct crew_phase phase = { .work = { work, work }, .measured = true, .length_ns = length_ns };
    struct mistake mistake = { .iterations_ns = (double)length_ns / s->count };
    uint64_t until = contend_clock_ns() + (best_of ? LUCK : 1) * length_ns;
    double best = 0, time = 0;
    unsigned phases = 0;

    if (work == equal || work == no_barrier)
        phase.length_ns = 0;
    else if (best_of)
        phase.length_ns = SHORT_NS;
    mistake.results = contend_alloc_aligned(s->count * sizeof *mistake.results);
    if (!mistake.results)
        return -ENOMEM;
    s->run = &mistake;
    do {
        double rate = rate_of_phase(s, &phase);
        best = fmax(best, rate);
        time += 1 / rate;
        phases++;
    } while ((best_of || work == no_barrier) && contend_clock_ns() < until);
    *figure = best_of ? best : phases / time;
    s->run = NULL;
    free((void *)mistake.results);
    return *figure > 0 ? 0 : -ETIME;
}

static int latency_of(struct stage *s, bool honest, uint64_t length_ns, double *figure)
{
    struct open_loop_plan plan = { .arrivals = ARRIVALS_EXPONENTIAL, .per_s = BROKEN_OFFERED_PER_S,
                                   .length_ns = length_ns, .seed = s->settings->seed };
    struct open_loop_result *loop = calloc(1, sizeof *loop);
    int error = loop ? open_loop_run(s, &plan, loop) : -ENOMEM;

    if (!error)
        *figure = histogram_quantile(honest ? &loop->response : &loop->service, 0.99);
    if (!error && !(*figure > 0))
        error = -ETIME;
    free(loop);
    return error;
}

int broken_figure(struct stage *s, enum broken kind, bool honest, uint64_t length_ns,
                  double *figure)
{
    *figure = NAN;
    return broken_is_latency(kind) ? latency_of(s, honest, length_ns, figure)
                                   : rate_of(s, kind, honest, length_ns, figure);
}
