/*
 * litmus_calls.c - what waiting, the library's calls and the heap may do; compiled
 * with the instrumentation.
 *
 * Written like litmus.c, and about the checker as that is: what a correct program may
 * meet is found, and a correct program is not accused.
 */
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>

#include "tests/bench/check/litmus_words.h"

static _Atomic int x, y, slots[3];
static int done; /* plain: guarded */
static volatile int64_t late; /* not touched by the setup */
static pthread_mutex_t mutex;
static pthread_rwlock_t rwlock;
static pthread_cond_t changed;
static _Atomic uint32_t word;
static struct node {
    void *links[2]; /* liburcu's head */
    unsigned maker;
} *_Atomic shared;

void litmus_calls_reset(void)
{
    atomic_init(&x, 0);
    atomic_init(&y, 0);
    for (int i = 0; i < 3; i++)
        atomic_init(&slots[i], i == 2);
    done = 0;
    pthread_mutex_init(&mutex, NULL);
    pthread_rwlock_init(&rwlock, NULL);
    pthread_cond_init(&changed, NULL);
    atomic_init(&word, 0);
    atomic_init(&shared, NULL);
}

/* Loops that end by themselves, or find elsewhere what they wait for. */
BODY(give_up, for (int i = 0; i < 3 && !LD(x, acq); i++) sched_yield(); ST(y, 1, rlx))
BODY(scan, for (int i = 0; !LD(slots[i % 3], acq); i++) sched_yield(); ST(y, 1, rlx))
BODY(see_y, A = LD(y, rlx))

/* Polling what a lock guards. */
static int look(void)
{
    pthread_mutex_lock(&mutex);
    int seen = done;
    pthread_mutex_unlock(&mutex);
    return seen;
}

static void spin_lock(void)
{
    while (XCHG(x, 1, acq))
        sched_yield();
}

static int look_spinning(void)
{
    spin_lock();
    int seen = done;
    ST(x, 0, rel);
    return seen;
}

BODY(poll, while (!look()) sched_yield())
BODY(finish, pthread_mutex_lock(&mutex); done = 1; pthread_mutex_unlock(&mutex))
BODY(poll_spinning, while (!look_spinning()) sched_yield())
BODY(finish_spinning, spin_lock(); done = 1; ST(x, 0, rel))

