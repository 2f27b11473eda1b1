/*
 * redirect.h - replaces library functions in checked code by the checker's models.
 *
 * Include it before anything else (-include), in code that is compiled with
 * -fsanitize=thread for the checker.  The real headers come first, so that their
 * declarations stay what they are; only calls written afterwards are redirected.  Of <unistd.h> a
 * program may have no need, and names such as read and link for itself: where it includes that, sleep,
 * usleep and syscall are declared as the models, whose types they have.
 * Function-like macros, so that a member named `free` stays a member.
 */
#ifndef CONTEND_BENCH_MACHINE_REDIRECT_H
#define CONTEND_BENCH_MACHINE_REDIRECT_H

#ifdef __cplusplus /* these undefine names, so they come first */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#endif
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifndef __cplusplus
#include <threads.h>
#endif
#include <time.h>

#include "models.h"
#ifndef __cplusplus
#include "platform_model.h"
#endif
#include "thread_models.h"

#define pthread_mutex_init(m, a) check_mutex_make(m, a)
#define pthread_mutex_destroy(m) check_mutex_destroy(m)
#define pthread_mutex_lock(m) check_mutex_lock(m)
#define pthread_mutex_trylock(m) check_mutex_trylock(m)
#define pthread_mutex_unlock(m) check_mutex_unlock(m)

/* Of attributes only the type counts, and no holder dies: there is nothing to make consistent. */
#define pthread_mutexattr_setrobust(a, robust) check_ignore(a)
#define pthread_mutexattr_setpshared(a, shared) check_ignore(a)
#define pthread_mutex_consistent(m) check_ignore(m)

#define pthread_rwlock_init(l, a) check_rwlock_init(l)
#define pthread_rwlock_destroy(l) check_rwlock_destroy(l)
#define pthread_rwlock_rdlock(l) check_rwlock_rdlock(l)
#define pthread_rwlock_tryrdlock(l) check_rwlock_tryrdlock(l)
#define pthread_rwlock_wrlock(l) check_rwlock_wrlock(l)
#define pthread_rwlock_trywrlock(l) check_rwlock_trywrlock(l)
#define pthread_rwlock_unlock(l) check_rwlock_unlock(l)

#define pthread_cond_init(c, a) check_cond_init(c)
#define pthread_cond_destroy(c) check_cond_destroy(c)
#define pthread_cond_wait(c, m) check_cond_wait(c, m)
#define pthread_cond_signal(c) check_cond_signal(c)
#define pthread_cond_broadcast(c) check_cond_broadcast(c)

#define pthread_spin_init(s, shared) check_spin_init(s)
#define pthread_spin_destroy(s) check_spin_destroy(s)
#define pthread_spin_lock(s) check_spin_lock(s)
#define pthread_spin_trylock(s) check_spin_trylock(s)
#define pthread_spin_unlock(s) check_spin_unlock(s)

#define sem_init(s, shared, v) check_sem_init(s, v)
#define sem_destroy(s) check_sem_destroy(s)
#define sem_wait(s) check_sem_wait(s)
#define sem_trywait(s) check_sem_trywait(s)
#define sem_post(s) check_sem_post(s)
#define sem_getvalue(s, v) check_sem_getvalue(s, v)

/* A false assert() is a verdict. */
#ifdef __cplusplus
extern "C" [[noreturn]] void check_failed(const char *file, int line, const char *condition);
#else
_Noreturn void check_failed(const char *file, int line, const char *condition);
#endif
#define __assert_fail(condition, file, line, function) check_failed(file, (int)(line), condition)

#define malloc(n) check_malloc(n)
#define calloc(n, m) check_calloc(n, m)
#define realloc(p, n) check_realloc(p, n)
#define aligned_alloc(a, n) check_aligned_alloc(a, n)
#define posix_memalign(p, a, n) check_posix_memalign(p, a, n)
#define free(p) check_free(p)

