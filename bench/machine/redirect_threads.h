/*
 * redirect_threads.h - the part of redirect.h for threads, locks, what waits, and common names: their names for the linker.
 *
 * Stands before the headers that declare these functions.  The compiler then calls, and takes the address
 * of, the model; in the source the name stays what it is, so that a member or a method may have it too.
 */
#ifndef CONTEND_BENCH_MACHINE_REDIRECT_THREADS_H
#define CONTEND_BENCH_MACHINE_REDIRECT_THREADS_H

#pragma redefine_extname pthread_create check_thread_create
#pragma redefine_extname pthread_join check_thread_join
#pragma redefine_extname pthread_tryjoin_np check_thread_tryjoin
#pragma redefine_extname pthread_timedjoin_np check_thread_timedjoin
#pragma redefine_extname pthread_clockjoin_np check_thread_clockjoin
#pragma redefine_extname pthread_detach check_thread_detach
#pragma redefine_extname pthread_self check_thread_self
#pragma redefine_extname pthread_exit check_thread_exit
#pragma redefine_extname exit check_exit
#pragma redefine_extname _exit check_exit_now
#pragma redefine_extname _Exit check_exit_now
#pragma redefine_extname quick_exit check_quick_exit
#pragma redefine_extname abort check_abort
#pragma redefine_extname raise check_raise
#pragma redefine_extname kill check_kill

#pragma redefine_extname pthread_mutex_init check_mutex_make
#pragma redefine_extname pthread_mutex_destroy check_mutex_destroy
#pragma redefine_extname pthread_mutex_lock check_mutex_lock
#pragma redefine_extname pthread_mutex_trylock check_mutex_trylock
#pragma redefine_extname pthread_mutex_timedlock check_mutex_timedlock
#pragma redefine_extname pthread_mutex_clocklock check_mutex_clocklock
#pragma redefine_extname pthread_mutex_unlock check_mutex_unlock
#pragma redefine_extname pthread_mutex_consistent check_mutex_consistent

#pragma redefine_extname pthread_rwlock_init check_rwlock_init
#pragma redefine_extname pthread_rwlock_destroy check_rwlock_destroy
#pragma redefine_extname pthread_rwlock_rdlock check_rwlock_rdlock
#pragma redefine_extname pthread_rwlock_tryrdlock check_rwlock_tryrdlock
#pragma redefine_extname pthread_rwlock_timedrdlock check_rwlock_timedrdlock
#pragma redefine_extname pthread_rwlock_clockrdlock check_rwlock_clockrdlock
#pragma redefine_extname pthread_rwlock_wrlock check_rwlock_wrlock
#pragma redefine_extname pthread_rwlock_trywrlock check_rwlock_trywrlock
#pragma redefine_extname pthread_rwlock_timedwrlock check_rwlock_timedwrlock
#pragma redefine_extname pthread_rwlock_clockwrlock check_rwlock_clockwrlock
#pragma redefine_extname pthread_rwlock_unlock check_rwlock_unlock

#pragma redefine_extname pthread_cond_init check_cond_init
#pragma redefine_extname pthread_cond_destroy check_cond_destroy
#pragma redefine_extname pthread_cond_wait check_cond_wait
#pragma redefine_extname pthread_cond_timedwait check_cond_timedwait
#pragma redefine_extname pthread_cond_clockwait check_cond_clockwait
#pragma redefine_extname pthread_cond_signal check_cond_signal
#pragma redefine_extname pthread_cond_broadcast check_cond_broadcast

#pragma redefine_extname pthread_spin_init check_spin_init
#pragma redefine_extname pthread_spin_destroy check_spin_destroy
#pragma redefine_extname pthread_spin_lock check_spin_lock
#pragma redefine_extname pthread_spin_trylock check_spin_trylock
#pragma redefine_extname pthread_spin_unlock check_spin_unlock

#pragma redefine_extname sem_init check_sem_init
#pragma redefine_extname sem_destroy check_sem_destroy
#pragma redefine_extname sem_wait check_sem_wait
#pragma redefine_extname sem_trywait check_sem_trywait
#pragma redefine_extname sem_timedwait check_sem_timedwait
#pragma redefine_extname sem_clockwait check_sem_clockwait
#pragma redefine_extname sem_post check_sem_post
#pragma redefine_extname sem_getvalue check_sem_getvalue

