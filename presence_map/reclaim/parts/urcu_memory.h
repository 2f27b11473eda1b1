/*
 * urcu_memory.h - blocks that liburcu frees: their memory, and the thread that does it.
 *
 * Licence: liburcu is LGPL-2.1; see locks/parts/urcu_thread.h.
 */
#ifndef CONTEND_PRESENCE_MAP_RECLAIM_PARTS_URCU_MEMORY_H
#define CONTEND_PRESENCE_MAP_RECLAIM_PARTS_URCU_MEMORY_H

#include "locks/parts/urcu_thread.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "locks/parts/platform.h"

/*
 * The blocks' memory.  It comes from the configuration's allocator, not from the library's.
 * Every access to the counts is relaxed: statistics, exact when no operation is under way.
 */
struct contend_urcu_memory {
    const struct contend_allocator *allocator;
    _Atomic size_t held;    /* requested from the allocator and not yet released */
    _Atomic size_t retired; /* the part of it that waits for a grace period */
    _Atomic size_t peak;    /* the greatest value of retired so far */
};

struct contend_urcu_retired {
    struct rcu_head rcu;
    struct contend_urcu_memory *memory; /* for the callback, which gets only the block */
};

static inline void contend_urcu_memory_init(struct contend_urcu_memory *m,
                                            const struct contend_allocator *allocator)
{
    m->allocator = allocator;
    atomic_init(&m->held, 0);
    atomic_init(&m->retired, 0);
    atomic_init(&m->peak, 0);
}

static inline void *contend_urcu_memory_take(struct contend_urcu_memory *m, size_t align,
                                             size_t bytes)
{
    void *block = contend_allocate(m->allocator, align, bytes);

    if (block)
        /* relaxed: statistics. */
        atomic_fetch_add_explicit(&m->held, bytes, memory_order_relaxed);
    return block;
}

static inline void contend_urcu_memory_give_back(struct contend_urcu_memory *m, void *block,
                                                 size_t bytes)
{
    /* relaxed: statistics. */
    atomic_fetch_sub_explicit(&m->held, bytes, memory_order_relaxed);
    contend_release(m->allocator, block, bytes);
}

/*
 * Hands a block's memory to liburcu, which calls `reclaim` after a grace period.  No thread that
 * looks from now on can find the block.
 */
static inline void contend_urcu_retire(struct contend_urcu_retired *r,
                                       struct contend_urcu_memory *m, size_t bytes, void (*reclaim)(struct rcu_head *))
{
    /* relaxed, here and below: statistics. */
    size_t retired = atomic_fetch_add_explicit(&m->retired, bytes, memory_order_relaxed) + bytes;
    size_t peak = atomic_load_explicit(&m->peak, memory_order_relaxed);

    while (retired > peak &&
           !atomic_compare_exchange_weak_explicit(&m->peak, &peak, retired, memory_order_relaxed,
                                                  memory_order_relaxed))
        contend_cpu_relax();
    r->memory = m;
    urcu_memb_call_rcu(&r->rcu, reclaim);
}

#ifndef CONTEND_MODELLED /* a checker's RCU has no thread */
/* A thread that only shows that it can be made. */
struct contend_urcu_probe {
    pthread_t thread;
    pthread_mutex_t *stay;
    pid_t id;
};

static inline void *contend_urcu_probe_main(void *arg)
{
    struct contend_urcu_probe *me = arg;

    me->id = (pid_t)syscall(SYS_gettid);
    pthread_mutex_lock(me->stay);
    pthread_mutex_unlock(me->stay);
    return NULL;
}

/*
 * liburcu aborts the process when it cannot start a thread of its own.  So as many as are
 * needed, one or two, are started here first, beside each other, and end again: 0, or
 * -EAGAIN.  A thread that has been joined counts against the limits until the kernel has
 * released it, which is when a signal no longer finds it.
 */
static inline int contend_urcu_can_start(int threads)
{
    enum { MOST = 2 };
    pthread_mutex_t stay = PTHREAD_MUTEX_INITIALIZER;
    struct contend_urcu_probe probes[MOST];
    int made = 0;

    pthread_mutex_lock(&stay);
    for (; made < threads && made < MOST; made++) {
        probes[made].stay = &stay;
        if (pthread_create(&probes[made].thread, NULL, contend_urcu_probe_main, &probes[made]) != 0)
            break;
    }
    pthread_mutex_unlock(&stay);
    for (int i = 0; i < made; i++) {
        pthread_join(probes[i].thread, NULL);
        for (int look = 0; look < 10000; look++) {
            if (syscall(SYS_tgkill, getpid(), probes[i].id, 0) != 0)
                break;
            sched_yield();
        }
    }
    pthread_mutex_destroy(&stay);
    return made == threads ? 0 : -EAGAIN;
}
#endif

/* Starts the thread that frees, at init and not in the first removal: 0, or -EAGAIN. */
static inline int contend_urcu_prepare(int threads)
{
#ifdef CONTEND_MODELLED
    (void)threads;
    return 0;
#else
    int error = contend_urcu_can_start(threads);

    if (error == 0)
        urcu_memb_get_default_call_rcu_data();
    return error;
#endif
}

/* Whether the caller is in no read section: only then can it wait for what is retired. */
static inline bool contend_urcu_may_wait(void)
{
#ifdef CONTEND_MODELLED
    return true;
#else
    return !urcu_memb_read_ongoing();
#endif
}

#endif
