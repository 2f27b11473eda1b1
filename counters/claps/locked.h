/*
 * locked.h - one lock around all claps, for every lock there is.
 *
 * Idea: a template.  With CONTEND_LOCK defined as the name of a lock (see
 *   locks/parts/chosen.h) what a reader has given and what the post has received change
 *   together because nobody looks in between.
 * Invariant: whenever the lock is free, `totals` of a post is the sum of its readers' bytes
 *   in `given`, each of them at most 50; or it is -ENOENT, and stays so.
 * Linearisation points: each operation at any instant while the lock is held.
 * Progress: blocking, as the lock.  A preempted holder stops the readers of all posts.
 * Read guarantee: linearizable, grants and totals.
 * Cost: the lock's.  One byte for each reader and post, the least of all.
 * Breaks when: many threads clap at once, for whatever posts: they queue.
 * Use when: the claps change together with something else under the lock, or a store gives
 *   you transactions: this is what they cost and what they buy.
 * Reference: the lock's; see locks/.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_COUNTERS_CLAPS_LOCKED_H
#define CONTEND_COUNTERS_CLAPS_LOCKED_H

#include "counters/claps/parts/ledger.h"

static const struct contend_option claps_locked_options[] = {
    CHOSEN_LOCK_OPTIONS("lock.")
    CONTEND_OPTIONS_END
};

struct claps_locked {
    struct chosen_lock lock;
    struct claps_ledger ledger;
    int64_t *totals; /* of each post, -ENOENT once it is deleted; guarded by lock */
    uint8_t *given;  /* by each reader to each post; guarded by lock */
};

struct claps_locked_handle {
    struct chosen_lock_handle lock;
};

static inline void claps_locked_free(struct claps_locked *c)
{
    claps_ledger_release(&c->ledger, c->given, claps_ledger_places(&c->ledger, sizeof *c->given),
                         sizeof *c->given);
    claps_ledger_release(&c->ledger, c->totals, c->ledger.posts, sizeof *c->totals);
}

static inline int claps_locked_init(struct claps_locked *c, const struct claps_config *config)
{
    struct claps_config mine;
    int error = claps_config_resolve(&mine, config, claps_locked_options);

    if (error)
        return error;
    claps_ledger_init(&c->ledger, &mine);
    size_t places = claps_ledger_places(&c->ledger, sizeof *c->given);
    c->given = claps_ledger_array(&c->ledger, places, sizeof *c->given);
    c->totals = claps_ledger_array(&c->ledger, c->ledger.posts, sizeof *c->totals);
    error = c->given && c->totals ? 0 : -ENOMEM;
    for (size_t i = 0; !error && i < places; i++)
        c->given[i] = 0;
    for (uint64_t post = 0; !error && post < c->ledger.posts; post++)
        c->totals[post] = 0;
    struct lock_config lock = {
        .threads = mine.threads,
        .allocator = mine.allocator,
        .settings = contend_settings_of(&mine.settings, "lock"),
    };
    if (!error)
        error = chosen_lock_init(&c->lock, &lock);
    if (error)
        claps_locked_free(c);
    return error;
}

static inline int claps_locked_fini(struct claps_locked *c)
{
    int error = counter_attached_count(&c->ledger.attached) ? -EBUSY : chosen_lock_fini(&c->lock);

    if (!error)
        claps_locked_free(c);
    return error;
}

static inline int claps_locked_attach(struct claps_locked *c, struct claps_locked_handle *h)
{
    int error = chosen_lock_attach(&c->lock, &h->lock);

    if (error == 0)
        counter_attached_enter(&c->ledger.attached);
    return error;
}

static inline void claps_locked_detach(struct claps_locked *c, struct claps_locked_handle *h)
{
    chosen_lock_detach(&c->lock, &h->lock);
    counter_attached_leave(&c->ledger.attached);
}

/*
 * A holder died inside.  Each of its stores is whole, but it may have changed a reader's byte
 * and not yet the total, so the totals are counted anew: the bytes are the truth.
 */
static inline void claps_locked_recount(struct claps_locked *c)
{
    for (uint64_t post = 0; post < c->ledger.posts; post++) {
        const uint8_t *given = &c->given[claps_ledger_place(&c->ledger, post, 0)];
        int64_t sum = 0;

        for (uint64_t reader = 0; reader < c->ledger.readers; reader++)
            sum += given[reader];
        if (c->totals[post] >= 0)
            c->totals[post] = sum;
    }
}

/* 0, and the lock is held and the totals are right; or the lock's refusal. */
static inline int claps_locked_enter(struct claps_locked *c, struct claps_locked_handle *h)
{
    int answer = chosen_lock_acquire(&c->lock, &h->lock);

    if (chosen_lock_features & LOCK_RECOVERS && answer == -EOWNERDEAD) {
        claps_locked_recount(c);
        answer = 0;
    }
    return answer;
}

/* For operations that cannot fail.  Where a repair may be due the lock is not shared. */
static inline void claps_locked_enter_to_look(struct claps_locked *c, struct claps_locked_handle *h)
{
    if (!(chosen_lock_features & LOCK_RECOVERS))
        chosen_lock_insist_shared(&c->lock, &h->lock);
    else
        while (claps_locked_enter(c, h) != 0)
            contend_cpu_relax();
}

static inline void claps_locked_leave_after_look(struct claps_locked *c,
                                                 struct claps_locked_handle *h)
{
    if (chosen_lock_features & LOCK_RECOVERS)
        chosen_lock_release(&c->lock, &h->lock);
    else
        chosen_lock_release_shared(&c->lock, &h->lock);
}

