/*
 * semaphore.h - at most N threads inside a striped map at once.
 *
 * Idea: a counting semaphore admits N threads, one for each processor unless the
 *   caller says otherwise.  Inside is a striped map: this one is composed with
 *   striped.h over the mutex.  The others sleep at the semaphore instead of
 *   contending for the locks behind it.
 * Invariant: the semaphore's value plus the threads inside make N; inside, the
 *   invariants of striped.h.
 * Linearisation points: any instant while the stripe's mutex is held; sweep, per
 *   user, at the removal under the mutex.
 * Progress: blocking.  N threads that stall inside stop all others; fewer stop one
 *   stripe each.
 * Read guarantee: linearizable per user; for_each and count_online see each stripe
 *   at one instant, and different stripes at different ones.
 * Cost: two locked instructions on one line that all threads write, whatever
 *   their users, before the mutex's two: the semaphore costs more than it saves until
 *   threads outnumber processors by far.  Memory as striped.h.
 * Breaks when: operations are short, as they are here: the semaphore becomes the
 *   one place where all threads meet.
 * Use when: what is inside is scarce or long: connections, memory, large scans.
 * Reference: E. W. Dijkstra, "Cooperating Sequential Processes", 1965;
 *   IEEE Std 1003.1 (sem_wait, sem_post).
 */
#include "locks/parts/chosen.h" /* before the guard: see there */

#ifndef CONTEND_PRESENCE_MAP_SEMAPHORE_H
#define CONTEND_PRESENCE_MAP_SEMAPHORE_H

#include <semaphore.h>

#include "locks/parts/platform.h"
#include "presence_map/parts/defaults.h"
#include "presence_map/presence_map.h"
#include "presence_map/striped.h"

static const struct contend_option presence_semaphore_options[] = {
    { "admission", 0, 0, INT_MAX, "threads inside at once; 0 = one for each processor" },
    PRESENCE_STRIPED_OPTIONS
    CONTEND_OPTIONS_END
};

struct presence_semaphore {
    struct presence_striped inside;
    CONTEND_ALIGNED sem_t door; /* how many more may come in */
};

struct presence_semaphore_handle {
    struct presence_striped_handle inside;
};

static inline int presence_semaphore_init(struct presence_semaphore *m,
                                          const struct presence_config *config)
{
    int error = presence_striped_init_with(&m->inside, config, presence_semaphore_options);

    if (error)
        return error;
    unsigned admitted = (unsigned)contend_option_value(presence_settings(config),
                                                       presence_semaphore_options, "admission");
    if (admitted == 0)
        admitted = contend_cpu_count();
    if (sem_init(&m->door, 0, admitted) != 0) {
        error = -errno; /* more than a semaphore can count */
        presence_striped_fini(&m->inside);
    }
    return error;
}

static inline int presence_semaphore_fini(struct presence_semaphore *m)
{
    int error = presence_striped_fini(&m->inside);

    if (error == 0)
        sem_destroy(&m->door);
    return error;
}

static inline void presence_semaphore_enter(struct presence_semaphore *m)
{
    while (sem_wait(&m->door) != 0)
        contend_cpu_relax(); /* EINTR: a signal handler ran; nothing was taken */
    CONTEND_STEP("semaphore: admitted");
}

static inline void presence_semaphore_exit(struct presence_semaphore *m)
{
    sem_post(&m->door);
}

static inline int presence_semaphore_attach(struct presence_semaphore *m,
                                            struct presence_semaphore_handle *h)
{
    return presence_striped_attach(&m->inside, &h->inside);
}

static inline void presence_semaphore_detach(struct presence_semaphore *m,
                                             struct presence_semaphore_handle *h)
{
    presence_striped_detach(&m->inside, &h->inside);
}

static inline int presence_semaphore_heartbeat(struct presence_semaphore *m,
                                               struct presence_semaphore_handle *h, uint64_t user,
                                               uint64_t now)
{
    presence_semaphore_enter(m);
    int result = presence_striped_heartbeat(&m->inside, &h->inside, user, now);
    presence_semaphore_exit(m);
    return result;
}

static inline int presence_semaphore_is_online(struct presence_semaphore *m,
                                               struct presence_semaphore_handle *h, uint64_t user,
                                               uint64_t now)
{
    presence_semaphore_enter(m);
    int online = presence_striped_is_online(&m->inside, &h->inside, user, now);
    presence_semaphore_exit(m);
    return online;
}

