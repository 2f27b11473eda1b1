/* wait.c - the runs of `contend wait`. */
#include "bench/serve/labs/wait.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/shortage.h"
#include "bench/engine/crew.h"
#include "bench/floors/histogram.h"

enum { ANNOUNCER, WAITER, STAMPS = 1 << 16, ALONE = 20000 };

const uint64_t wait_intervals_us[WAIT_INTERVALS] = { 2, 10, 50, 200, 1000, 10000 };

/* An announcement's instant is found by its number, so that one which was overtaken counts in full. */
struct wait_scene {
    const struct wait_ops *ops;
    void *wait;
    uint64_t interval_ns;
    _Atomic uint64_t *stamps;
    _Atomic uint32_t last; /* the announcement that only says that it is over; 0: it is not */
    struct histogram latency;
    uint64_t announced, seen, announcing_ns;
};

static int announce(struct crew_worker *me)
{
    struct wait_scene *s = me->shared;
    uint64_t now = crew_await_start(me), due = now;
    uint32_t number = 0;

    do { /* at least once, however late it comes to its processor */
        number++;
        due += s->interval_ns;
        while ((now = contend_clock_ns()) < due && crew_goes_on(me, now))
            contend_cpu_relax();
        if (now > due + s->interval_ns) /* it had no processor: what it missed is not made up for */
            due = now;
        /* relaxed: the announcement publishes it. */
        atomic_store_explicit(&s->stamps[number % STAMPS], contend_clock_ns(), memory_order_relaxed);
        uint64_t before = contend_clock_ns();
        s->ops->announce(s->wait);
        s->announcing_ns += contend_clock_ns() - before;
        s->announced = number;
    } while (crew_goes_on(me, now));
    /* relaxed: the last announcement publishes it. */
    atomic_store_explicit(&s->last, (uint32_t)s->announced + 1, memory_order_relaxed);
    s->ops->announce(s->wait);
    return 0;
}

static int await(struct crew_worker *me)
{
    struct wait_scene *s = me->shared;
    uint32_t seen = 0;

    crew_await_start(me);
    for (;;) {
        uint32_t now = s->ops->await(s->wait, seen);
        uint64_t at = contend_clock_ns();
        /* relaxed, both: the announcement that was seen orders them. */
        uint32_t last = atomic_load_explicit(&s->last, memory_order_relaxed);
        uint64_t stamp = atomic_load_explicit(&s->stamps[(seen + 1) % STAMPS], memory_order_relaxed);
        bool over = last != 0 && now == last;
        if (!over || now != seen + 1)
            histogram_add(&s->latency, at > stamp ? at - stamp : 0);
        seen = now;
        if (over)
            break;
    }
    s->seen = seen - 1;
    me->stint.last_ns = contend_clock_ns();
    return 0;
}

static int run(struct wait_lab *l, unsigned entry, unsigned interval)
{
    struct wait_run *out = &l->runs[entry][interval];
    struct wait_scene *s = calloc(1, sizeof *s);
    const struct crew_plan plan = {
        .roles = { [ANNOUNCER] = { .count = 1 }, [WAITER] = { .count = 1, .cpu = 1 } },
        .allowed = l->e.allowed, .shared = s,
    };
    struct crew_phase phase = { .work = { announce, await }, .measured = true,
                                .length_ns = l->options->window_ms * 1000000 };
    struct covariates unused = { 0 };
    struct crew *crew;
    int error = -ENOMEM;

    if (!s)
        return error;
    s->ops = l->entries[entry];
    s->interval_ns = wait_intervals_us[interval] * 1000;
    s->wait = contend_alloc(CONTEND_CACHE_LINE, s->ops->size);
    s->stamps = calloc(STAMPS, sizeof *s->stamps);
    if (s->wait && s->stamps)
        error = crew_make(&crew, &plan);
    if (!error) {
        s->ops->init(s->wait);
        error = crew_perform(crew, &phase, &unused);
        const struct stint *t = &crew_worker_at(crew, 1)->stint;
        double length = (double)(t->last_ns - t->first_ns);
        *out = (struct wait_run){
            .done = !error && s->announced > 0 && !experiment_is_over(&l->e),
            .p50_ns = histogram_quantile(&s->latency, 0.5),
            .p99_ns = histogram_quantile(&s->latency, 0.99),
            .cpu = length > 0 ? (double)t->cpu_ns / length : NAN,
            .ready = length > 0 ? ((double)t->cpu_ns + t->run_delay_ns) / length : NAN,
            .announce_ns = (double)s->announcing_ns / (double)s->announced,
            .announced = s->announced, .seen = s->seen,
        };
        crew_end(crew);
    }
    free(s->stamps);
    free(s->wait);
    free(s);
    return error;
}

/* The least of several batches, each with nobody waiting: what disturbs only makes it more. */
static double alone(const struct wait_ops *ops)
{
    enum { BATCHES = 9 };
    void *wait = contend_alloc(CONTEND_CACHE_LINE, ops->size);
    double least = NAN;

    if (!wait)
        return NAN;
    ops->init(wait);
    for (unsigned i = 0; i < BATCHES; i++) {
        uint64_t before = contend_clock_ns();
        ops->loops.announce(wait, ALONE / BATCHES);
        least = fmin(least, (double)(contend_clock_ns() - before) / (ALONE / BATCHES));
    }
    free(wait);
    return least;
}

int wait_lab_command(const struct wait_lab_options *o)
{
    static struct wait_lab lab;
    struct wait_lab *l = &lab;
    int error = 0;

    memset(l, 0, sizeof *l);
    l->options = o;
    experiment_begin(&l->e, "wait", &o->base);
    while (contend_wait_registry[l->count] && l->count < WAIT_ENTRIES) {
        l->entries[l->count] = contend_wait_registry[l->count];
        l->count++;
    }
    for (unsigned i = 0; i < l->count; i++) {
        experiment_progress(&l->e, i, l->count, l->entries[i]->traits->id.name);
        for (unsigned k = 0; k < WAIT_INTERVALS && !error && !experiment_is_over(&l->e); k++)
            error = run(l, i, k);
        l->alone_ns[i] = error || experiment_is_over(&l->e) ? NAN : alone(l->entries[i]);
    }
    if (error)
        shortage_fail(error);
    wait_lab_judge(l);
    if (experiment_has_figures(&l->e))
        wait_lab_print(l);
    return experiment_end(&l->e, wait_lab_json(l), error != 0);
}
