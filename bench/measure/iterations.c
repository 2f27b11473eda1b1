/* iterations.c - a subject under google-benchmark's own threads. */
#include "bench/measure/iterations.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/interrupt.h"
#include "bench/engine/crew.h"
#include "bench/engine/subject.h"
#include "bench/measure/gbench.h"

enum { BATCH = 1000 };
static const double min_time_s = 0.1;

/* Padded: its thread writes it while others are measured. */
struct side {
    CONTEND_ALIGNED struct subject_worker worker;
    uint64_t first_ns, last_ns, ops;
    bool late; /* it was to do more than it had time for */
};

struct run {
    const struct cell *cell;
    const struct contestant *const *who;
    uint64_t seed, each_ns;
    struct iterations_result *out;
    struct subject subject;
    struct side *sides; /* one for each thread */
};

bool iterations_serve(const struct workload *w)
{
    return w->keys == KEYS_NONE && w->subject && !w->sweeper;
}

static const char *case_name(void *ctx, size_t index)
{
    struct run *r = ctx;
    static char name[CONTESTANT_NAME + 24];
    char own[CONTESTANT_NAME];

    /* The library copies it. */
    snprintf(name, sizeof name, "%s#%zu", contestant_name(r->who[index], own, sizeof own), index);
    return name;
}

static void fail_with(struct run *r, size_t index, const char *what, int error)
{
    struct iterations_result *out = &r->out[index];

    if (out->error)
        return;
    out->error = error;
    snprintf(out->why, sizeof out->why, error == -ETIME ? "%s" : "%s: %s", what, strerror(-error));
}

static bool begin(void *ctx, size_t index)
{
    struct run *r = ctx;

    memset(r->sides, 0, r->cell->threads * sizeof *r->sides);
    r->subject = (struct subject){ .cell = r->cell, .who = r->who[index],
                                   .kind = r->cell->workload->subject };
    if (r->out[index].ends_ns == 0)
        r->out[index].ends_ns = contend_clock_ns() + r->each_ns;
    int error = interrupt_came() ? -EINTR
                : r->out[index].error ? -ECANCELED : r->subject.kind->create(&r->subject);
    if (error)
        fail_with(r, index, "could not be created", error);
    return error == 0;
}

static bool enter(void *ctx, size_t index, unsigned thread)
{
    struct run *r = ctx;
    struct side *s = &r->sides[thread];
    int error = r->subject.kind->attach(&r->subject, &s->worker, r->seed, thread);

    if (error)
        fail_with(r, index, "a thread could not attach", error);
    return error == 0;
}

static void run(void *ctx, size_t index, unsigned thread, size_t n)
{
    struct run *r = ctx;
    struct side *s = &r->sides[thread];

    if (s->first_ns == 0)
        s->first_ns = s->last_ns = contend_clock_ns();
    if (s->last_ns > r->out[index].ends_ns || interrupt_came()) {
        s->late = true;
        return;
    }
    r->subject.kind->run(&r->subject, &s->worker, n, SUBJECT_EPOCH_MS);
    s->last_ns = contend_clock_ns();
    s->ops += n;
}

static void leave(void *ctx, size_t index, unsigned thread)
{
    struct run *r = ctx;

    (void)index;
    r->subject.kind->detach(&r->subject, &r->sides[thread].worker);
}

/* Each attempt overwrites the last one; the library reports the last. */
static void end(void *ctx, size_t index)
{
    struct run *r = ctx;
    struct iterations_result *out = &r->out[index];
    struct window_result verified = { .error = 0 };
    struct subject_worker *workers = contend_alloc_aligned(r->cell->threads * sizeof *workers);
    bool late = false;
    uint64_t first = UINT64_MAX, first_done = UINT64_MAX, last_done = 0, ops = 0;

    for (unsigned i = 0; i < r->cell->threads; i++) {
        const struct side *s = &r->sides[i];
        first = s->first_ns < first ? s->first_ns : first;
        first_done = s->last_ns < first_done ? s->last_ns : first_done;
        last_done = s->last_ns > last_done ? s->last_ns : last_done;
        ops += s->ops;
        late = late || s->late;
        if (workers)
            workers[i] = s->worker;
    }
    double time = last_done > first ? (double)(last_done - first) : 1;
    out->real_per_s = (double)ops * 1e9 / time;
    out->first_done = first_done > first ? (double)(first_done - first) / time : 0;
    if (workers && !out->error)
        r->subject.kind->verify(&r->subject, workers, r->cell->threads, &verified);
    if (!workers || verified.error) {
        out->error = workers ? verified.error : -ENOMEM;
        snprintf(out->why, sizeof out->why, "%s", workers ? verified.why : strerror(ENOMEM));
    }
    if (late)
        fail_with(r, index, "not done in its time: all wait for the slowest", -ETIME);
    free(workers);
    r->subject.kind->destroy(&r->subject);
}

static void result(void *ctx, size_t index, double per_s)
{
    ((struct run *)ctx)->out[index].says_per_s = per_s;
}

/* The library ends the process where it can make only some of its threads; so they are tried before. */
static int try_threads(unsigned count)
{
    struct crew_plan plan = { .roles = { { .count = count, .cpu = CREW_ANYWHERE } } };
    struct crew *crew;

    if (sched_getaffinity(0, sizeof plan.allowed, &plan.allowed) != 0)
        return -errno;
    int error = crew_make(&crew, &plan);
    if (!error)
        crew_end(crew);
    return error;
}

int iterations_run(const struct cell *cell, const struct contestant *const *who, unsigned count,
                   uint64_t seed, uint64_t each_ns, struct iterations_result *out)
{
    struct run r = { .cell = cell, .who = who, .seed = seed, .each_ns = each_ns, .out = out };
    struct gbench_threads plan = {
        .count = count, .batch = BATCH, .threads = cell->threads, .min_time_s = min_time_s,
        .name = case_name, .begin = begin, .enter = enter, .run = run, .leave = leave, .end = end,
        .result = result, .ctx = &r,
    };

    int error = try_threads(cell->threads);
    if (error)
        return error;
    r.sides = contend_alloc_aligned(cell->threads * sizeof *r.sides);
    if (!r.sides)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++)
        out[i] = (struct iterations_result){ .says_per_s = NAN, .real_per_s = NAN, .first_done = NAN };
    error = gbench_run_threads(&plan);
    free(r.sides);
    return error;
}
