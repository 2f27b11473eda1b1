/*
 * threads.h - a driver of the machine on which instrumented code runs on real threads.
 *
 * Each event does what the code asked for: the atomic access with its own memory order, the
 * real lock, liburcu's own RCU.  Around it are delays, and counts of what nearly happened
 * (visitor.h).  Memory is poisoned when it is freed, and looked at again before it is
 * reused.
 */
#ifndef CONTEND_TESTS_SOAK_THREADS_H
#define CONTEND_TESTS_SOAK_THREADS_H

#include "bench/machine/machine.h"

extern const struct machine_driver machine_threads;

/* For the table in threads.c: see the event of the same name. */
int threads_lock(void *object, enum machine_hold hold, bool try, const void *pc);
int threads_unlock(void *object, const void *pc);
int threads_lock_destroy(void *object, const void *pc);
int threads_cond_wait(void *cond, void *mutex, const void *pc);
void threads_cond_wake(void *cond, bool all, const void *pc);
void threads_sem_init(void *sem, unsigned value, const void *pc);
int threads_sem_wait(void *sem, bool try, const void *pc);
int threads_sem_post(void *sem, const void *pc);
int threads_sem_value(void *sem, const void *pc);
int threads_sem_destroy(void *sem, const void *pc);

void *threads_allocate(size_t size, size_t align, bool zero, const void *pc);
void *threads_reallocate(void *block, size_t size, const void *pc);
void threads_release(void *block, const void *pc);
uint64_t threads_blocks(void); /* that are allocated now */
void threads_empty_quarantine(void);

void threads_rcu_register(bool enter, const void *pc);
void threads_rcu_read(bool enter, const void *pc);
void threads_rcu_synchronize(const void *pc);
void threads_rcu_defer(void *head, void (*reclaim)(void *head), const void *pc);
void threads_rcu_barrier(const void *pc);

#endif
