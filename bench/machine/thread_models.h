/*
 * thread_models.h - the checker's models of threads, once, barriers, timed waits and thread-specific
 * data.  Those of C11 are in c11_models.c.
 *
 * A timed wait may time out whatever the time is: the checker tries both.  One that waits
 * does so until another thread changes something, and looks once more.
 */
#ifndef CONTEND_BENCH_MACHINE_THREAD_MODELS_H
#define CONTEND_BENCH_MACHINE_THREAD_MODELS_H

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

int check_thread_create(pthread_t *thread, const pthread_attr_t *attributes,
                        void *(*start)(void *argument), void *argument);
int check_thread_join(pthread_t thread, void **result);
int check_thread_tryjoin(pthread_t thread, void **result);
int check_thread_timedjoin(pthread_t thread, void **result, const struct timespec *until);
int check_thread_clockjoin(pthread_t thread, void **result, clockid_t clock, const struct timespec *until);
int check_thread_detach(pthread_t thread);
pthread_t check_thread_self(void);
/* Ends a thread that was started, or main(); a thread of a test returns instead. */
void check_thread_exit(void *result) __attribute__((noreturn));

/* Handlers that an exit calls: pthread_cleanup_push() and its pop, which name the same one. */
struct check_cleanup {
    void (*handler)(void *argument);
    void *argument;
    struct check_cleanup *outer;
};
void check_cleanup_push(struct check_cleanup *c, void (*handler)(void *argument), void *argument);
void check_cleanup_pop(struct check_cleanup *c, int execute);

/* Names are kept.  The rest changes nothing, and is told as of one thread among two processors. */
int check_thread_setname(pthread_t thread, const char *name);
int check_thread_getname(pthread_t thread, char *name, size_t size);
int check_thread_setaffinity(pthread_t thread, size_t size, const cpu_set_t *set);
int check_thread_getaffinity(pthread_t thread, size_t size, cpu_set_t *set);
int check_thread_setschedparam(pthread_t thread, int policy, const struct sched_param *parameters);
int check_thread_getschedparam(pthread_t thread, int *policy, struct sched_param *parameters);
int check_thread_setschedprio(pthread_t thread, int priority);
int check_thread_getattr(pthread_t thread, pthread_attr_t *attributes);

/*
 * Calls a program's main(), in a thread of a test.  If pthread_exit() ends it, the status is 0, and the
 * threads that nobody has joined have ended as well.
 */
int check_thread_of_main(int (*f)(int argc, char **argv), int argc, char **argv);

/* What ends the process, and signals that it sends to itself: end_models.c. */
void check_exit(int status) __attribute__((noreturn));
void check_exit_now(int status) __attribute__((noreturn)); /* also _Exit() */
void check_quick_exit(int status) __attribute__((noreturn));
void check_abort(void) __attribute__((noreturn));
int check_raise(int signal_number);
int check_kill(pid_t process, int signal_number);
/* A signal was sent to the program: a thread that waits for one in pause() goes on. */
void check_signal_came(const void *pc);

/* With what the attributes say of its type: recursive, or checked for errors. */
int check_mutex_make(pthread_mutex_t *m, const pthread_mutexattr_t *attributes);

int check_mutex_timedlock(pthread_mutex_t *m, const struct timespec *until);
int check_rwlock_timedrdlock(pthread_rwlock_t *l, const struct timespec *until);
int check_rwlock_timedwrlock(pthread_rwlock_t *l, const struct timespec *until);
int check_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until);
int check_sem_timedwait(sem_t *s, const struct timespec *until);
int check_mutex_clocklock(pthread_mutex_t *m, clockid_t clock, const struct timespec *until);
int check_rwlock_clockrdlock(pthread_rwlock_t *l, clockid_t clock, const struct timespec *until);
int check_rwlock_clockwrlock(pthread_rwlock_t *l, clockid_t clock, const struct timespec *until);
int check_cond_clockwait(pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock, const struct timespec *until);
int check_sem_clockwait(sem_t *s, clockid_t clock, const struct timespec *until);

int check_once(pthread_once_t *once, void (*routine)(void));

int check_barrier_init(pthread_barrier_t *b, const pthread_barrierattr_t *attributes, unsigned count);
int check_barrier_destroy(pthread_barrier_t *b);
int check_barrier_wait(pthread_barrier_t *b);

/* Destructors run when a thread that was started ends. */
int check_key_create(pthread_key_t *key, void (*destructor)(void *value));
int check_key_delete(pthread_key_t key);
void *check_key_get(pthread_key_t key);
int check_key_set(pthread_key_t key, const void *value);

#ifdef __cplusplus
}
#endif

#endif
