/*
 * urcu_thread.h - registers a thread with liburcu, once, however often asked.
 *
 * liburcu aborts when a thread registers twice.  One thread may be attached to
 * several objects that use RCU, so the registrations are counted per thread.
 * The counter is a weak thread-local definition: all translation units of a
 * process share one, and a lifted header still needs no source file beside it.
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

#include <urcu/urcu-memb.h>

#include "locks/parts/traits.h"

CONTEND_API __attribute__((weak)) _Thread_local unsigned contend_urcu_memb_registrations;

/* Every attach calls the first and every detach the second, in the attached thread. */
static inline void contend_urcu_enter_thread(void)
{
    if (contend_urcu_memb_registrations++ == 0)
        urcu_memb_register_thread();
}

static inline void contend_urcu_leave_thread(void)
{
    if (--contend_urcu_memb_registrations == 0)
        urcu_memb_unregister_thread();
}

#endif
