/* subject_counter.c - a clap counter as the subject of a window. */
#include <inttypes.h>
#include <stdio.h>

#include "bench/engine/subject.h"
#include "counters/counter.h"

static int create(struct subject *s)
{
    const struct counter_ops *ops = s->who->ops;
    const struct counter_config config = { .settings = contestant_settings(s->who) };
    int error;

    s->object = contend_alloc_aligned(ops->size);
    if (!s->object)
        return -ENOMEM;
    error = ops->init(s->object, &config);
    if (error)
        free(s->object);
    return error;
}

static void destroy(struct subject *s)
{
    const struct counter_ops *ops = s->who->ops;

    if (ops->fini(s->object) == 0)
        free(s->object);
}

static int attach(struct subject *s, struct subject_worker *w, uint64_t seed, unsigned number)
{
    const struct counter_ops *ops = s->who->ops;
    int error = -ENOMEM;

    w->tape.claps = malloc(sizeof *w->tape.claps);
    w->handle = contend_alloc_aligned(ops->handle_size);
    if (w->tape.claps && w->handle)
        error = ops->attach(s->object, w->handle);
    if (error) {
        free(w->tape.claps);
        free(w->handle);
        return error;
    }
    tape_draw_claps(w->tape.claps, s->cell, seed, number);
    w->only_claps = cell_write_share(s->cell, number) == 1;
    return 0;
}

static void detach(struct subject *s, struct subject_worker *w)
{
    const struct counter_ops *ops = s->who->ops;

    ops->detach(s->object, w->handle);
    free(w->tape.claps);
    free(w->handle);
}

static void prefill(struct subject *s, struct subject_worker *w, unsigned part, unsigned parts)
{
    (void)s, (void)w, (void)part, (void)parts; /* a counter starts at 0 */
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    const struct counter_ops *ops = s->who->ops;
    const struct clap_tape *tape = w->tape.claps;

    (void)now;
    if (w->only_claps) { /* no tape is needed */
        w->failed += ops->loops.add(s->object, w->handle, n);
        w->claps += n;
        return;
    }
    while (n > 0) {
        size_t chunk = CLAP_STEPS - w->at < n ? CLAP_STEPS - w->at : n;
        w->failed += ops->loops.mixed(s->object, w->handle, tape->step + w->at, chunk, &w->sink);
        w->claps += tape->before[w->at + chunk] - tape->before[w->at];
        w->at = (w->at + chunk) % CLAP_STEPS;
        n -= chunk;
    }
}

static void sweep(struct subject *s, struct subject_worker *w, uint64_t now)
{
    (void)s, (void)w, (void)now; /* no counter workload has a sweeper */
}

static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    const struct counter_ops *ops = s->who->ops;
    const struct counter_traits *traits = contestant_traits(s->who);
    struct counter_traits own; /* an option may change what it promises */
    struct counter_stats stats;
    uint64_t claps = 0, failed = 0;
    void *handle = contend_alloc_aligned(ops->handle_size);

    for (unsigned i = 0; i < count; i++) {
        claps += workers[i].claps;
        failed += workers[i].failed;
    }
    out->error = handle ? ops->attach(s->object, handle) : -ENOMEM;
    if (out->error) {
        snprintf(out->why, sizeof out->why, "the final read could not attach");
        free(handle);
        return;
    }
    int64_t sum = ops->read(s->object, handle);
    ops->detach(s->object, handle);
    free(handle);
    ops->traits_of(s->object, &own);
    ops->stats(s->object, &stats);
    out->bytes = stats.bytes + count * traits->bytes_per_thread;
    out->bytes_per_item = (double)out->bytes;

    if (traits->id.flags & CONTEND_FLOOR)
        return;
    if (failed) {
        out->error = -EIO;
        snprintf(out->why, sizeof out->why, "%" PRIu64 " claps were refused", failed);
    } else if (!counter_sum_fits(&own.unit, (int64_t)claps, sum)) {
        int64_t lost = (int64_t)claps - sum;
        out->error = -EILSEQ;
        snprintf(out->why, sizeof out->why, "%s %" PRId64 " of %" PRIu64 " claps (%.1f %%)",
                 lost > 0 ? "lost" : "invented", lost > 0 ? lost : -lost, claps,
                 100.0 * (double)(lost > 0 ? lost : -lost) / (double)claps);
    }
}

const struct subject_kind subject_counter = {
    .create = create, .destroy = destroy, .attach = attach, .detach = detach,
    .prefill = prefill, .run = run, .sweep = sweep, .verify = verify,
};
