/* subject_claps.c - one post and its readers, bounded claps, as the subject of a window. */
#include <inttypes.h>
#include <stdio.h>

#include "bench/engine/subject.h"

_Static_assert((int)CLAPS_OP_CLAP == (int)TAPE_WRITE && (int)CLAPS_OP_TOTAL == (int)TAPE_READ &&
                   (int)CLAPS_OP_UNCLAP == (int)TAPE_LEAVE,
               "a tape's steps are the loop's operations");

enum { POST = 0, AT_FIRST = CLAPS_LIMIT / 2 /* what each reader has given before the window */ };

static const struct claps_ops *ops_of(const struct subject *s)
{
    return s->who->ops;
}

static int create(struct subject *s)
{
    const struct claps_config config = { .posts = 1, .readers = s->cell->users,
                                         .settings = contestant_settings(s->who) };
    int error;

    s->object = contend_alloc_aligned(ops_of(s)->size);
    if (!s->object)
        return -ENOMEM;
    error = ops_of(s)->init(s->object, &config);
    if (error) {
        free(s->object);
        s->object = NULL;
        if (error == -ERANGE)
            snprintf(s->why, sizeof s->why, "it holds no more than %" PRIu64 " readers",
                     ops_of(s)->traits->max_readers);
    }
    return error;
}

static bool excuse(const struct subject *s, char *why, size_t size)
{
    snprintf(why, size, "%s", s->why);
    return s->why[0] != '\0';
}

static void destroy(struct subject *s)
{
    if (ops_of(s)->fini(s->object) == 0)
        free(s->object);
}

static int attach(struct subject *s, struct subject_worker *w, uint64_t seed, unsigned number)
{
    int error = -ENOMEM;

    w->tape.keys = tape_borrow(s->cell, seed, number);
    w->handle = contend_alloc_aligned(ops_of(s)->handle_size);
    if (w->tape.keys && w->handle)
        error = ops_of(s)->attach(s->object, w->handle);
    if (error) {
        if (w->tape.keys)
            tape_return(w->tape.keys);
        free(w->handle);
    }
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
    for (uint64_t reader = part; reader < s->cell->users; reader += parts) {
        int granted = ops_of(s)->clap(s->object, w->handle, POST, reader, AT_FIRST);
        if (granted < 0)
            w->failed++;
        else
            w->moved.granted += (unsigned)granted;
    }
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    (void)now;
    while (n > 0) {
        size_t left = w->tape.keys->length - w->at, chunk = left < n ? left : n;
        ops_of(s)->loops.tape(s->object, w->handle, POST, w->tape.keys->op + w->at,
                              w->tape.keys->key + w->at, chunk, &w->moved);
        w->at = chunk == left ? 0 : w->at + chunk;
        n -= chunk;
    }
}

static void sweep(struct subject *s, struct subject_worker *w, uint64_t now)
{
    (void)s, (void)w, (void)now; /* nothing expires */
}

static size_t retired(const struct subject *s)
{
    struct claps_stats stats;

    ops_of(s)->stats(s->object, &stats);
    return stats.retired;
}

/* What the object says at rest. */
struct balance {
    int64_t total, given; /* the post's, and the sum over its readers */
    uint64_t outside;     /* readers who have given fewer than 0 or more than CLAPS_LIMIT */
};

static int look(struct subject *s, struct balance *b)
{
    void *handle = contend_alloc_aligned(ops_of(s)->handle_size);
    int error = handle ? ops_of(s)->attach(s->object, handle) : -ENOMEM;

    *b = (struct balance){ 0, 0, 0 };
    if (!error) {
        b->total = ops_of(s)->total(s->object, handle, POST);
        for (uint64_t reader = 0; reader < s->cell->users; reader++) {
            int given = ops_of(s)->given(s->object, handle, POST, reader);
            b->given += given;
            b->outside += given < 0 || given > CLAPS_LIMIT;
        }
        ops_of(s)->detach(s->object, handle);
    }
    free(handle);
    return error;
}

/* B1 and B8. */
static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    struct claps_stats stats;
    struct balance b;
    uint64_t failed = 0;
    int64_t granted = 0;

    ops_of(s)->stats(s->object, &stats);
    out->bytes = stats.bytes + count * ops_of(s)->traits->bytes_per_thread;
    out->bytes_retired_peak = stats.retired;
    out->bytes_per_item = (double)out->bytes / (double)s->cell->users;
    if (ops_of(s)->traits->id.flags & CONTEND_FLOOR) {
        out->bytes_per_item = 0;
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        failed += workers[i].failed + workers[i].moved.failed;
        granted += (int64_t)(workers[i].moved.granted - workers[i].moved.returned);
    }
    out->error = look(s, &b);
    if (out->error) {
        snprintf(out->why, sizeof out->why, "the final look could not attach");
        return;
    }
    if (failed)
        snprintf(out->why, sizeof out->why, "no call may fail: %" PRIu64, failed);
    else if (b.outside)
        snprintf(out->why, sizeof out->why, "%" PRIu64 " of %" PRIu64
                 " readers have given fewer than 0 or more than %d claps", b.outside,
                 s->cell->users, CLAPS_LIMIT);
    else if (b.total != granted || b.given != granted)
        snprintf(out->why, sizeof out->why, "granted %" PRId64 ", the readers gave %" PRId64
                 ", the total is %" PRId64, granted, b.given, b.total);
    else
        return;
    out->error = -EILSEQ;
}

const struct subject_kind subject_claps = {
    .create = create, .destroy = destroy, .attach = attach, .excuse = excuse,
    .detach = detach, .prefill = prefill, .run = run, .sweep = sweep, .retired = retired,
    .verify = verify,
};
