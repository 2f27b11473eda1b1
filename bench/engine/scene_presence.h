/*
 * scene_presence.h - one map, one thread that beats for the others in an open loop, and an actor.
 */
#ifndef CONTEND_BENCH_ENGINE_SCENE_PRESENCE_H
#define CONTEND_BENCH_ENGINE_SCENE_PRESENCE_H

#include "bench/engine/crew.h"
#include "bench/engine/disturb.h"
#include "presence_map/presence_map.h"

enum {
    SCENE_OTHERS = 1000,     /* users 0 ..: those that the first thread beats for */
    SCENE_INTERVAL_NS = 10000, /* between two beats: 1 Mu */
    SCENE_EPOCH_MS = 1000000000,
    SCENE_SPEED = 10         /* virtual time passes so much faster */
};

struct scene {
    const struct presence_ops *ops;
    void *map;
    struct crew *crew;
    void *handles[2];          /* of the two threads, by crew number */
    bool attached[2];
    uint64_t now_ms;           /* virtual time at the start of a phase */
    struct histogram *others;  /* where this phase's beats go */
    void *actor;               /* the actor's own */
    int error;                 /* of the actor */
    /* What the map holds of the allocator. */
    struct contend_allocator allocator;
    CONTEND_ALIGNED _Atomic size_t held;
    _Atomic size_t peak;
    CONTEND_ALIGNED _Atomic uint64_t failed; /* beats of the others */
};

/* Roles of the crew. */
enum { SCENE_BEATS, SCENE_ACTS };

/* A map for `expected` users and both threads, attached.  0, or an error; `why` may say more. */
int scene_make(struct scene **made, const struct contestant *who, const cpu_set_t *allowed,
               uint64_t expected, char why[DISTURB_WHY]);
void scene_end(struct scene *s);

/*
 * One phase: the others beat, and the actor does `act` (NULL: nothing, for `length_ns`) and ends
 * it.  What the others noticed is added to *others.  0, the actor's error, or -EIO if a beat
 * failed.
 */
int scene_perform(struct scene *s, crew_work *act, uint64_t length_ns, struct histogram *others);
/* The others beat once each, untimed, so that they are online at s->now_ms. */
int scene_refresh(struct scene *s);

static inline struct scene *scene_of(const struct crew_worker *me)
{
    return me->shared;
}

/* Virtual time at an instant of the phase. */
static inline uint64_t scene_now(const struct scene *s, const struct crew_worker *me, uint64_t ns)
{
    return s->now_ms + (ns > me->start_ns ? (ns - me->start_ns) * SCENE_SPEED / 1000000 : 0);
}

static inline size_t scene_held(const struct scene *s)
{
    /* relaxed: a figure to show. */
    return atomic_load_explicit(&s->held, memory_order_relaxed);
}

#endif
