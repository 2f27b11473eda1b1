/* subject_presence.c - a presence map as the subject of a window. */
#include <inttypes.h>
#include <stdio.h>

#include "bench/base/memory.h"
#include "bench/engine/subject.h"

_Static_assert((int)PRESENCE_OP_HEARTBEAT == (int)TAPE_WRITE &&
                   (int)PRESENCE_OP_IS_ONLINE == (int)TAPE_READ &&
                   (int)PRESENCE_OP_LEAVE == (int)TAPE_LEAVE,
               "a tape's steps are the loop's operations");

/* Users are numbered densely from 0, so that maps indexed by the id can take part. */

enum {
    PREFILL_SPREAD_MS = 10000, /* users beat every 10 s, so their last beats are at most that old */
    SWEEP_BUDGET = 1024        /* entries in one step of the sweeper */
};

static const struct presence_ops *ops_of(const struct subject *s)
{
    return s->who->ops;
}

static int create(struct subject *s)
{
    const struct presence_ops *ops = ops_of(s);
    struct presence_config config = {
        .expected = s->cell->users,
        .origin = SUBJECT_EPOCH_MS - 60000,
        .settings = contestant_settings(s->who),
    };
    const struct presence_traits *t = ops->traits;
    char what[48];

    snprintf(what, sizeof what, "%" PRIu64 " users", s->cell->users);
    int error = memory_check((double)t->bytes_fixed +
                                 (double)s->cell->users * (double)t->bytes_per_user,
                             0, what, s->why);
    if (error)
        return error;
    s->object = contend_alloc_aligned(ops->size);
    if (!s->object)
        return -ENOMEM;
    error = ops->init(s->object, &config);
    if (error)
        free(s->object);
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
    const struct presence_ops *ops = ops_of(s);

    for (uint64_t user = part; user < s->cell->users; user += parts) {
        uint64_t age = (user * UINT64_C(2654435761) >> 7) % PREFILL_SPREAD_MS;
        w->failed += ops->heartbeat(s->object, w->handle, user, SUBJECT_EPOCH_MS - age) < 0;
    }
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    while (n > 0) {
        size_t left = w->tape.keys->length - w->at, chunk = left < n ? left : n;
        const uint8_t *op = w->tape.keys->op + w->at;
        const uint64_t *key = w->tape.keys->key + w->at;
        if (s->cell->workload->batch)
            ops_of(s)->loops.batch(s->object, w->handle, op, key, chunk, s->cell->workload->batch,
                                   now, &w->outcome);
        else
            ops_of(s)->loops.tape(s->object, w->handle, op, key, chunk, now, &w->outcome);
        w->at = chunk == left ? 0 : w->at + chunk;
        n -= chunk;
    }
}

static void sweep(struct subject *s, struct subject_worker *w, uint64_t now)
{
    int64_t removed = ops_of(s)->sweep(s->object, w->handle, now, SWEEP_BUDGET, NULL);

    if (removed < 0)
        w->failed++;
    else
        w->swept += (uint64_t)removed;
}

static size_t retired(const struct subject *s)
{
    struct presence_stats stats;

    ops_of(s)->stats(s->object, &stats);
    return stats.bytes_retired;
}

/* Counts the users who answer last_seen: a count of the entries that the map has no part in. */
static uint64_t count_present(struct subject *s)
{
    const struct presence_ops *ops = ops_of(s);
    void *handle = contend_alloc_aligned(ops->handle_size);
    uint64_t present = 0;

    if (!handle || ops->attach(s->object, handle) != 0) {
        free(handle);
        return UINT64_MAX;
    }
    for (uint64_t user = 0; user < s->cell->users; user++)
        present += ops->last_seen(s->object, handle, user) >= 0;
    ops->detach(s->object, handle);
    free(handle);
    return present;
}

/* Holds a map to what its traits promise: P4 may give up last_seen, P20 and P21 the books. */
static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    const struct presence_ops *ops = ops_of(s);
    struct presence_traits traits;
    struct presence_stats stats;
    uint64_t failed = 0, left = 0, swept = 0;

    ops->stats(s->object, &stats);
    out->bytes = stats.bytes + count * ops->handle_size;
    out->bytes_retired_peak = stats.bytes_retired_peak;
    out->bytes_per_item = (double)out->bytes / (double)(stats.entries ? stats.entries : 1);
    if (ops->traits->id.flags & CONTEND_FLOOR) {
        out->bytes_per_item = 0;
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        failed += workers[i].failed + workers[i].outcome.failed;
        left += workers[i].outcome.left;
        swept += workers[i].swept + workers[i].outcome.swept;
    }
    ops->traits_of(s->object, &traits);
    bool answers = traits.features & PRESENCE_LAST_SEEN;
    bool exact = !(traits.features & PRESENCE_STORES) && !(traits.id.flags & CONTEND_REAL_TIME);
    uint64_t present = answers ? count_present(s) : stats.entries;
    const char *what = NULL;
    uint64_t want = 0, got = 0;

    if (failed) {
        out->error = -EIO;
        snprintf(out->why, sizeof out->why, "%" PRIu64 " calls failed", failed);
        return;
    }
    if (exact && stats.entries != stats.inserts - stats.swept - stats.left)
        what = "entries = inserts - swept - left", got = stats.entries,
        want = stats.inserts - stats.swept - stats.left;
    else if (present != stats.entries)
        what = "users that answer = entries", got = present, want = stats.entries;
    else if (stats.left != left)
        what = "leaves counted = leaves answered", got = stats.left, want = left;
    else if (stats.swept != swept)
        what = "removals counted = removals answered", got = stats.swept, want = swept;
    if (what) {
        out->error = -EILSEQ;
        snprintf(out->why, sizeof out->why, "%s: %" PRIu64 ", not %" PRIu64, what, got, want);
    }
}

const struct subject_kind subject_presence = {
    .create = create, .destroy = destroy, .attach = attach, .excuse = excuse,
    .detach = detach, .prefill = prefill, .run = run, .sweep = sweep, .retired = retired,
    .verify = verify,
};
