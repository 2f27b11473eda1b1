/*
 * redirect.h - replaces library functions in checked code by the checker's models.
 *
 * Include it before anything else (-include), in code that is compiled with
 * -fsanitize=thread for the checker.  Most functions get another name for the linker before their headers declare
 * them; those that a compiler has code of its own for are macros behind their headers.
 */
#ifndef CONTEND_BENCH_MACHINE_REDIRECT_H
#define CONTEND_BENCH_MACHINE_REDIRECT_H

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CHECK_REDIRECTS
#endif
#endif
#if !defined(CHECK_REDIRECTS) && !defined(__SANITIZE_THREAD__)
#error "code under test is compiled with -fsanitize=thread as well as -include machine/redirect.h"
#endif

/* By this the checker finds files that were compiled without it. */
__attribute__((section("check_redirected"), used)) static const char check_is_redirected = 1;

#undef _FORTIFY_SOURCE /* whose inline functions call others in place of these */

#include "redirect_library.h"
#include "redirect_memory.h"
#include "redirect_threads.h"

#ifdef __cplusplus /* these undefine names, so they come first */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#endif
#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "models.h"
#ifndef __cplusplus
#include "platform_model.h"
#endif
#include "thread_models.h"
#include "redirect_builtins.h"

/* A false assert() is a verdict. */
#ifdef __cplusplus
extern "C" [[noreturn]] void check_failed(const char *file, int line, const char *condition);
#else
_Noreturn void check_failed(const char *file, int line, const char *condition);
#endif
#define __assert_fail(condition, file, line, function) check_failed(file, (int)(line), condition)

#undef pthread_yield /* another name for it, which its header gives the linker */
#define pthread_yield check_yield
#define __builtin_ia32_pause() check_cpu_relax() /* also what _mm_pause() is made of */

/* Handlers that pthread_exit() calls, kept by fiber: the C library keeps them by thread. */
#undef pthread_cleanup_push
#undef pthread_cleanup_pop
#define pthread_cleanup_push(handler, argument)                                               \
    do {                                                                                      \
        struct check_cleanup check_cleanup_here;                                              \
        check_cleanup_push(&check_cleanup_here, handler, argument)
#define pthread_cleanup_pop(execute)                                                          \
        check_cleanup_pop(&check_cleanup_here, execute);                                                       \
    } while (0)

#ifdef CHECK_CK
#include "ck_ht_model.h"
#endif

#ifdef CHECK_LIBURCU
#define _LGPL_SOURCE
#include <urcu/urcu-memb.h>
#include "lfht_model.h"

#undef urcu_memb_read_lock
#undef urcu_memb_read_unlock
#define urcu_memb_read_lock() check_rcu_read_lock()
#define urcu_memb_read_unlock() check_rcu_read_unlock()
#define urcu_memb_synchronize_rcu() check_rcu_synchronize()
#define urcu_memb_call_rcu(head, reclaim) check_rcu_call(head, reclaim)
#define urcu_memb_barrier() check_rcu_barrier()
#define urcu_memb_register_thread() check_rcu_register()
#define urcu_memb_unregister_thread() check_rcu_unregister()

/* Registration: in place of locks/parts/urcu_thread.h, whose thread-local count all fibers would share. */
#define CONTEND_LOCKS_PARTS_URCU_THREAD_H
static inline void contend_urcu_enter_thread(void)
{
    check_rcu_register();
}

static inline void contend_urcu_leave_thread(void)
{
    check_rcu_unregister();
}
#endif

#endif
