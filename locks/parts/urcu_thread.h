/*
 * urcu_thread.h - registers a thread with liburcu, once, however often asked.
 *
 * liburcu aborts when a thread registers twice.  One thread may be attached to
 * several objects that use RCU, so the registrations are counted per thread.
 * The counter is a weak thread-local definition: all translation units of a
 * process share one, and a lifted header still needs no source file beside it.
 *
 * A thread that ends registered would stay in liburcu's list with thread-local memory that is
 * gone; the next grace period would walk through it.  So the first registration leaves a
 * note for the thread's end, in a key of pthreads, and that unregisters it.
 *
 * A program that uses urcu-memb for itself as well must register its threads with
 * these two functions instead of the library's own, or attach aborts.
 *
 * Licence: liburcu is LGPL-2.1.  Its headers allow their small inline functions
 * to be used with _LGPL_SOURCE by LGPL-compatible code, this project's MIT code
 * among it.  If you lift a header that includes this one into a program under
 * another licence, and cannot accept the LGPL's terms for the inlined code, remove
 * the definition: read sections are then calls (about 11 ns, not 1.6).
 */
#ifndef CONTEND_LOCKS_PARTS_URCU_THREAD_H
#define CONTEND_LOCKS_PARTS_URCU_THREAD_H

#ifndef _LGPL_SOURCE
#define _LGPL_SOURCE
#endif

#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <urcu/urcu-memb.h>

#include "locks/parts/traits.h"

CONTEND_API __attribute__((weak)) _Thread_local unsigned contend_urcu_memb_registrations;

#ifdef CONTEND_MODELLED /* a checker's threads do not end like that */
static inline void contend_urcu_watch_thread(int registered)
{
    (void)registered;
}
#else
/* Each unit has a key of its own; a thread's note is in that of the unit that registered it. */
static pthread_key_t contend_urcu_key;
static int contend_urcu_has_key;

/*
 * `round` counts the calls for this thread: the key's value.  Other keys' destructors may
 * still detach the thread, so it is unregistered in the last round that pthreads offers.
 */
static inline void contend_urcu_thread_ends(void *round)
{
    uintptr_t next = (uintptr_t)round + 1;

    if (contend_urcu_memb_registrations == 0)
        return;
    if (next <= PTHREAD_DESTRUCTOR_ITERATIONS &&
        pthread_setspecific(contend_urcu_key, (void *)next) == 0)
        return;
    contend_urcu_memb_registrations = 0;
    urcu_memb_unregister_thread();
}

static inline void contend_urcu_make_key(void)
{
    contend_urcu_has_key = pthread_key_create(&contend_urcu_key, contend_urcu_thread_ends) == 0;
}

/* Leaves the note, or takes it back.  Where keys have run out the thread must detach. */
static inline void contend_urcu_watch_thread(int registered)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, contend_urcu_make_key);
    if (contend_urcu_has_key)
        pthread_setspecific(contend_urcu_key, registered ? (void *)(uintptr_t)1 : NULL);
}
#endif

/* Every attach calls the first and every detach the second, in the attached thread. */
static inline void contend_urcu_enter_thread(void)
{
    if (contend_urcu_memb_registrations++ > 0)
        return;
    urcu_memb_register_thread();
    contend_urcu_watch_thread(1);
}

static inline void contend_urcu_leave_thread(void)
{
    if (contend_urcu_memb_registrations == 0)
        return; /* in the end of a thread, which is unregistered already */
    if (--contend_urcu_memb_registrations > 0)
        return;
    contend_urcu_watch_thread(0);
    urcu_memb_unregister_thread();
}

#endif