static inline int64_t presence_semaphore_last_seen(struct presence_semaphore *m,
                                                   struct presence_semaphore_handle *h,
                                                   uint64_t user)
{
    presence_semaphore_enter(m);
    int64_t last = presence_striped_last_seen(&m->inside, &h->inside, user);
    presence_semaphore_exit(m);
    return last;
}

static inline int presence_semaphore_leave(struct presence_semaphore *m,
                                           struct presence_semaphore_handle *h, uint64_t user,
                                           uint64_t now)
{
    presence_semaphore_enter(m);
    int left = presence_striped_leave(&m->inside, &h->inside, user, now);
    presence_semaphore_exit(m);
    return left;
}

static inline int64_t presence_semaphore_sweep(struct presence_semaphore *m,
                                               struct presence_semaphore_handle *h, uint64_t now,
                                               uint64_t budget, bool *complete)
{
    presence_semaphore_enter(m);
    int64_t removed = presence_striped_sweep(&m->inside, &h->inside, now, budget, complete);
    presence_semaphore_exit(m);
    return removed;
}

static inline int presence_semaphore_for_each_online(struct presence_semaphore *m,
                                                     struct presence_semaphore_handle *h,
                                                     uint64_t now, presence_visit fn, void *ctx)
{
    presence_semaphore_enter(m);
    int stop = presence_striped_for_each_online(&m->inside, &h->inside, now, fn, ctx);
    presence_semaphore_exit(m);
    return stop;
}

static inline int presence_semaphore_reserve(struct presence_semaphore *m,
                                             struct presence_semaphore_handle *h, uint64_t users)
{
    presence_semaphore_enter(m);
    int error = presence_striped_reserve(&m->inside, &h->inside, users);
    presence_semaphore_exit(m);
    return error;
}

/* A batch is admitted once. */
#define PRESENCE_SEMAPHORE_BATCH(OPERATION)                                                    \
    static inline int presence_semaphore_##OPERATION##_many(                                   \
        struct presence_semaphore *m, struct presence_semaphore_handle *h,                     \
        const uint64_t *users, size_t n, uint64_t now, int *results)                           \
    {                                                                                          \
        presence_semaphore_enter(m);                                                           \
        int error = presence_striped_##OPERATION##_many(&m->inside, &h->inside, users, n, now, \
                                                        results);                              \
        presence_semaphore_exit(m);                                                            \
        return error;                                                                          \
    }

PRESENCE_COUNT_BY_WALK(semaphore)
PRESENCE_SEMAPHORE_BATCH(heartbeat)
PRESENCE_SEMAPHORE_BATCH(is_online)
PRESENCE_NO_QUIESCENCE(semaphore)

static inline void presence_semaphore_stats(struct presence_semaphore *m,
                                            struct presence_stats *out)
{
    presence_striped_stats(&m->inside, out);
    out->bytes += sizeof *m - sizeof m->inside;
}

static const struct presence_traits presence_semaphore_traits = {
    .id = {
        .name = "semaphore",
        .title = "a semaphore admits N threads to a striped map",
        .reference = "Dijkstra, Cooperating Sequential Processes, 1965",
        .lock = CHOSEN_LOCK_NAME,
        .flags = chosen_lock_flags & ~CONTEND_PROCESS_SHARED, /* its tables are on the heap */
        .options = presence_semaphore_options,
    },
    .heartbeat = CONTEND_BLOCKING,
    .insert = CONTEND_BLOCKING,
    .is_online = CONTEND_BLOCKING,
    .last_seen = CONTEND_BLOCKING,
    .leave = CONTEND_BLOCKING,
    .sweep = CONTEND_BLOCKING,
    .walk = CONTEND_BLOCKING,
    .features = PRESENCE_GROWS | PRESENCE_RESERVES | PRESENCE_LAST_SEEN |
                (unsigned)chosen_expiry_features,
    .backlog = PRESENCE_BACKLOG_NONE,
    .expiry = "lazy check and " CHOSEN_EXPIRY_WORDS ", stripe by stripe",
    .granularity_ms = 1,
    .max_user = PRESENCE_NO_USER - 1,
    .max_span = PRESENCE_MAX_NOW,
    .max_retain = UINT64_MAX,
    .bytes_per_user = PRESENCE_STRIPED_BYTES_PER_USER,
    .bytes_fixed = sizeof(struct presence_semaphore) + PRESENCE_STRIPED_BYTES_FIXED,
};

PRESENCE_STATIC_TRAITS(semaphore)

#endif
