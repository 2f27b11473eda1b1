/* pool.c - see pool.h. */
#include "bench/stores/pool.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

#include "locks/parts/platform.h"

int pool_init(struct pool *p, enum pool_admission admission, uint32_t wait_ms)
{
    pthread_condattr_t attributes;
    int error = lock_mutex_init(&p->guard, NULL);

    p->admission = admission;
    p->wait_ms = wait_ms;
    p->count = 0;
    atomic_init(&p->word, 0);
    atomic_init(&p->sleepers, 0);
    atomic_init(&p->waits, 0);
    atomic_init(&p->refusals, 0);
    if (error)
        return error;
    if (sem_init(&p->permits, 0, 0) != 0)
        return -errno;
    pthread_mutex_init(&p->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&p->free, &attributes);
    pthread_condattr_destroy(&attributes);
    return 0;
}

void pool_fini(struct pool *p)
{
    lock_mutex_fini(&p->guard);
    sem_destroy(&p->permits);
    pthread_cond_destroy(&p->free);
    pthread_mutex_destroy(&p->mutex);
}

static struct timespec deadline(const struct pool *p)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += p->wait_ms / 1000;
    t.tv_nsec += (long)(p->wait_ms % 1000) * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* relaxed: statistics, which order nothing. */
static void count(_Atomic uint64_t *events)
{
    atomic_fetch_add_explicit(events, 1, memory_order_relaxed);
}

static int refuse(struct pool *p)
{
    count(&p->refusals);
    return -EAGAIN;
}

/* The stack: only for a thread that has a permit, so that there is an item. */
static void *pop(struct pool *p)
{
    struct lock_mutex_handle handle;
    void *item;

    lock_mutex_attach(&p->guard, &handle);
    lock_mutex_acquire(&p->guard, &handle);
    item = p->items[--p->count];
    lock_mutex_release(&p->guard, &handle);
    lock_mutex_detach(&p->guard, &handle);
    return item;
}

static void push(struct pool *p, void *item)
{
    struct lock_mutex_handle handle;

    lock_mutex_attach(&p->guard, &handle);
    lock_mutex_acquire(&p->guard, &handle);
    p->items[p->count++] = item;
    lock_mutex_release(&p->guard, &handle);
    lock_mutex_detach(&p->guard, &handle);
}

/* ---- sem_t ---- */

static int wait_for_semaphore(struct pool *p)
{
    struct timespec until = deadline(p);
    int got;

    while ((got = sem_clockwait(&p->permits, CLOCK_MONOTONIC, &until)) != 0 && errno == EINTR)
        ;
    return got == 0 ? 0 : refuse(p);
}

static int enter_semaphore(struct pool *p)
{
    if (sem_trywait(&p->permits) == 0)
        return 0;
    count(&p->waits);
    return p->admission == POOL_FAIL_FAST ? refuse(p) : wait_for_semaphore(p);
}

/* ---- a futex ---- */

/* acquire: what the thread did that gave the permit; pairs with the release in leave_futex. */
static bool take_permit(struct pool *p)
{
    uint32_t seen = atomic_load_explicit(&p->word, memory_order_relaxed);

    while (seen > 0)
        if (atomic_compare_exchange_weak_explicit(&p->word, &seen, seen - 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    return false;
}

/* Sleeps until there may be a permit; false when the time is up. */
static bool sleep_on(struct pool *p, const struct timespec *until)
{
    struct timespec now, rest;

    clock_gettime(CLOCK_MONOTONIC, &now);
    rest.tv_sec = until->tv_sec - now.tv_sec;
    rest.tv_nsec = until->tv_nsec - now.tv_nsec;
    if (rest.tv_nsec < 0) {
        rest.tv_sec--;
        rest.tv_nsec += 1000000000;
    }
    if (rest.tv_sec < 0)
        return false;
    syscall(SYS_futex, &p->word, CONTEND_FUTEX_WAIT, 0, &rest, NULL, 0);
    return true;
}

static int enter_futex(struct pool *p)
{
    if (take_permit(p))
        return 0;
    count(&p->waits);
    struct timespec until = deadline(p);
    /*
     * seq_cst: the sleeper announces itself and then looks at the word, the giver changes the word
     * and then looks for sleepers: one of them sees the other.
     */
    atomic_fetch_add_explicit(&p->sleepers, 1, memory_order_seq_cst);
    bool taken = take_permit(p), in_time = true;
    while (!taken && in_time) {
        in_time = sleep_on(p, &until);
        taken = take_permit(p);
    }
    atomic_fetch_sub_explicit(&p->sleepers, 1, memory_order_relaxed); /* relaxed: one wake too many */
    return taken ? 0 : refuse(p);
}

/* release: pairs with the acquire in take_permit; seq_cst: as in enter_futex. */
static void leave_futex(struct pool *p)
{
    atomic_fetch_add_explicit(&p->word, 1, memory_order_seq_cst);
    if (atomic_load_explicit(&p->sleepers, memory_order_seq_cst) > 0)
        contend_futex_wake(&p->word, 1);
}

/* ---- a condition variable, which has the stack under its own mutex ---- */

static int take_by_condition(struct pool *p, void **item)
{
    struct timespec until = deadline(p);
    int error = 0;

    pthread_mutex_lock(&p->mutex);
    if (p->count == 0)
        count(&p->waits);
    while (p->count == 0 && error != ETIMEDOUT)
        error = pthread_cond_timedwait(&p->free, &p->mutex, &until);
    bool taken = p->count > 0;
    if (taken)
        *item = p->items[--p->count];
    pthread_mutex_unlock(&p->mutex);
    return taken ? 0 : refuse(p);
}

static void give_by_condition(struct pool *p, void *item)
{
    pthread_mutex_lock(&p->mutex);
    p->items[p->count++] = item;
    pthread_mutex_unlock(&p->mutex);
    pthread_cond_signal(&p->free);
}

int pool_take(struct pool *p, void **item)
{
    if (p->admission == POOL_CONDITION)
        return take_by_condition(p, item);
    int error = p->admission == POOL_FUTEX ? enter_futex(p) : enter_semaphore(p);
    if (!error)
        *item = pop(p);
    return error;
}

void pool_give(struct pool *p, void *item)
{
    if (p->admission == POOL_CONDITION) {
        give_by_condition(p, item);
        return;
    }
    push(p, item);
    if (p->admission == POOL_FUTEX)
        leave_futex(p);
    else
        sem_post(&p->permits);
}