#undef memcpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strrchr
#undef strstr
#undef strcpy
#undef strncpy
#undef strcat
#undef strncat
#undef strdup
#undef strndup
#undef sprintf
#undef snprintf
#undef vsnprintf
#undef asprintf
#undef vasprintf
#define memcpy(d, s, n) check_memcpy(d, s, n)
#define memmove(d, s, n) check_memmove(d, s, n)
#define memset(d, c, n) check_memset(d, c, n)
#define memcmp(a, b, n) check_memcmp(a, b, n)
#define memchr(s, c, n) check_memchr(s, c, n)
#define strlen(s) check_strlen(s)
#define strnlen(s, n) check_strnlen(s, n)
#define strcmp(a, b) check_strcmp(a, b)
#define strncmp(a, b, n) check_strncmp(a, b, n)
#define strchr(s, c) check_strchr(s, c)
#define strrchr(s, c) check_strrchr(s, c)
#define strstr(s, w) check_strstr(s, w)
#define strcpy check_strcpy
#define strncpy(d, s, n) check_strncpy(d, s, n)
#define strcat check_strcat
#define strncat(d, s, n) check_strncat(d, s, n)
#define strdup(s) check_strdup(s)
#define strndup(s, n) check_strndup(s, n)
#define sprintf check_sprintf
#define snprintf(...) check_snprintf(__VA_ARGS__)
#define vsnprintf(d, n, f, a) check_vsnprintf(d, n, f, a)
#define asprintf(...) check_asprintf(__VA_ARGS__)
#define vasprintf(m, f, a) check_vasprintf(m, f, a)

#undef fwrite
#undef fread
#undef fgets
#undef fputs
#undef puts
#undef printf
#undef fprintf
#undef vprintf
#undef vfprintf
#undef sscanf
#undef fscanf
#undef scanf
#define fwrite(p, s, n, f) check_fwrite(p, s, n, f)
#define fread(p, s, n, f) check_fread(p, s, n, f)
#define fgets(p, n, f) check_fgets(p, n, f)
#define fputs(t, f) check_fputs(t, f)
#define puts(t) check_puts(t)
#define printf(...) check_printf(__VA_ARGS__)
#define fprintf(...) check_fprintf(__VA_ARGS__)
#define vprintf(f, a) check_vprintf(f, a)
#define vfprintf(s, f, a) check_vfprintf(s, f, a)
#define sscanf(...) check_sscanf(__VA_ARGS__)
#define fscanf(...) check_fscanf(__VA_ARGS__)
#define scanf(...) check_scanf(__VA_ARGS__)
#ifndef __cplusplus /* which has another getline */
#define getline(l, n, f) check_getdelim(l, n, '\n', f)
#define getdelim(l, n, c, f) check_getdelim(l, n, c, f)
#endif
#define qsort(a, n, s, c) check_qsort(a, n, s, c)

/* The same numbers in each execution, whatever the seed is: an execution repeats itself. */
#define rand() check_rand()
#define srand(seed) check_srand(seed)
#define random() ((long)check_rand())
#define srandom(seed) check_srand(seed)

#define sched_yield() check_yield()

/* A loop that sleeps or pauses waits. */
#define usleep(n) check_usleep(n)
#define sleep(n) check_sleep(n)
#define nanosleep(t, l) check_nanosleep(t, l)
#define clock_nanosleep(c, f, t, l) check_nanosleep(t, l)
#define __builtin_ia32_pause() check_cpu_relax() /* also what _mm_pause() is made of */

#include "redirect_threads.h"

#ifdef __cplusplus /* std::free(p) becomes std::check_free(p) */
namespace std
{
using ::check_aligned_alloc;
using ::check_calloc;
using ::check_exit;
using ::check_fgets;
using ::check_fprintf;
using ::check_fputs;
using ::check_fread;
using ::check_free;
using ::check_fscanf;
using ::check_fwrite;
using ::check_malloc;
using ::check_realloc;
using ::check_memchr;
using ::check_memcmp;
using ::check_memcpy;
using ::check_memmove;
using ::check_memset;
using ::check_printf;
using ::check_puts;
using ::check_qsort;
using ::check_rand;
using ::check_scanf;
using ::check_snprintf;
using ::check_sprintf;
using ::check_srand;
using ::check_sscanf;
using ::check_strcat;
using ::check_strchr;
using ::check_strcmp;
using ::check_strcpy;
using ::check_strlen;
using ::check_strncat;
using ::check_strncmp;
using ::check_strncpy;
using ::check_strrchr;
using ::check_strstr;
using ::check_vfprintf;
using ::check_vprintf;
using ::check_vsnprintf;
} // namespace std
#endif

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

/* Last: liburcu's headers make calls of their own. */
#define syscall(...) check_syscall(__VA_ARGS__)

#endif
