/* subject_presence.c - a presence map as the subject of a window. */
#include <inttypes.h>
#include <stdio.h>

#include "bench/base/memory.h"
#include "bench/engine/subject.h"

_Static_assert((int)PRESENCE_OP_HEARTBEAT == (int)TAPE_WRITE &&
                   (int)PRESENCE_OP_IS_ONLINE == (int)TAPE_READ &&
                   (int)PRESENCE_OP_LEAVE == (int)TAPE_LEAVE &&
                   (int)PRESENCE_OP_LAST_SEEN == (int)TAPE_WHEN,
               "a tape's steps are the loop's operations");

/*
 * Users have numbers from 0 on, from which cell_id() makes their ids.  Where some are away, those
 * are the odd ones, and their last beats are 1 to 12 minutes old.
 */

enum {
    PREFILL_SPREAD_MS = 10000, /* users beat every 10 s, so their last beats are at most that old */
    AWAY_MS = 60000,           /* and those of users who are away at least this */
    AWAY_SPREAD_MS = 660000,
    SWEEP_BUDGET = 1024,       /* entries in one step of the sweeper */
    FRESH_STEPS = 256          /* of the tape for which ids are made at once */
};

static const struct presence_ops *ops_of(const struct subject *s)
{
    return s->who->ops;
}

/* Why a map of these traits cannot take part in the cell, into s->why; 0 or -ENOTSUP. */
static int check_fit(struct subject *s, const struct presence_traits *t)
{
    const struct workload *w = s->cell->workload;
    uint64_t keeps = PRESENCE_DEFAULT_TTL_MS + w->retain_ms;
    const char *why = NULL;

    if (t->id.flags & CONTEND_FLOOR)
        return 0;
    if ((w->fresh || s->cell->ids != IDS_DENSE) && t->ids == PRESENCE_IDS_DENSE)
        why = "its ids must be small numbers";
    else if (s->cell->ids == IDS_SPARSE64 && t->max_user < PRESENCE_NO_USER - 64)
        why = "its ids are narrower than 64 bits";
    else if (s->cell->ids == IDS_SPARSE32 && t->max_user < IDS_SPARSE32_MAX)
        why = "its ids are narrower than 31 bits";
    else if (w->fresh && t->features & PRESENCE_KEEPS_IDS)
        why = "its capacity counts every id ever seen";
    else if (w->asks_when && !(t->features & PRESENCE_LAST_SEEN))
        why = "it has no last_seen";
    else if (w->sweeper && !ops_of(s)->sweep)
        why = "it cannot be swept while others write";
    if (why)
        snprintf(s->why, sizeof s->why, "%s", why);
    else if (w->retain_ms && t->max_retain < keeps)
        snprintf(s->why, sizeof s->why, "it keeps a user for at most %g s",
                 (double)t->max_retain / 1000);
    return s->why[0] ? -ENOTSUP : 0;
}

/* The same for what the options, or the number of users, have made of its traits. */
static int check_made(struct subject *s)
{
    struct presence_traits own;

    ops_of(s)->traits_of(s->object, &own);
    s->reach_ms = own.max_retain < UINT64_MAX ? own.max_retain : 0;
    int error = check_fit(s, &own);
    if (error)
        ops_of(s)->fini(s->object);
    return error;
}

static int create(struct subject *s)
{
    const struct presence_ops *ops = ops_of(s);
    const struct workload *w = s->cell->workload;
    struct presence_config config = {
        /* A fresh id may join before its predecessor has left. */
        .expected = s->cell->users + (w->fresh ? s->cell->threads : 0),
        .retain_ms = w->retain_ms,
        .origin = SUBJECT_EPOCH_MS - (w->retain_ms ? AWAY_MS + AWAY_SPREAD_MS : 60000),
        .settings = contestant_settings(s->who),
    };
    const struct presence_traits *t = ops->traits;
    char what[48];

    if (check_fit(s, contestant_traits(s->who)) != 0)
        return -ENOTSUP;

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
    if (!error)
        error = check_made(s);
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
    w->ids = s->cell->workload->fresh ? malloc(FRESH_STEPS * sizeof *w->ids) : NULL;
    if (w->tape.keys && w->handle && (w->ids || !s->cell->workload->fresh))
        error = ops_of(s)->attach(s->object, w->handle);
    if (error) {
        if (w->tape.keys)
            tape_return(w->tape.keys);
        free(w->handle);
        free(w->ids);
    }
    w->joined = tape_owned(s->cell, number);
    return error;
}

/* How many of a worker's own users have joined and gone: in whole turns, and since then. */
static void count_fresh(const struct subject *s, struct subject_worker *w)
{
    const struct key_tape *tape = w->tape.keys;

    w->gone = w->base / s->cell->threads;
    w->joined += w->gone;
    for (size_t i = 0; i < w->at; i++) {
        w->joined += tape->op[i] == TAPE_WRITE;
        w->gone += tape->op[i] == TAPE_LEAVE;
    }
}

static void detach(struct subject *s, struct subject_worker *w)
{
    ops_of(s)->detach(s->object, w->handle);
    if (s->cell->workload->fresh)
        count_fresh(s, w);
    tape_return(w->tape.keys);
    free(w->handle);
    free(w->ids);
}