/* A section that changes something; a lock that delegates may execute it on another thread. */
struct claps_locked_request {
    struct claps_locked *claps;
    enum { CLAPS_LOCKED_CLAP, CLAPS_LOCKED_UNCLAP, CLAPS_LOCKED_REMOVE } what;
    uint64_t post, reader;
    unsigned n;
    int64_t answer;
};

static inline void claps_locked_serve(void *request)
{
    struct claps_locked_request *r = request;
    int64_t *total = &r->claps->totals[r->post];
    uint8_t *given = &r->claps->given[claps_ledger_place(&r->claps->ledger, r->post, r->reader)];
    unsigned seen = *given;

    r->answer = *total;
    if (r->answer < 0)
        return; /* -ENOENT */
    if (r->what == CLAPS_LOCKED_REMOVE) {
        *total = -ENOENT;
    } else if (r->what == CLAPS_LOCKED_CLAP) {
        r->answer = claps_granted(seen, r->n);
        *given = (uint8_t)(seen + r->answer);
        CONTEND_STEP("locked: given, and not yet in the total");
        *total += r->answer;
    } else {
        r->answer = claps_returned(seen, r->n);
        *given = (uint8_t)(seen - r->answer);
        CONTEND_STEP("locked: taken back, and not yet from the total");
        *total -= r->answer;
    }
}

/* What the section answers, or the lock's refusal (B13). */
static inline int64_t claps_locked_request(struct claps_locked *c, struct claps_locked_handle *h,
                                           struct claps_locked_request *r)
{
    int error = claps_ledger_check(&c->ledger, r->post, r->reader);

    if (error)
        return error;
    if (chosen_lock_features & LOCK_DELEGATES && !(chosen_lock_features & LOCK_RECOVERS)) {
        error = chosen_lock_execute(&c->lock, &h->lock, claps_locked_serve, r);
    } else if ((error = claps_locked_enter(c, h)) == 0) {
        claps_locked_serve(r);
        chosen_lock_release(&c->lock, &h->lock);
    }
    return error ? error : r->answer;
}

static inline int claps_locked_clap(struct claps_locked *c, struct claps_locked_handle *h,
                                    uint64_t post, uint64_t reader, unsigned n)
{
    struct claps_locked_request r = { c, CLAPS_LOCKED_CLAP, post, reader, n, 0 };

    return (int)claps_locked_request(c, h, &r);
}

static inline int claps_locked_unclap(struct claps_locked *c, struct claps_locked_handle *h,
                                      uint64_t post, uint64_t reader, unsigned n)
{
    struct claps_locked_request r = { c, CLAPS_LOCKED_UNCLAP, post, reader, n, 0 };

    return (int)claps_locked_request(c, h, &r);
}

static inline int64_t claps_locked_remove(struct claps_locked *c, struct claps_locked_handle *h,
                                          uint64_t post)
{
    struct claps_locked_request r = { c, CLAPS_LOCKED_REMOVE, post, 0, 0, 0 };

    return claps_locked_request(c, h, &r);
}

static inline int claps_locked_given(struct claps_locked *c, struct claps_locked_handle *h,
                                     uint64_t post, uint64_t reader)
{
    int answer = claps_ledger_check(&c->ledger, post, reader);

    if (answer)
        return answer;
    claps_locked_enter_to_look(c, h);
    answer = c->given[claps_ledger_place(&c->ledger, post, reader)];
    if (c->totals[post] < 0)
        answer = -ENOENT;
    claps_locked_leave_after_look(c, h);
    return answer;
}

static inline int64_t claps_locked_total(struct claps_locked *c, struct claps_locked_handle *h,
                                         uint64_t post)
{
    int64_t total = claps_ledger_check(&c->ledger, post, 0);

    if (total)
        return total;
    claps_locked_enter_to_look(c, h);
    total = c->totals[post];
    claps_locked_leave_after_look(c, h);
    return total;
}

#define CLAPS_LOCKED_BYTES_PER_THREAD (sizeof(struct claps_locked_handle) + chosen_lock_handle_heap)

static inline void claps_locked_stats(struct claps_locked *c, struct claps_stats *out)
{
    out->attached = counter_attached_count(&c->ledger.attached);
    out->retired = 0;
    out->bytes = sizeof *c + chosen_lock_heap_of(&c->lock) +
                 c->ledger.posts * sizeof *c->totals +
                 claps_ledger_places(&c->ledger, 1) * sizeof *c->given +
                 out->attached * CLAPS_LOCKED_BYTES_PER_THREAD;
}

static const struct claps_traits claps_locked_traits = {
    .id = {
        .name = CHOSEN_LOCK_NAME,
        .title = "a byte for each reader and post under the lock " CHOSEN_LOCK_NAME,
        .reference = CONTEND_THE_LOCKS,
        .lock = CHOSEN_LOCK_NAME,
        .flags = chosen_lock_flags & ~CONTEND_PROCESS_SHARED, /* its arrays are on the heap */
        .options = claps_locked_options,
    },
    .clap = CONTEND_BLOCKING,
    .unclap = CONTEND_BLOCKING,
    .given = CONTEND_BLOCKING,
    .total = CONTEND_BLOCKING,
    .remove = CONTEND_BLOCKING,
    .grants = CLAPS_LINEARIZABLE,
    .totals = CLAPS_LINEARIZABLE,
    .max_readers = UINT64_MAX,
    .bytes = sizeof(struct claps_locked) + chosen_lock_heap,
    .bytes_per_post = sizeof(int64_t),
    .bytes_per_reader = sizeof(uint8_t),
    .bytes_per_thread = CLAPS_LOCKED_BYTES_PER_THREAD,
};

static inline void claps_locked_traits_of(struct claps_locked *c, struct claps_traits *out)
{
    *out = claps_locked_traits;
    out->bytes = sizeof *c + chosen_lock_heap_of(&c->lock);
}

#endif
