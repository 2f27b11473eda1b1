/* primitives.c - the loops. */
#include "bench/floors/primitives.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "bench/base/stats.h"
#include "locks/parts/platform.h"
#ifdef CONTEND_HAS_URCU
#include "locks/parts/urcu_thread.h"
#endif

enum { ROUNDS = 15 };

static void loop_empty(size_t n, void *unused)
{
    (void)unused;
    for (size_t i = 0; i < n; i++)
        contend_compiler_barrier();
}

static void loop_plain(size_t n, void *word)
{
    volatile int64_t *v = word;

    for (size_t i = 0; i < n; i++) {
        *v = *v + 1;
        contend_compiler_barrier();
    }
}

/* A load, an addition and a store, each atomic, not all three together. */
static void loop_relaxed(size_t n, void *word)
{
    _Atomic int64_t *a = word;

    for (size_t i = 0; i < n; i++) {
        /* relaxed, both: value only. */
        int64_t old = atomic_load_explicit(a, memory_order_relaxed);
        atomic_store_explicit(a, old + 1, memory_order_relaxed);
        contend_compiler_barrier();
    }
}

static void loop_locked(size_t n, void *word)
{
    _Atomic int64_t *a = word;

    for (size_t i = 0; i < n; i++) {
        /* relaxed: value only. */
        atomic_fetch_add_explicit(a, 1, memory_order_relaxed);
        contend_compiler_barrier();
    }
}

static void loop_cas(size_t n, void *word)
{
    _Atomic int64_t *a = word;
    int64_t seen = 0;

    for (size_t i = 0; i < n; i++) {
        /* relaxed, both: value only.  Once `seen` is right it stays so: no other thread writes. */
        if (atomic_compare_exchange_strong_explicit(a, &seen, seen + 1, memory_order_relaxed,
                                                    memory_order_relaxed))
            seen++;
        contend_compiler_barrier();
    }
}

static void loop_fence(size_t n, void *word)
{
    volatile int64_t *v = word;

    for (size_t i = 0; i < n; i++) {
        *v = 1; /* something that the fence has to wait for */
        /* seq_cst: the one fence that keeps a later load behind an earlier store. */
        atomic_thread_fence(memory_order_seq_cst);
    }
}

static void loop_clock(size_t n, void *word)
{
    uint64_t *sink = word;

    for (size_t i = 0; i < n; i++)
        *sink += contend_clock_ns();
}

/* The kernel's clock of the last tick: cheap, and coarse by some milliseconds. */
static void loop_coarse(size_t n, void *word)
{
    uint64_t *sink = word;
    struct timespec t;

    for (size_t i = 0; i < n; i++) {
        clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
        *sink += (uint64_t)t.tv_nsec;
    }
}

static void loop_mutex(size_t n, void *unused)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

    (void)unused;
    for (size_t i = 0; i < n; i++) {
        pthread_mutex_lock(&mutex);
        contend_compiler_barrier();
        pthread_mutex_unlock(&mutex);
    }
}

static sem_t semaphore;

static void semaphore_begin(void)
{
    sem_init(&semaphore, 0, 1);
}

static void semaphore_end(void)
{
    sem_destroy(&semaphore);
}

static void loop_semaphore(size_t n, void *unused)
{
    (void)unused;
    for (size_t i = 0; i < n; i++) {
        sem_wait(&semaphore);
        contend_compiler_barrier();
        sem_post(&semaphore);
    }
}

/* A system call that finds no thread to wake. */
static void loop_wake(size_t n, void *word)
{
    for (size_t i = 0; i < n; i++)
        contend_futex_wake((_Atomic uint32_t *)word, 1);
}

#ifdef CONTEND_HAS_URCU
static void loop_rcu(size_t n, void *unused)
{
    (void)unused;
    for (size_t i = 0; i < n; i++) {
        urcu_memb_read_lock();
        contend_compiler_barrier();
        urcu_memb_read_unlock();
    }
}
#endif

/* Not inlined: a caller that ignores the result would let the compiler drop the chain. */
__attribute__((noinline)) void primitive_dependent(size_t n, void *word)
{
    uint64_t x = *(uint64_t *)word | 1;

    for (size_t i = 0; i < n; i++)
        x = (x + i) ^ (x >> 1); /* the shift waits for the last turn, the xor for the shift */
    *(uint64_t *)word = x;
}

const struct primitive primitives[] = {
    { "loop", "one turn of an empty loop", NULL, NULL, loop_empty },
    { "plain_add", "one plain ++ in memory", NULL, NULL, loop_plain },
    { "relaxed_rmw", "relaxed load, add, store: for one writer", NULL, NULL, loop_relaxed },
    { "locked_add", "one locked add, uncontended", NULL, NULL, loop_locked },
    { "cas", "one compare-and-swap, uncontended", NULL, NULL, loop_cas },
    { "fence", "a store and a seq_cst fence", NULL, NULL, loop_fence },
#ifdef CONTEND_HAS_URCU
    { "rcu_section", "an empty RCU read section", contend_urcu_enter_thread,
      contend_urcu_leave_thread, loop_rcu },
#endif
    { "mutex_pair", "pthread_mutex_lock and _unlock, uncontended", NULL, NULL, loop_mutex },
    { "semaphore_pair", "sem_wait and sem_post, uncontended", semaphore_begin, semaphore_end,
      loop_semaphore },
    { "clock_coarse", "one look at the coarse clock", NULL, NULL, loop_coarse },
    { "clock", "one look at the clock", NULL, NULL, loop_clock },
    { "futex_wake", "waking a futex that nobody waits for", NULL, NULL, loop_wake },
    { NULL, NULL, NULL, NULL, NULL },
};

const struct primitive *primitive_find(const char *name)
{
    const struct primitive *p = primitives;

    while (strcmp(p->name, name) != 0)
        p++;
    return p;
}

static void *sleep_there(void *arg)
{
    struct company *c = arg;

    pthread_mutex_lock(&c->stay);
    pthread_mutex_unlock(&c->stay);
    return NULL;
}

void company_begin(struct company *c)
{
    pthread_mutex_init(&c->stay, NULL);
    pthread_mutex_lock(&c->stay);
    c->here = pthread_create(&c->thread, NULL, sleep_there, c) == 0;
}

void company_end(struct company *c)
{
    pthread_mutex_unlock(&c->stay);
    if (c->here)
        pthread_join(c->thread, NULL);
    pthread_mutex_destroy(&c->stay);
}

double primitive_ns(const struct primitive *p, size_t turns)
{
    CONTEND_ALIGNED uint64_t word = 0;
    double rounds[ROUNDS];

    if (p->begin)
        p->begin();
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = contend_clock_ns();
        p->run(turns, &word);
        rounds[i] = (double)(contend_clock_ns() - start) / (double)turns;
    }
    if (p->end)
        p->end();
    return stats_median(rounds, ROUNDS);
}
