/*
 * moody.h - a lock that answers what the test has written down, for the templates.
 *
 * Its handles serve one lock each, and it aborts when it meets another's.  It guards
 * nothing: the tests that compose with it have one thread.
 */
#ifndef CONTEND_TESTS_LOCKS_OWN_MOODY_H
#define CONTEND_TESTS_LOCKS_OWN_MOODY_H

#include <stdlib.h>

#include "locks/lock.h"
#include "locks/parts/platform.h"

struct lock_moody {
    int held;
};

struct lock_moody_handle {
    struct lock_moody *lock; /* the one that it serves */
};

#define LOCK_OPTIONS_moody(part) { part "mood", 0, -5, 5, "nothing" },
LOCK_OPTIONS_LIST(moody)

/* The next answers of acquire and acquire_shared; after them 0 for ever. */
static int moody_answers[8];
static int moody_next, moody_count, moody_attached, moody_attaches_allowed = 1000;
static int64_t moody_last_mood; /* what the last init was set to */

static inline int lock_moody_init(struct lock_moody *l, const struct lock_config *config)
{
    struct lock_config c;
    int error = lock_config_resolve(&c, config, lock_moody_options);

    if (error)
        return error;
    l->held = 0;
    moody_last_mood = contend_option_value(&c.settings, lock_moody_options, "mood");
    return 0;
}

static inline int lock_moody_fini(struct lock_moody *l)
{
    return l->held ? -EBUSY : 0;
}

static inline int lock_moody_attach(struct lock_moody *l, struct lock_moody_handle *h)
{
    if (moody_attached == moody_attaches_allowed)
        return -EAGAIN;
    h->lock = l;
    moody_attached++;
    return 0;
}

static inline void lock_moody_detach(struct lock_moody *l, struct lock_moody_handle *h)
{
    if (h->lock != l)
        abort();
    moody_attached--;
}

static inline int lock_moody_acquire(struct lock_moody *l, struct lock_moody_handle *h)
{
    int answer = moody_next < moody_count ? moody_answers[moody_next++] : 0;

    if (h->lock != l || l->held)
        abort();
    l->held = lock_is_held(answer);
    return answer;
}

static inline int lock_moody_try_acquire(struct lock_moody *l, struct lock_moody_handle *h)
{
    (void)l, (void)h;
    return -ENOTSUP;
}

static inline void lock_moody_release(struct lock_moody *l, struct lock_moody_handle *h)
{
    if (h->lock != l || !l->held)
        abort();
    l->held = 0;
}

LOCK_EXCLUSIVE_ONLY(moody)
LOCK_READERS_HOLD_IT(moody)
LOCK_CALLER_EXECUTES(moody)

enum {
    lock_moody_flags = 0,
    lock_moody_features = LOCK_RECOVERS | LOCK_MAY_REFUSE | LOCK_KNOWS_HOLDER,
};

static const struct lock_traits lock_moody_traits = { .bytes = sizeof(struct lock_moody) };

LOCK_STATIC_TRAITS(moody)

#endif
