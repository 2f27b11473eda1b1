/*
 * redirect_threads.h - the part of redirect.h for threads, once, barriers, timed waits and C11.
 *
 * Included by redirect.h alone.
 */
#ifndef CONTEND_BENCH_MACHINE_REDIRECT_THREADS_H
#define CONTEND_BENCH_MACHINE_REDIRECT_THREADS_H

#define pthread_create(t, a, f, c) check_thread_create(t, a, f, c)
#define pthread_join(t, r) check_thread_join(t, r)
#define pthread_detach(t) check_thread_detach(t)
#define pthread_self() check_thread_self()
#define pthread_exit(r) check_thread_exit(r)
#define exit(status) check_exit(status)

#define pthread_mutex_timedlock(m, t) check_mutex_timedlock(m, t)
#define pthread_mutex_clocklock(m, c, t) check_mutex_timedlock(m, t)
#define pthread_rwlock_timedrdlock(l, t) check_rwlock_timedrdlock(l, t)
#define pthread_rwlock_clockrdlock(l, c, t) check_rwlock_timedrdlock(l, t)
#define pthread_rwlock_timedwrlock(l, t) check_rwlock_timedwrlock(l, t)
#define pthread_rwlock_clockwrlock(l, c, t) check_rwlock_timedwrlock(l, t)
#define pthread_cond_timedwait(c, m, t) check_cond_timedwait(c, m, t)
#define pthread_cond_clockwait(c, m, clock, t) check_cond_timedwait(c, m, t)
#define sem_timedwait(s, t) check_sem_timedwait(s, t)
#define sem_clockwait(s, c, t) check_sem_timedwait(s, t)

#define pthread_once(o, f) check_once(o, f)
#define pthread_barrier_init(b, a, n) check_barrier_init(b, n)
#define pthread_barrier_destroy(b) check_barrier_destroy(b)
#define pthread_barrier_wait(b) check_barrier_wait(b)

#define pthread_key_create(k, d) check_key_create(k, d)
#define pthread_key_delete(k) check_key_delete(k)
#define pthread_getspecific(k) check_key_get(k)
#define pthread_setspecific(k, v) check_key_set(k, v)

/* These have no model and would block all threads, or end them: a program that calls one does not link. */
#define pthread_cancel(...) check_has_no_model_of_pthread_cancel(__VA_ARGS__)
#define sem_open(...) check_has_no_model_of_sem_open(__VA_ARGS__)
#define sigwait(...) check_has_no_model_of_sigwait(__VA_ARGS__)

#ifndef __cplusplus
#define thrd_create(t, f, a) check_thrd_create(t, f, a)
#define thrd_join(t, r) check_thrd_join(t, r)
#define thrd_detach(t) check_c11(check_thread_detach(t))
#define thrd_current() check_thread_self()
#define thrd_exit(r) check_thread_exit((void *)(long)(r))
#define thrd_yield() check_thrd_yield()
#define thrd_sleep(t, left) check_nanosleep(t, left)

#define mtx_init(m, type) check_mtx_init(m, type)
#define mtx_destroy(m) ((void)check_mutex_destroy((pthread_mutex_t *)(m)))
#define mtx_lock(m) check_c11(check_mutex_lock((pthread_mutex_t *)(m)))
#define mtx_trylock(m) check_c11(check_mutex_trylock((pthread_mutex_t *)(m)))
#define mtx_timedlock(m, t) check_c11(check_mutex_timedlock((pthread_mutex_t *)(m), t))
#define mtx_unlock(m) check_c11(check_mutex_unlock((pthread_mutex_t *)(m)))

#define cnd_init(c) check_c11(check_cond_init((pthread_cond_t *)(c)))
#define cnd_destroy(c) ((void)check_cond_destroy((pthread_cond_t *)(c)))
#define cnd_signal(c) check_c11(check_cond_signal((pthread_cond_t *)(c)))
#define cnd_broadcast(c) check_c11(check_cond_broadcast((pthread_cond_t *)(c)))
#define cnd_wait(c, m) check_c11(check_cond_wait((pthread_cond_t *)(c), (pthread_mutex_t *)(m)))
#define cnd_timedwait(c, m, t)                                                                \
    check_c11(check_cond_timedwait((pthread_cond_t *)(c), (pthread_mutex_t *)(m), t))

#define call_once(o, f) ((void)check_once((pthread_once_t *)(o), f))
#define tss_create(k, d) check_c11(check_key_create(k, d))
#define tss_delete(k) ((void)check_key_delete(k))
#define tss_get(k) check_key_get(k)
#define tss_set(k, v) check_c11(check_key_set(k, v))
#endif

#endif
