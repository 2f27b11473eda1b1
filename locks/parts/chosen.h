/*
 * chosen.h - one name for the lock that a template is composed with.
 *
 * A template (counters/locked.h, presence_map/striped.h ...) is written once
 * against `chosen_lock_acquire` and its kin.  Define CONTEND_LOCK as the name
 * of a lock before including the template; without it you get `mutex`.  One
 * translation unit composes with one lock.
 */
#ifndef CONTEND_LOCKS_PARTS_CHOSEN_H
#define CONTEND_LOCKS_PARTS_CHOSEN_H

#include "locks/parts/traits.h"

#ifndef CONTEND_LOCK
#define CONTEND_LOCK mutex
#endif

#include CONTEND_STRING(locks/CONTEND_LOCK.h)

#define CHOSEN_LOCK_NAME CONTEND_STRING(CONTEND_LOCK)
#define CHOSEN_LOCK_INIT CONTEND_JOIN3(LOCK_INIT_, CONTEND_LOCK, )

/* The chosen lock's options, for the template's own list: CHOSEN_LOCK_OPTIONS("lock."). */
#define CHOSEN_LOCK_OPTIONS CONTEND_JOIN3(LOCK_OPTIONS_, CONTEND_LOCK, )

#define chosen_lock CONTEND_JOIN3(lock_, CONTEND_LOCK, )
#define chosen_lock_handle CONTEND_JOIN3(lock_, CONTEND_LOCK, _handle)
#define chosen_lock_init CONTEND_JOIN3(lock_, CONTEND_LOCK, _init)
#define chosen_lock_fini CONTEND_JOIN3(lock_, CONTEND_LOCK, _fini)
#define chosen_lock_attach CONTEND_JOIN3(lock_, CONTEND_LOCK, _attach)
#define chosen_lock_detach CONTEND_JOIN3(lock_, CONTEND_LOCK, _detach)
#define chosen_lock_acquire CONTEND_JOIN3(lock_, CONTEND_LOCK, _acquire)
#define chosen_lock_release CONTEND_JOIN3(lock_, CONTEND_LOCK, _release)
#define chosen_lock_acquire_shared CONTEND_JOIN3(lock_, CONTEND_LOCK, _acquire_shared)
#define chosen_lock_release_shared CONTEND_JOIN3(lock_, CONTEND_LOCK, _release_shared)
#define chosen_lock_flags CONTEND_JOIN3(lock_, CONTEND_LOCK, _flags)
#define chosen_lock_features CONTEND_JOIN3(lock_, CONTEND_LOCK, _features)

#endif
