/*
 * redirect_c11.h - the part of redirect.h for the threads of C11.
 *
 * Functions with parameters: their objects are those of POSIX, and only the results differ.
 */
#ifndef CONTEND_BENCH_MACHINE_REDIRECT_C11_H
#define CONTEND_BENCH_MACHINE_REDIRECT_C11_H

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

#define cnd_init(c) check_c11(check_cond_init((pthread_cond_t *)(c), NULL))
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
