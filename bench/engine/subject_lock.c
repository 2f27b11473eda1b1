/* subject_lock.c - a lock and a plain counter that it guards, as the subject of a window. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include "bench/engine/subject.h"
#include "locks/lock.h"

/* The counter has a cache line of its own, as the data behind a lock usually does. */
struct guarded {
    CONTEND_ALIGNED uint64_t counter;
    CONTEND_ALIGNED struct lock_sections sections;
    const struct subject_worker *last; /* that held the lock, of sampled sections */
    void *lock;
};

/* ---- work ---- */

static double step_ns;

/* The fastest of several tries: a disturbed try would shorten the work of a whole run. */
static void time_a_step(void)
{
    enum { TRIES = 9, STEPS = 20000 };
    uint64_t x = 1;

    for (int i = 0; i < TRIES; i++) {
        uint64_t begin = contend_clock_ns();
        x = lock_work(x, STEPS);
        __asm__ volatile("" : : "r"(x)); /* the result is used, so that the work is done */
        double ns = (double)(contend_clock_ns() - begin) / STEPS;
        if (i == 0 || ns < step_ns)
            step_ns = ns;
    }
}

static unsigned steps_of(unsigned ns)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (ns == 0)
        return 0;
    pthread_once(&once, time_a_step);
    return step_ns > 0 ? (unsigned)(ns / step_ns + 0.5) : ns;
}

/* ---- the subject ---- */

static const struct lock_ops *ops_of(const struct subject *s)
{
    return s->who->ops;
}

static int create(struct subject *s)
{
    const struct workload *w = s->cell->workload;
    const struct lock_config config = { .settings = contestant_settings(s->who) };
    struct guarded *g = contend_alloc_aligned(sizeof *g);
    int error = -ENOMEM;

    if (!g)
        return error;
    g->counter = 0;
    g->last = NULL;
    g->sections = (struct lock_sections){
        .guarded = &g->counter, .inside = steps_of(w->inside_ns), .outside = steps_of(w->outside_ns),
    };
    g->lock = contend_alloc_aligned(ops_of(s)->size);
    if (g->lock)
        error = ops_of(s)->init(g->lock, &config);
    if (error) {
        free(g->lock);
        free(g);
        return error;
    }
    s->object = g;
    return 0;
}

static void destroy(struct subject *s)
{
    struct guarded *g = s->object;

    if (ops_of(s)->fini(g->lock) != 0)
        return;
    free(g->lock);
    free(g);
}

static int attach(struct subject *s, struct subject_worker *w, uint64_t seed, unsigned number)
{
    struct guarded *g = s->object;
    int error = -ENOMEM;

    w->tape.claps = malloc(sizeof *w->tape.claps);
    w->handle = contend_alloc_aligned(ops_of(s)->handle_size);
    if (w->tape.claps && w->handle)
        error = ops_of(s)->attach(g->lock, w->handle);
    if (error) {
        free(w->tape.claps);
        free(w->handle);
        return error;
    }
    tape_draw_claps(w->tape.claps, s->cell, seed, number); /* a clap is an exclusive section */
    w->only_claps = cell_write_share(s->cell, number) == 1;
    return 0;
}

static void detach(struct subject *s, struct subject_worker *w)
{
    struct guarded *g = s->object;

    ops_of(s)->detach(g->lock, w->handle);
    free(w->tape.claps);
    free(w->handle);
}

static void prefill(struct subject *s, struct subject_worker *w, unsigned part, unsigned parts)
{
    (void)s, (void)w, (void)part, (void)parts; /* the counter starts at 0 */
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    const struct guarded *g = s->object;
    const struct clap_tape *tape = w->tape.claps;
    size_t torn = 0;

    (void)now;
    const struct lock_loops *loops = &ops_of(s)->loops;

    if (w->only_claps) { /* no tape is needed */
        w->sink += (s->cell->workload->executes ? loops->executed : loops->sections)(
            g->lock, w->handle, n, &g->sections);
        w->claps += n;
        return;
    }
    while (n > 0) {
        size_t chunk = CLAP_STEPS - w->at < n ? CLAP_STEPS - w->at : n;
        w->sink += loops->mixed(g->lock, w->handle, tape->step + w->at, chunk, &g->sections, &torn);
        w->claps += tape->before[w->at + chunk] - tape->before[w->at];
        w->at = (w->at + chunk) % CLAP_STEPS;
        n -= chunk;
    }
    w->failed += torn;
}

/* A section that is only timed: nothing else than `last` changes in it. */
static uint64_t sample(struct subject *s, struct subject_worker *w, bool *handed_over)
{
    struct guarded *g = s->object;
    uint64_t begun = contend_clock_ns();

    *handed_over = false;
    if (ops_of(s)->acquire(g->lock, w->handle) != 0)
        return 0;
    uint64_t held = contend_clock_ns();
    *handed_over = g->last != w;
    g->last = w;
    ops_of(s)->release(g->lock, w->handle);
    return held - begun;
}

static void sweep(struct subject *s, struct subject_worker *w, uint64_t now)
{
    (void)s, (void)w, (void)now; /* no workload of locks has a sweeper */
}

static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    const struct guarded *g = s->object;
    const struct lock_traits *traits = contestant_traits(s->who);
    uint64_t sections = 0, torn = 0;

    for (unsigned i = 0; i < count; i++) {
        sections += workers[i].claps;
        torn += workers[i].failed;
    }
    out->bytes = traits->bytes + count * (ops_of(s)->handle_size + traits->handle_heap);
    out->bytes_per_item = (double)out->bytes;
    if (traits->id.flags & CONTEND_FLOOR)
        return;
    if (g->counter != sections) {
        out->error = -EILSEQ;
        snprintf(out->why, sizeof out->why, "%" PRIu64 " exclusive sections left a counter of %" PRIu64
                 ": two threads held the lock at once", sections, g->counter);
    } else if (torn) {
        out->error = -EILSEQ;
        snprintf(out->why, sizeof out->why, "%" PRIu64 " shared sections saw a writer at work",
                 torn);
    }
}

const struct subject_kind subject_lock = {
    .create = create, .destroy = destroy, .attach = attach, .detach = detach,
    .prefill = prefill, .run = run, .sample = sample, .sweep = sweep,
    .verify = verify,
};
