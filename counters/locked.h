/*
 * locked.h - one lock around one integer, for every lock there is.
 *
 * Idea: a template.  With CONTEND_LOCK defined as the name of a lock (see
 *   locks/parts/chosen.h) it is that lock's counter.
 * Invariant: `value` is the sum; it is read and written by the holder only.
 * Linearisation points: add, read, add_get: any instant while the lock is held.
 * Progress: blocking, as the lock.  A preempted holder stops everybody.
 * Read guarantee: linearizable for every mix.
 * Cost: the lock's, and one line that all threads write.
 * Breaks when: many threads clap for one post: they queue.
 * Use when: the counter changes together with something else under the lock.
 * Reference: the lock's; see locks/.
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_COUNTERS_LOCKED_H
#define CONTEND_COUNTERS_LOCKED_H

#include "counters/parts/attached.h"
#include "counters/counter.h"

static const struct contend_option counter_locked_options[] = {
    CHOSEN_LOCK_OPTIONS("lock.")
    CONTEND_OPTIONS_END
};

struct counter_locked {
    struct chosen_lock lock;
    counter_attached attached;
    int64_t value; /* guarded by lock */
};

struct counter_locked_handle {
    struct chosen_lock_handle lock;
};

static inline int counter_locked_init(struct counter_locked *c, const struct counter_config *config)
{
    struct counter_config mine;
    int error = counter_config_resolve(&mine, config, counter_locked_options);

    if (error)
        return error;
    struct lock_config lock = {
        .threads = mine.threads,
        .allocator = mine.allocator,
        .settings = contend_settings_of(&mine.settings, "lock"),
    };
    c->value = 0;
    atomic_init(&c->attached, 0);
    return chosen_lock_init(&c->lock, &lock);
}

static inline int counter_locked_fini(struct counter_locked *c)
{
    if (counter_attached_count(&c->attached))
        return -EBUSY;
    return chosen_lock_fini(&c->lock);
}

static inline int counter_locked_attach(struct counter_locked *c, struct counter_locked_handle *h)
{
    int error = chosen_lock_attach(&c->lock, &h->lock);

    if (error == 0)
        counter_attached_enter(&c->attached);
    return error;
}

static inline void counter_locked_detach(struct counter_locked *c, struct counter_locked_handle *h)
{
    chosen_lock_detach(&c->lock, &h->lock);
    counter_attached_leave(&c->attached);
}

/* Sections as requests: a lock that delegates may execute them on another thread. */
struct counter_locked_request {
    struct counter_locked *counter;
    int64_t n, sum;
};

static inline void counter_locked_serve(void *request)
{
    struct counter_locked_request *r = request;
    int64_t seen = r->counter->value;

    CONTEND_STEP("locked: read, not yet written");
    r->sum = seen + r->n;
    r->counter->value = r->sum;
}

/*
 * If the lock refuses or times out, nothing is changed (C11).  A holder that died did so before
 * or after its store of the one word, which is a sum in either case: nothing needs repair.
 */
static inline int counter_locked_add_get(struct counter_locked *c, struct counter_locked_handle *h,
                                         int64_t n, int64_t *sum)
{
    struct counter_locked_request r = { c, n, 0 };

    if (chosen_lock_features & LOCK_DELEGATES) {
        int answer = chosen_lock_execute(&c->lock, &h->lock, counter_locked_serve, &r);
        if (!lock_is_held(answer))
            return answer;
    } else {
        int answer = chosen_lock_acquire(&c->lock, &h->lock);
        if (!lock_is_held(answer))
            return answer;
        counter_locked_serve(&r);
        chosen_lock_release(&c->lock, &h->lock);
    }
    *sum = r.sum;
    return 0;
}

static inline int counter_locked_add(struct counter_locked *c, struct counter_locked_handle *h,
                                     int64_t n)
{
    int64_t ignored;

    return counter_locked_add_get(c, h, n, &ignored);
}

static inline void counter_locked_look(void *request)
{
    struct counter_locked_request *r = request;

    r->sum = r->counter->value;
}

/* C11 lets no read fail: if the lock refuses, it is asked again. */
static inline int64_t counter_locked_read(struct counter_locked *c,
                                          struct counter_locked_handle *h)
{
    if (chosen_lock_features & LOCK_DELEGATES && !(chosen_lock_features & LOCK_SHARED)) {
        struct counter_locked_request r = { c, 0, 0 };
        while (!lock_is_held(chosen_lock_execute(&c->lock, &h->lock, counter_locked_look, &r)))
            contend_cpu_relax();
        return r.sum;
    }
    chosen_lock_insist_shared(&c->lock, &h->lock);
    int64_t value = c->value;
    chosen_lock_release_shared(&c->lock, &h->lock);
    return value;
}

COUNTER_NO_QUIESCENCE(locked)

#define COUNTER_LOCKED_BYTES_PER_THREAD \
    (sizeof(struct counter_locked_handle) + chosen_lock_handle_heap)

static inline void counter_locked_stats(struct counter_locked *c, struct counter_stats *out)
{
    out->attached = counter_attached_count(&c->attached);
    out->bytes = sizeof *c + chosen_lock_heap_of(&c->lock) +
                 out->attached * COUNTER_LOCKED_BYTES_PER_THREAD;
}

static const struct counter_traits counter_locked_traits = {
    .id = {
        .name = CHOSEN_LOCK_NAME,
        .title = "an integer under the lock " CHOSEN_LOCK_NAME,
        .reference = CONTEND_THE_LOCKS,
        .lock = CHOSEN_LOCK_NAME,
        .flags = chosen_lock_flags,
        .options = counter_locked_options,
    },
    .add = CONTEND_BLOCKING,
    .read = CONTEND_BLOCKING,
    .unit = { .kind = COUNTER_LINEARIZABLE },
    .batch = { .kind = COUNTER_LINEARIZABLE },
    .undo = { .kind = COUNTER_LINEARIZABLE },
    .features = COUNTER_ADD_GET,
    .min = -COUNTER_LIMIT,
    .max = COUNTER_LIMIT,
    .bytes = sizeof(struct counter_locked) + chosen_lock_heap,
    .bytes_per_thread = COUNTER_LOCKED_BYTES_PER_THREAD,
};

static inline void counter_locked_traits_of(struct counter_locked *c, struct counter_traits *out)
{
    *out = counter_locked_traits;
    out->bytes = sizeof *c + chosen_lock_heap_of(&c->lock);
}

#endif