static void prefill(struct subject *s, struct subject_worker *w, unsigned part, unsigned parts)
{
    const struct presence_ops *ops = ops_of(s);

    for (uint64_t user = part; user < s->cell->users; user += parts) {
        uint64_t random = user * UINT64_C(2654435761) >> 7;
        uint64_t age = s->cell->workload->retain_ms && user % 2 == 1
                           ? AWAY_MS + random % AWAY_SPREAD_MS : random % PREFILL_SPREAD_MS;
        w->failed += ops->heartbeat(s->object, w->handle, cell_id(s->cell, user),
                                    SUBJECT_EPOCH_MS - age) < 0;
    }
}

/* The ids of the next steps; `null` shows what making them costs. */
static const uint64_t *make_ids(const struct subject *s, struct subject_worker *w, size_t n)
{
    const uint64_t *number = w->tape.keys->key + w->at;

    for (size_t i = 0; i < n; i++)
        w->ids[i] = cell_id(s->cell, number[i] + w->base);
    return w->ids;
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    unsigned batch = cell_batch(s->cell);

    while (n > 0) {
        size_t left = w->tape.keys->length - w->at, chunk = left < n ? left : n;
        const uint8_t *op = w->tape.keys->op + w->at;
        const uint64_t *key = w->tape.keys->key + w->at;
        if (w->ids) {
            chunk = chunk < FRESH_STEPS ? chunk : FRESH_STEPS;
            key = make_ids(s, w, chunk);
        }
        if (batch)
            ops_of(s)->loops.batch(s->object, w->handle, op, key, chunk, batch, now, &w->outcome);
        else
            ops_of(s)->loops.tape(s->object, w->handle, op, key, chunk, now, &w->outcome);
        w->base += chunk == left ? w->tape.keys->advance : 0;
        w->at = chunk == left ? 0 : w->at + chunk;
        n -= chunk;
    }
}

static void sweep(struct subject *s, struct subject_worker *w, uint64_t now)
{
    int64_t removed = ops_of(s)->sweep(s->object, w->handle, now, SWEEP_BUDGET, NULL);

    w->swept_at = now;
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

/* Of the users of some numbers, in steps, those who answer last_seen. */
static uint64_t count_among(struct subject *s, void *handle, uint64_t from, uint64_t to, uint64_t step)
{
    uint64_t present = 0;

    for (uint64_t user = from; user < to; user += step)
        present += ops_of(s)->last_seen(s->object, handle, cell_id(s->cell, user)) >= 0;
    return present;
}

/*
 * Counts the users who answer last_seen, among all that can be present: a count of the entries that
 * the map has no part in.
 */
static uint64_t count_present(struct subject *s, const struct subject_worker *workers)
{
    unsigned threads = s->cell->threads;
    const struct presence_ops *ops = ops_of(s);
    void *handle = contend_alloc_aligned(ops->handle_size);
    uint64_t present = 0;

    if (!handle || ops->attach(s->object, handle) != 0) {
        free(handle);
        return UINT64_MAX;
    }
    if (!s->cell->workload->fresh)
        present = count_among(s, handle, 0, s->cell->users, 1);
    for (unsigned i = 0; i < threads && s->cell->workload->fresh; i++)
        present += count_among(s, handle, workers[i].gone * threads + i,
                               workers[i].joined * threads + i, threads);
    ops->detach(s->object, handle);
    free(handle);
    return present;
}

/* Whether no user may have been swept by then: nobody was away for long enough. */
static bool keeps_all(const struct subject *s, uint64_t now)
{
    uint64_t kept_ms = s->cell->workload->retain_ms;

    return kept_ms && now <= SUBJECT_EPOCH_MS - AWAY_MS - AWAY_SPREAD_MS +
                                 PRESENCE_DEFAULT_TTL_MS + kept_ms;
}

/* Holds a map to what its traits promise: P4 may give up last_seen, P20 and P21 the books. */
static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    const struct presence_ops *ops = ops_of(s);
    struct presence_traits traits;
    struct presence_stats stats;
    uint64_t failed = 0, left = 0, swept = 0, gone = 0, swept_at = 0;

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
        gone += workers[i].gone;
        swept_at = workers[i].swept_at > swept_at ? workers[i].swept_at : swept_at;
    }
    ops->traits_of(s->object, &traits);
    bool answers = traits.features & PRESENCE_LAST_SEEN;
    bool real_time = traits.id.flags & CONTEND_REAL_TIME; /* users go while they are counted */
    bool exact = !(traits.features & PRESENCE_STORES) && !real_time;
    uint64_t present = answers ? count_present(s, workers) : stats.entries;
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
    else if (!real_time && present != stats.entries)
        what = "users that answer = entries", got = present, want = stats.entries;
    else if (stats.left != left)
        what = "leaves counted = leaves answered", got = stats.left, want = left;
    else if (stats.swept != swept &&
             !(traits.max_retain < UINT64_MAX && stats.swept > swept)) /* P22: by the map itself */
        what = "removals counted = removals answered", got = stats.swept, want = swept;
    else if (exact && s->cell->workload->fresh && left != gone)
        what = "leaves answered = leaves of users who had joined", got = left, want = gone;
    else if (swept && keeps_all(s, swept_at))
        what = "removals of users who must be kept", got = swept;
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