/* Sleeping: the thread that waits for the first bit sets the second. */
static void wait_for(int bit, int then)
{
    pthread_mutex_lock(&mutex);
    while (!(done & bit))
        pthread_cond_wait(&changed, &mutex);
    done |= then;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

BODY(wait_first, wait_for(1, 2))
BODY(wait_second, wait_for(2, 0))
BODY(signal_first, pthread_mutex_lock(&mutex); done |= 1; pthread_cond_signal(&changed);
     pthread_mutex_unlock(&mutex))
BODY(wait_once, pthread_mutex_lock(&mutex); if (!done) pthread_cond_wait(&changed, &mutex);
     check_that(done); pthread_mutex_unlock(&mutex))
BODY(sleep_once, if (!LD(word, acq)) check_futex_wait((void *)&word, 0); check_that(LD(word, acq)))
BODY(wake, ST(word, 1, rel); check_futex_wake((void *)&word, 1))

/* Read locks. */
BODY(read_twice, pthread_rwlock_rdlock(&rwlock); pthread_rwlock_rdlock(&rwlock);
     pthread_rwlock_unlock(&rwlock); pthread_rwlock_unlock(&rwlock))
BODY(write_rw, pthread_rwlock_wrlock(&rwlock); done++; pthread_rwlock_unlock(&rwlock))
BODY(write_then_share, done = 1; pthread_rwlock_rdlock(&rwlock); pthread_rwlock_unlock(&rwlock);
     ST(y, 1, rlx))
BODY(share_then_read, while (!LD(y, rlx)) sched_yield(); pthread_rwlock_rdlock(&rwlock);
     pthread_rwlock_unlock(&rwlock); A = done)
BODY(exclude_then_read, while (!LD(y, rlx)) sched_yield(); pthread_rwlock_wrlock(&rwlock);
     pthread_rwlock_unlock(&rwlock); A = done)

/* Deferring to a grace period. */
static void reclaim(struct rcu_head *head)
{
    unsigned maker = ((struct node *)head)->maker;

    free(head);
    ADD(word, 1u << maker, rlx);
}

static void defer(struct node *n)
{
    check_rcu_call((struct rcu_head *)n, reclaim);
}

static struct node *make(void)
{
    struct node *n = malloc(sizeof *n);

    n->maker = check_self();
    return n;
}

static void read_section(void)
{
    check_rcu_read_lock();
    struct node *n = LD(shared, acq);
    A |= n && n->maker != 3;
    check_rcu_read_unlock();
}

BODY(defer_one, defer(make()))
BODY(reclaim_all, check_rcu_barrier())
BODY(defer_and_reclaim, defer(make()); check_rcu_barrier();
     check_that(LD(word, rlx) >> check_self() & 1))
BODY(publish_and_defer, ST(shared, make(), rel); defer(XCHG(shared, NULL, ar)))
BODY(read_two_sections, check_rcu_register(); read_section(); read_section();
     check_rcu_unregister())

/* Memory. */
BODY(load_unwritten, _Atomic int *p = malloc(4); A = LD(*p, rlx); free(p))
BODY(add_to_unwritten, _Atomic int *p = malloc(4); A = ADD(*p, 1, rlx); free(p))
BODY(store_first, _Atomic int *p = malloc(4); ST(*p, 1, rlx); A = LD(*p, rlx); free(p))
BODY(fence_often, for (int i = 0; i < 2000; i++) F(sc))
BODY(use_much, char *p = calloc(1, 80000); for (int i = 0; i < 80000; i += 8) p[i] = 1;
     late = 1; free(p))
BODY(move_unwritten, int *p = malloc(8); p = realloc(p, 64); p[0] = 1; A = p[0]; free(p))
BODY(read_moved, int *p = malloc(8); p = realloc(p, 64); A = p[0]; free(p))
BODY(reuse_last, void *p = malloc(32); void *q = malloc(32); free(p); free(q);
     void *again = malloc(32); A = again == q; free(again))

/* What a thread has on its stack, in the hands of another. */
#ifndef __clang__
BODY(lend_relaxed, struct node n; n.maker = 1; ST(shared, &n, rlx);
     while (!LD(x, acq)) sched_yield())
BODY(lend_take_relaxed, struct node n; n.maker = 1; ST(shared, &n, rel);
     while (!LD(x, rlx)) sched_yield(); A = (int)n.maker)
#endif
BODY(lend, struct node n; n.maker = 1; ST(shared, &n, rel);
     while (!LD(x, acq)) sched_yield(); A = (int)n.maker)
BODY(borrow, struct node *n; while (!(n = LD(shared, acq))) sched_yield(); n->maker++;
     ST(x, 1, rel))

/* Passes, with these outcomes of so many registers; or ends so. */
#define PASSES(name, registers, out, bound, ...)                                              \
    { { name, out, NULL, NULL, { __VA_ARGS__ }, NULL, registers }, bound, CHECK_PASSED,       \
      CHECK_QUARANTINE }

#define ENDS(name, verdict, ...)                                                              \
    { { name, NULL, NULL, NULL, { __VA_ARGS__ }, NULL, 0 }, 2, verdict, CHECK_QUARANTINE }

const struct litmus_call litmus_calls[] = {
    PASSES("gives up after three turns", 1, "0 1", 3, give_up, see_y),
    PASSES("finds it in another place", 1, "0 1", 3, scan, see_y),
    PASSES("polls under a mutex", 1, "0", 2, poll, finish),
    PASSES("two poll under a mutex", 1, "0", 1, poll, poll, finish),
    PASSES("two poll under a spin lock", 1, "0", 1, poll_spinning, poll_spinning,
           finish_spinning),

    ENDS("a signal wakes the wrong one, the first", CHECK_DEADLOCK, wait_second, wait_first,
         signal_first),
    ENDS("a signal wakes the wrong one, the last", CHECK_DEADLOCK, wait_first, wait_second,
         signal_first),
    PASSES("a signal to one that waits", 1, "0", 2, wait_first, signal_first),
    ENDS("a condition waited for once", CHECK_ASSERTION, wait_once, signal_first),
    ENDS("a futex slept on once", CHECK_ASSERTION, sleep_once, wake),

    PASSES("a read lock taken twice", 1, "0", 3, read_twice, write_rw),
    PASSES("a read lock before a write lock", 1, "1", 3, write_then_share, exclude_then_read),
    ENDS("a read lock before a read lock", CHECK_RACE, write_then_share, share_then_read),

    PASSES("deferred by one thread, reclaimed by another", 1, "0", 3, defer_one, reclaim_all),
    PASSES("deferred in a grace period of others", 1, "0", 3, read_two_sections,
           defer_and_reclaim, publish_and_defer),
    PASSES("reclaimed by each other", 1, "0", 2, defer_and_reclaim, defer_and_reclaim,
           defer_and_reclaim),
    ENDS("a load of bytes that were never written", CHECK_UNINITIALISED, load_unwritten),
    ENDS("an rmw of bytes that were never written", CHECK_UNINITIALISED, add_to_unwritten),
    PASSES("a load of what was stored", 1, "1", 1, store_first),
    PASSES("many fences", 1, "0", 1, fence_often),
    PASSES("much of the heap", 1, "0", 1, use_much),
    PASSES("moved before it was written", 1, "1", 1, move_unwritten),
    ENDS("moved, and still not written", CHECK_UNINITIALISED, read_moved),
    { { "the last block freed is the next", "1", NULL, NULL, { reuse_last }, NULL, 1 }, 1,
      CHECK_PASSED, CHECK_LIFO },

    PASSES("lent from the stack", 1, "2", 3, lend, borrow),
#ifndef __clang__ /* does not instrument a stack variable whose address is stored atomically */
    ENDS("lent from the stack, relaxed", CHECK_RACE, lend_relaxed, borrow),
    ENDS("given back to the stack, relaxed", CHECK_RACE, lend_take_relaxed, borrow),
#endif
    PASSES(NULL, 0, NULL, 0, NULL),
};
