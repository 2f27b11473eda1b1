/* objects.c - locks, condition variables, semaphores and RCU: the real ones. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#include "tests/soak/threads.h"
#include "tests/soak/visitor.h"

#ifdef SOAK_LIBURCU
#include "locks/parts/urcu_thread.h"
#endif

/* ---- locks ---- */

static int take(void *object, enum machine_hold hold, bool try)
{
    switch (hold) {
    case MACHINE_MUTEX:
        return try ? pthread_mutex_trylock(object) : pthread_mutex_lock(object);
    case MACHINE_WRITE:
        return try ? pthread_rwlock_trywrlock(object) : pthread_rwlock_wrlock(object);
    default: return try ? pthread_rwlock_tryrdlock(object) : pthread_rwlock_rdlock(object);
    }
}

/* The event of unlocking does not say what is unlocked: each thread keeps a list. */
int threads_lock(void *object, enum machine_hold hold, bool try, const void *pc)
{
    struct visitor *v = visitor_self();
    struct site *s = visitor_step(v, object, try ? STEP_OTHER : STEP_LOCK, pc);
    int error = take(object, hold, true);

    s->waited += error == EBUSY;
    if (error == EBUSY && !try)
        error = take(object, hold, false);
    if (error)
        return error;
    if (v->held_count == HELD)
        abort();
    v->held[v->held_count++] = (struct held){ object, (int)hold };
    return 0;
}

int threads_unlock(void *object, const void *pc)
{
    struct visitor *v = visitor_self();

    visitor_step(v, object, STEP_OTHER, pc);
    for (unsigned i = v->held_count; i > 0; i--) {
        struct held h = v->held[i - 1];
        if (h.object != object)
            continue;
        v->held[i - 1] = v->held[--v->held_count];
        return h.hold == MACHINE_MUTEX ? pthread_mutex_unlock(object)
                                       : pthread_rwlock_unlock(object);
    }
    trouble("a thread unlocks what it does not hold");
    return EPERM;
}

/* A mutex, a rwlock or a condition variable; glibc's hold no memory of their own. */
int threads_lock_destroy(void *object, const void *pc)
{
    visitor_step(visitor_self(), object, STEP_OTHER, pc);
    return 0;
}

int threads_cond_wait(void *cond, void *mutex, const void *pc)
{
    visitor_step(visitor_self(), cond, STEP_LOCK, pc)->waited++;
    return pthread_cond_wait(cond, mutex);
}

void threads_cond_wake(void *cond, bool all, const void *pc)
{
    visitor_step(visitor_self(), cond, STEP_OTHER, pc);
    if (all)
        pthread_cond_broadcast(cond);
    else
        pthread_cond_signal(cond);
}

/* ---- semaphores ---- */

void threads_sem_init(void *sem, unsigned value, const void *pc)
{
    (void)pc;
    if (sem_init(sem, 0, value) != 0)
        abort();
}

int threads_sem_wait(void *sem, bool try, const void *pc)
{
    struct site *s = visitor_step(visitor_self(), sem, try ? STEP_OTHER : STEP_LOCK, pc);

    if (sem_trywait(sem) == 0)
        return 0;
    s->waited++;
    if (try)
        return errno;
    return sem_wait(sem) == 0 ? 0 : errno;
}

int threads_sem_post(void *sem, const void *pc)
{
    visitor_step(visitor_self(), sem, STEP_OTHER, pc);
    return sem_post(sem) == 0 ? 0 : errno;
}

int threads_sem_value(void *sem, const void *pc)
{
    int value = 0;

    visitor_step(visitor_self(), sem, STEP_OTHER, pc);
    sem_getvalue(sem, &value);
    return value;
}

int threads_sem_destroy(void *sem, const void *pc)
{
    (void)pc;
    return sem_destroy(sem) == 0 ? 0 : errno;
}

/* ---- RCU ---- */

#ifdef SOAK_LIBURCU
void threads_rcu_register(bool enter, const void *pc)
{
    (void)pc;
    if (enter)
        contend_urcu_enter_thread();
    else
        contend_urcu_leave_thread();
}

void threads_rcu_read(bool enter, const void *pc)
{
    struct visitor *v = visitor_self();

    visitor_step(v, NULL, STEP_OTHER, pc);
    if (enter) {
        urcu_memb_read_lock();
        atomic_fetch_add(&v->reading, 1);
    } else {
        atomic_fetch_sub(&v->reading, 1);
        urcu_memb_read_unlock();
    }
}

static void count_readers(const void *pc)
{
    struct visitor *v = visitor_self();

    visitor_step(v, NULL, STEP_GRACE, pc)->waited += visitors_reading(v) > 0;
}

void threads_rcu_synchronize(const void *pc)
{
    count_readers(pc);
    urcu_memb_synchronize_rcu();
}

void threads_rcu_defer(void *head, void (*reclaim)(void *head), const void *pc)
{
    count_readers(pc);
    urcu_memb_call_rcu(head, (void (*)(struct rcu_head *))reclaim);
}

void threads_rcu_barrier(const void *pc)
{
    (void)pc;
    urcu_memb_barrier();
}
#else
/* Without liburcu no strategy of the build asks for it. */
void threads_rcu_register(bool enter, const void *pc)
{
    (void)enter, (void)pc;
    abort();
}

void threads_rcu_read(bool enter, const void *pc)
{
    (void)enter, (void)pc;
    abort();
}

void threads_rcu_synchronize(const void *pc)
{
    (void)pc;
    abort();
}

void threads_rcu_defer(void *head, void (*reclaim)(void *head), const void *pc)
{
    (void)head, (void)reclaim, (void)pc;
    abort();
}

void threads_rcu_barrier(const void *pc)
{
    (void)pc;
    abort();
}
#endif
