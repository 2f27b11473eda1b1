/*
 * models.h - the checker's models of the library functions that checked code calls.
 *
 * The models are ideal: they do what the standard says of the function, and nothing
 * else.  redirect.h gives the ordinary names these for the linker, so their parameters are the same.
 */
#ifndef CONTEND_BENCH_MACHINE_MODELS_H
#define CONTEND_BENCH_MACHINE_MODELS_H

#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "stdio_models.h"
#include "text_models.h"

int check_mutex_init(pthread_mutex_t *m);
int check_mutex_destroy(pthread_mutex_t *m);
int check_mutex_lock(pthread_mutex_t *m);
int check_mutex_trylock(pthread_mutex_t *m);
int check_mutex_unlock(pthread_mutex_t *m);
int check_mutex_consistent(pthread_mutex_t *m);

int check_rwlock_init(pthread_rwlock_t *l, const pthread_rwlockattr_t *attributes);
int check_rwlock_destroy(pthread_rwlock_t *l);
int check_rwlock_rdlock(pthread_rwlock_t *l);
int check_rwlock_tryrdlock(pthread_rwlock_t *l);
int check_rwlock_wrlock(pthread_rwlock_t *l);
int check_rwlock_trywrlock(pthread_rwlock_t *l);
int check_rwlock_unlock(pthread_rwlock_t *l);

int check_cond_init(pthread_cond_t *c, const pthread_condattr_t *attributes);
int check_cond_destroy(pthread_cond_t *c);
int check_cond_wait(pthread_cond_t *c, pthread_mutex_t *m);
int check_cond_signal(pthread_cond_t *c);
int check_cond_broadcast(pthread_cond_t *c);

/* A spin lock spins: waiting threads look at its word. */
int check_spin_init(pthread_spinlock_t *s, int shared);
int check_spin_destroy(pthread_spinlock_t *s);
int check_spin_lock(pthread_spinlock_t *s);
int check_spin_trylock(pthread_spinlock_t *s);
int check_spin_unlock(pthread_spinlock_t *s);

int check_sem_init(sem_t *s, int shared, unsigned value);
int check_sem_destroy(sem_t *s);
int check_sem_wait(sem_t *s);
int check_sem_trywait(sem_t *s);
int check_sem_post(sem_t *s);
int check_sem_getvalue(sem_t *s, int *value);

void *check_malloc(size_t size);
void *check_calloc(size_t count, size_t size);
void *check_realloc(void *block, size_t size);
void *check_aligned_alloc(size_t align, size_t size);
int check_posix_memalign(void **block, size_t align, size_t size);
void *check_reallocarray(void *block, size_t count, size_t size);
void *check_memalign(size_t align, size_t size);
void *check_valloc(size_t size);
void *check_pvalloc(size_t size);
size_t check_malloc_usable_size(void *block);
void check_free(void *block);

/* The memory is the system's: only what the checker knows of it changes. */
void *check_mmap(void *at, size_t size, int protection, int flags, int file, off_t offset);
int check_munmap(void *at, size_t size);
void *check_mremap(void *at, size_t size, size_t wanted, int flags, ...);
int check_mprotect(void *at, size_t size, int protection);

/* System calls by number: futex, membarrier and sched_yield have models; others are made. */
long check_syscall(long number, ...);

/* The clocks of the program, which go forward as it reads them, sleeps and waits: clock_models.c. */
struct timeval;
int check_clock_gettime(clockid_t clock, struct timespec *now);
int check_timespec_get(struct timespec *now, int base);
int check_gettimeofday(struct timeval *now, void *zone);
time_t check_time(time_t *now);
clock_t check_clock(void);

/* Sleeping is waiting: others run. */
int check_usleep(unsigned microseconds);
unsigned check_sleep(unsigned seconds);
int check_nanosleep(const struct timespec *time, struct timespec *left);
int check_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left);

int check_yield(void);
void check_thrd_yield(void);
void check_cpu_relax(void);
void check_futex_wait(void *word, uint32_t expected);
void check_futex_wake(void *word, int count);
void check_membarrier(void);
uint64_t check_clock_ns(void);
unsigned check_choice(unsigned count); /* what the machine does: one of 0 .. count - 1 */

/* An ideal RCU: a grace period ends when every reader that was inside has left. */
struct rcu_head;
void check_rcu_register(void);
void check_rcu_unregister(void);
void check_rcu_read_lock(void);
void check_rcu_read_unlock(void);
void check_rcu_synchronize(void);
void check_rcu_call(struct rcu_head *head, void (*reclaim)(struct rcu_head *head));
void check_rcu_barrier(void);

#ifdef __cplusplus
}
#endif

#endif
