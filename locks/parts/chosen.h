/*
 * chosen.h - one name for the lock that a template is composed with.
 *
 * A template (counters/locked.h, presence_map/striped.h ...) is written once
 * against `chosen_lock_acquire`, `chosen_lock_release` and so on.  Define
 * CONTEND_LOCK as the name of a lock before including the template; the default is
 * `mutex`.
 *
 * A translation unit composes with one lock.  Templates include this file before
 * their own guard, so that a second template, or the same once more, with another
 * lock does not compile: the types of the typedef below then differ.  A unit that
 * wants two locks in one object (a cohort lock) includes their headers by name.
 */
#include "locks/parts/traits.h"

#ifndef CONTEND_LOCK
#define CONTEND_LOCK mutex
#endif

#include CONTEND_STRING(locks/CONTEND_LOCK.h)

/* If this conflicts, the unit has included templates with different locks. */
typedef struct CONTEND_JOIN3(lock_, CONTEND_LOCK, ) contend_the_only_lock_chosen_in_this_unit;

#ifndef CONTEND_LOCKS_PARTS_CHOSEN_H
#define CONTEND_LOCKS_PARTS_CHOSEN_H

#define CHOSEN_LOCK_NAME CONTEND_STRING(CONTEND_LOCK)
#define CHOSEN_LOCK_INIT CONTEND_JOIN3(LOCK_INIT_, CONTEND_LOCK, )

/* The chosen lock's options, for the template's own list: CHOSEN_LOCK_OPTIONS("lock."). */
#define CHOSEN_LOCK_OPTIONS CONTEND_JOIN3(LOCK_OPTIONS_, CONTEND_LOCK, )

#define chosen_lock CONTEND_JOIN3(lock_, CONTEND_LOCK, )
#define CHOSEN_LOCK(end) CONTEND_JOIN3(lock_, CONTEND_LOCK, _##end)

#define chosen_lock_handle CHOSEN_LOCK(handle)
#define chosen_lock_init CHOSEN_LOCK(init)
#define chosen_lock_fini CHOSEN_LOCK(fini)
#define chosen_lock_attach CHOSEN_LOCK(attach)
#define chosen_lock_detach CHOSEN_LOCK(detach)
#define chosen_lock_acquire CHOSEN_LOCK(acquire)
#define chosen_lock_try_acquire CHOSEN_LOCK(try_acquire)
#define chosen_lock_release CHOSEN_LOCK(release)
#define chosen_lock_acquire_shared CHOSEN_LOCK(acquire_shared)
#define chosen_lock_try_acquire_shared CHOSEN_LOCK(try_acquire_shared)
#define chosen_lock_release_shared CHOSEN_LOCK(release_shared)
#define chosen_lock_read_begin CHOSEN_LOCK(read_begin)
#define chosen_lock_read_retry CHOSEN_LOCK(read_retry)
#define chosen_lock_try_upgrade CHOSEN_LOCK(try_upgrade)
#define chosen_lock_execute CHOSEN_LOCK(execute)
#define chosen_lock_flags CHOSEN_LOCK(flags)
#define chosen_lock_features CHOSEN_LOCK(features)
#define chosen_lock_heap CHOSEN_LOCK(heap)
#define chosen_lock_handle_heap CHOSEN_LOCK(handle_heap)
#define chosen_lock_traits_of CHOSEN_LOCK(traits_of)

/* Bytes that this lock has taken from its allocator, handles not counted. */
static inline size_t chosen_lock_heap_of(struct chosen_lock *l)
{
    struct lock_traits traits;

    chosen_lock_traits_of(l, &traits);
    return traits.bytes - sizeof *l;
}

/* chosen_lock_acquire_shared for a caller that cannot fail: tries until it gets the lock. */
static inline int chosen_lock_insist_shared(struct chosen_lock *l, struct chosen_lock_handle *h)
{
    int answer = chosen_lock_acquire_shared(l, h);

    while (chosen_lock_features & LOCK_MAY_REFUSE && !lock_is_held(answer)) {
        contend_cpu_relax();
        answer = chosen_lock_acquire_shared(l, h);
    }
    return answer;
}

#endif