#pragma redefine_extname pthread_once check_once
#pragma redefine_extname pthread_barrier_init check_barrier_init
#pragma redefine_extname pthread_barrier_destroy check_barrier_destroy
#pragma redefine_extname pthread_barrier_wait check_barrier_wait

#pragma redefine_extname pthread_key_create check_key_create
#pragma redefine_extname pthread_key_delete check_key_delete
#pragma redefine_extname pthread_getspecific check_key_get
#pragma redefine_extname pthread_setspecific check_key_set

/* The same of C11, whatever includes <threads.h>. */
#pragma redefine_extname thrd_create check_thrd_create
#pragma redefine_extname thrd_join check_thrd_join
#pragma redefine_extname thrd_detach check_thrd_detach
#pragma redefine_extname thrd_current check_thread_self
#pragma redefine_extname thrd_exit check_thrd_exit
#pragma redefine_extname thrd_yield check_thrd_yield
#pragma redefine_extname thrd_sleep check_nanosleep
#pragma redefine_extname mtx_init check_mtx_init
#pragma redefine_extname mtx_destroy check_mtx_destroy
#pragma redefine_extname mtx_lock check_mtx_lock
#pragma redefine_extname mtx_trylock check_mtx_trylock
#pragma redefine_extname mtx_timedlock check_mtx_timedlock
#pragma redefine_extname mtx_unlock check_mtx_unlock
#pragma redefine_extname cnd_init check_cnd_init
#pragma redefine_extname cnd_destroy check_cnd_destroy
#pragma redefine_extname cnd_signal check_cnd_signal
#pragma redefine_extname cnd_broadcast check_cnd_broadcast
#pragma redefine_extname cnd_wait check_cnd_wait
#pragma redefine_extname cnd_timedwait check_cnd_timedwait
#pragma redefine_extname call_once check_call_once
#pragma redefine_extname tss_create check_tss_create
#pragma redefine_extname tss_delete check_tss_delete
#pragma redefine_extname tss_get check_key_get
#pragma redefine_extname tss_set check_tss_set

/* What a thread of the checker has none of, or only one of. */
#pragma redefine_extname pthread_setname_np check_thread_setname
#pragma redefine_extname pthread_getname_np check_thread_getname
#pragma redefine_extname pthread_setaffinity_np check_thread_setaffinity
#pragma redefine_extname pthread_getaffinity_np check_thread_getaffinity
#pragma redefine_extname pthread_setschedparam check_thread_setschedparam
#pragma redefine_extname pthread_getschedparam check_thread_getschedparam
#pragma redefine_extname pthread_setschedprio check_thread_setschedprio
#pragma redefine_extname pthread_getattr_np check_thread_getattr

/* These have no model and would block all threads, or end them: a program that calls one does not link. */
#pragma redefine_extname pthread_cancel check_has_no_model_of_pthread_cancel
#pragma redefine_extname pthread_kill check_has_no_model_of_pthread_kill
#pragma redefine_extname pthread_sigqueue check_has_no_model_of_pthread_sigqueue
#pragma redefine_extname pthread_getcpuclockid check_has_no_model_of_pthread_getcpuclockid
#pragma redefine_extname sem_open check_has_no_model_of_sem_open
#pragma redefine_extname sigwait check_has_no_model_of_sigwait
#pragma redefine_extname sigwaitinfo check_has_no_model_of_sigwaitinfo
#pragma redefine_extname sigtimedwait check_has_no_model_of_sigtimedwait
#pragma redefine_extname sigsuspend check_has_no_model_of_sigsuspend

#pragma redefine_extname sched_yield check_yield

/* The program's clock. */
#pragma redefine_extname clock_gettime check_clock_gettime
#pragma redefine_extname timespec_get check_timespec_get
#pragma redefine_extname gettimeofday check_gettimeofday
#pragma redefine_extname time check_time
#pragma redefine_extname clock check_clock

/* A loop that sleeps waits. */
#pragma redefine_extname usleep check_usleep
#pragma redefine_extname sleep check_sleep
#pragma redefine_extname nanosleep check_nanosleep
#pragma redefine_extname clock_nanosleep check_clock_nanosleep

#ifndef __cplusplus /* where their header gives them names of their own */
/* Both are names that variables and members have. */
#pragma redefine_extname index check_strchr
#pragma redefine_extname rindex check_strrchr
#endif

/* Futex waits and membarrier, and what else is called by number. */
#pragma redefine_extname syscall check_syscall

#endif
