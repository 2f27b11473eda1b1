/* subject_distinct.c - one post and who clapped for it, as the subject of a window. */
#include <inttypes.h>
#include <stdio.h>

#include "bench/engine/subject.h"
#include "counters/distinct.h"

_Static_assert((int)DISTINCT_OP_INSERT == (int)TAPE_WRITE &&
                   (int)DISTINCT_OP_COUNT == (int)TAPE_READ,
               "a tape's steps are the loop's operations");

static const struct distinct_ops *ops_of(const struct subject *s)
{
    return s->who->ops;
}

static int create(struct subject *s)
{
    const struct distinct_config config = { .readers = s->cell->users,
                                            .settings = contestant_settings(s->who) };
    int error = -ENOMEM;

    s->object = contend_alloc_aligned(ops_of(s)->size);
    if (s->object && (error = ops_of(s)->init(s->object, &config)) != 0) {
        free(s->object);
        s->object = NULL;
    }
    return error;
}

static void destroy(struct subject *s)
{
    if (ops_of(s)->fini(s->object) == 0)
        free(s->object);
}

static int attach(struct subject *s, struct subject_worker *w, uint64_t seed, unsigned number)
{
    int error = -ENOMEM;

    w->handle = contend_alloc_aligned(ops_of(s)->handle_size);
    w->tape.keys = w->handle ? tape_borrow(s->cell, seed, number) : NULL;
    if (w->tape.keys && (error = ops_of(s)->attach(s->object, w->handle)) != 0)
        tape_return(w->tape.keys);
    if (error)
        free(w->handle);
    return error;
}

static void detach(struct subject *s, struct subject_worker *w)
{
    ops_of(s)->detach(s->object, w->handle);
    tape_return(w->tape.keys);
    free(w->handle);
}

static void prefill(struct subject *s, struct subject_worker *w, unsigned part, unsigned parts)
{
    for (uint64_t reader = part; reader < s->cell->users; reader += parts)
        w->failed += ops_of(s)->insert(s->object, w->handle, reader) != 0;
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    (void)now;
    for (size_t done = 0, some; done < n; done += some) {
        some = w->tape.keys->length - w->at;
        some = some < n - done ? some : n - done;
        w->failed += ops_of(s)->loops.tape(s->object, w->handle, w->tape.keys->op + w->at,
                                           w->tape.keys->key + w->at, some, &w->sink);
        w->at = (w->at + some) % w->tape.keys->length;
    }
}

static void sweep(struct subject *s, struct subject_worker *w, uint64_t now)
{
    (void)s, (void)w, (void)now; /* nothing expires */
}

/* U3 at rest: all readers, or an estimate of so many. */
static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    void *handle = contend_alloc_aligned(ops_of(s)->handle_size);
    struct distinct_stats stats;
    struct distinct_traits traits;
    uint64_t failed = 0;

    ops_of(s)->stats(s->object, &stats);
    ops_of(s)->traits_of(s->object, &traits);
    out->bytes = stats.bytes + count * traits.bytes_per_thread;
    out->bytes_per_item = (double)out->bytes / (double)s->cell->users;
    for (unsigned i = 0; i < count; i++)
        failed += workers[i].failed;
    out->error = handle ? ops_of(s)->attach(s->object, handle) : -ENOMEM;
    if (out->error) {
        snprintf(out->why, sizeof out->why, "the final count could not attach");
        free(handle);
        return;
    }
    int64_t readers = ops_of(s)->count(s->object, handle);
    ops_of(s)->detach(s->object, handle);
    free(handle);
    if (traits.id.flags & CONTEND_FLOOR) {
        out->bytes_per_item = 0;
        return;
    }
    if (failed)
        snprintf(out->why, sizeof out->why, "%" PRIu64 " claps were refused", failed);
    else if (!distinct_size_fits(&traits, (int64_t)s->cell->users, readers))
        snprintf(out->why, sizeof out->why, "%" PRIu64 " readers clapped, and %" PRId64
                 " were counted", s->cell->users, readers);
    else
        return;
    out->error = -EILSEQ;
}

const struct subject_kind subject_distinct = {
    .create = create, .destroy = destroy, .attach = attach, .detach = detach,
    .prefill = prefill, .run = run, .sweep = sweep, .verify = verify,
};
