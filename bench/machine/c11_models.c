/*
 * c11_models.c - the threads of C11: as declared by <threads.h>, with the names that redirect_threads.h gives the linker.
 *
 * Their objects are those of POSIX, and only the results differ.
 */
#include "bench/machine/redirect_threads.h"

#include <errno.h>
#include <stdint.h>
#include <threads.h>

#include "bench/machine/model_parts.h"
#include "bench/machine/models.h"
#include "bench/machine/thread_models.h"
#include "bench/machine/touches.h"

#define PC __builtin_return_address(0)

#define MUTEX(m) ((pthread_mutex_t *)(m))
#define CONDITION(c) ((pthread_cond_t *)(c))

static int by_c11(int error)
{
    switch (error) {
    case 0: return thrd_success;
    case EBUSY: return thrd_busy;
    case ETIMEDOUT: return thrd_timedout;
    case ENOMEM: return thrd_nomem;
    default: return thrd_error;
    }
}

/* ---- threads ---- */

int thrd_create(thrd_t *thread, thrd_start_t f, void *argument)
{
    return by_c11(thread_start(thread, NULL, f, argument, PC));
}

int thrd_join(thrd_t thread, int *result)
{
    void *returned = NULL;
    int error = thread_wait(thread, &returned, PC);

    if (!error && result) {
        touches_write(result, sizeof *result, PC);
        *result = (int)(intptr_t)returned;
    }
    return by_c11(error);
}

int thrd_detach(thrd_t thread)
{
    return by_c11(thread_detach(thread, PC));
}

void thrd_exit(int result)
{
    thread_exit((void *)(intptr_t)result, PC);
}

/* ---- mutexes ---- */

int mtx_init(mtx_t *m, int type)
{
    object_make(m, sizeof(pthread_mutex_t), PC);
    MUTEX(m)->__data.__kind = type & mtx_recursive ? PTHREAD_MUTEX_RECURSIVE : PTHREAD_MUTEX_NORMAL;
    return thrd_success;
}

void mtx_destroy(mtx_t *m)
{
    (void)object_end(m, sizeof(pthread_mutex_t), PC);
}

int mtx_lock(mtx_t *m)
{
    return by_c11(mutex_lock(MUTEX(m), false, PC));
}

int mtx_trylock(mtx_t *m)
{
    return by_c11(mutex_lock(MUTEX(m), true, PC));
}

int mtx_timedlock(mtx_t *m, const struct timespec *until)
{
    return by_c11(mutex_lock_in_time(MUTEX(m), until, PC));
}

int mtx_unlock(mtx_t *m)
{
    return by_c11(mutex_unlock(MUTEX(m), PC));
}

/* ---- condition variables ---- */

int cnd_init(cnd_t *c)
{
    object_make(c, sizeof(pthread_cond_t), PC);
    return thrd_success;
}

void cnd_destroy(cnd_t *c)
{
    (void)object_end(c, sizeof(pthread_cond_t), PC);
}

int cnd_signal(cnd_t *c)
{
    machine->cond_wake(c, false, PC);
    return thrd_success;
}

int cnd_broadcast(cnd_t *c)
{
    machine->cond_wake(c, true, PC);
    return thrd_success;
}

int cnd_wait(cnd_t *c, mtx_t *m)
{
    return by_c11(wait_for(CONDITION(c), MUTEX(m), PC));
}

int cnd_timedwait(cnd_t *c, mtx_t *m, const struct timespec *until)
{
    return by_c11(wait_in_time(CONDITION(c), MUTEX(m), until, PC));
}

/* ---- once, and what each thread has of its own ---- */

void call_once(once_flag *once, void (*routine)(void))
{
    once_run(once, routine, PC);
}

int tss_create(tss_t *key, tss_dtor_t destructor)
{
    return by_c11(check_key_create(key, destructor));
}

void tss_delete(tss_t key)
{
    (void)check_key_delete(key);
}

int tss_set(tss_t key, void *value)
{
    return by_c11(check_key_set(key, value));
}
