/*
 * model_parts.h - what the models of POSIX and of C11 threads have in common: `pc` is where the code under test
 * has called.
 *
 * Private to the models.  Each returns 0 or an errno.
 */
#ifndef CONTEND_BENCH_MACHINE_MODEL_PARTS_H
#define CONTEND_BENCH_MACHINE_MODEL_PARTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "bench/machine/linkage.h"
#include "bench/machine/machine.h"

/* models.c: of all kinds of locks and of condition variables. */
void object_make(void *object, size_t size, const void *pc) CHECK_PRIVATE(object_make);
int object_end(void *object, size_t size, const void *pc) CHECK_PRIVATE(object_end);
int mutex_lock(pthread_mutex_t *m, bool try, const void *pc) CHECK_PRIVATE(mutex_lock);
int mutex_unlock(pthread_mutex_t *m, const void *pc) CHECK_PRIVATE(mutex_unlock);
/* Whether the running thread has locked it, and its type asks for that. */
bool mutex_is_own(const pthread_mutex_t *m) CHECK_PRIVATE(mutex_is_own);
int wait_for(pthread_cond_t *c, pthread_mutex_t *m, const void *pc) CHECK_PRIVATE(wait_for);

/*
 * robust_models.c: a mutex is made as the attributes say; was taken: 0, EOWNERDEAD, or ENOTRECOVERABLE and left again;
 * is about to be left; the running thread ends.  Nothing is done with one that is not robust.
 */
int robust_make(pthread_mutex_t *m, const pthread_mutexattr_t *attributes) CHECK_PRIVATE(robust_make);
int robust_taken(pthread_mutex_t *m, const void *pc) CHECK_PRIVATE(robust_taken);
void robust_left(pthread_mutex_t *m, const void *pc) CHECK_PRIVATE(robust_left);
void robust_thread_ends(void) CHECK_PRIVATE(robust_thread_ends);

/* thread_models.c: one of the two functions is NULL. */
int thread_start(pthread_t *thread, void *(*f)(void *), int (*c11)(void *), void *argument, const void *pc)
    CHECK_PRIVATE(thread_start);
int thread_wait(pthread_t thread, void **result, const void *pc) CHECK_PRIVATE(thread_wait);
int thread_detach(pthread_t thread, const void *pc) CHECK_PRIVATE(thread_detach);
void thread_exit(void *result, const void *pc) CHECK_PRIVATE(thread_exit) __attribute__((noreturn));

/* thread_models.c: waits that may time out. */
int mutex_lock_in_time(pthread_mutex_t *m, const struct timespec *until, const void *pc)
    CHECK_PRIVATE(mutex_lock_in_time);
int wait_in_time(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until, const void *pc)
    CHECK_PRIVATE(wait_in_time);

/* cxx_locals.c: destroys the thread-local objects of the running thread.  Absent (NULL) where there are none. */
void cxx_locals_end(void) CHECK_PRIVATE(cxx_locals_end) __attribute__((weak));

/* barrier_models.c */
void once_run(void *once, void (*routine)(void), const void *pc) CHECK_PRIVATE(once_run);

#endif
