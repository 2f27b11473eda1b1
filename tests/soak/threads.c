/* threads.c - atomic accesses and the platform, on real threads; and the driver's table. */
#include "tests/soak/threads.h"

#include <limits.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "locks/parts/platform.h"
#include "tests/soak/visitor.h"

/* Runs DO(type) for the unsigned type of that size. */
#define SIZED(SIZE, DO)                                                                       \
    switch (SIZE) {                                                                           \
    case 1: DO(uint8_t); break;                                                               \
    case 2: DO(uint16_t); break;                                                              \
    case 4: DO(uint32_t); break;                                                              \
    default: DO(uint64_t);                                                                    \
    }

static uint64_t threads_load(void *at, unsigned size, int order, const void *pc)
{
    struct visitor *v = visitor_self();
    struct site *s = visitor_step(v, at, STEP_LOAD, pc);
    uint64_t value = 0;

#define LOAD(T)                                                                               \
    value = order == __ATOMIC_RELAXED   ? __atomic_load_n((T *)at, __ATOMIC_RELAXED)          \
            : order == __ATOMIC_SEQ_CST ? __atomic_load_n((T *)at, __ATOMIC_SEQ_CST)          \
                                        : __atomic_load_n((T *)at, __ATOMIC_ACQUIRE)
    SIZED(size, LOAD)
    visitor_saw(v, s, at, value, value);
    return value;
}

static void threads_store(void *at, unsigned size, uint64_t value, int order, const void *pc)
{
    struct visitor *v = visitor_self();
    struct site *s = visitor_step(v, at, STEP_STORE, pc);

#define STORE(T)                                                                              \
    if (order == __ATOMIC_RELAXED)                                                            \
        __atomic_store_n((T *)at, (T)value, __ATOMIC_RELAXED);                                \
    else if (order == __ATOMIC_SEQ_CST)                                                       \
        __atomic_store_n((T *)at, (T)value, __ATOMIC_SEQ_CST);                                \
    else                                                                                      \
        __atomic_store_n((T *)at, (T)value, __ATOMIC_RELEASE)
    SIZED(size, STORE)
    visitor_saw(v, s, at, value, value);
}

/* What is not relaxed is executed as sequentially consistent: one instruction on x86-64. */
#define BY_ORDER(F, T)                                                                        \
    (order == __ATOMIC_RELAXED ? F((T *)at, (T)operand, __ATOMIC_RELAXED)                     \
                               : F((T *)at, (T)operand, __ATOMIC_SEQ_CST))

static uint64_t threads_rmw(void *at, unsigned size, enum machine_rmw op, uint64_t operand,
                            int order, const void *pc)
{
    struct visitor *v = visitor_self();
    struct site *s = visitor_step(v, at, STEP_RMW, pc);
    uint64_t old = 0;

#define RMW(T)                                                                                \
    switch (op) {                                                                             \
    case MACHINE_EXCHANGE: old = BY_ORDER(__atomic_exchange_n, T); break;                     \
    case MACHINE_ADD: old = BY_ORDER(__atomic_fetch_add, T); break;                           \
    case MACHINE_SUB: old = BY_ORDER(__atomic_fetch_sub, T); break;                           \
    case MACHINE_AND: old = BY_ORDER(__atomic_fetch_and, T); break;                           \
    case MACHINE_OR: old = BY_ORDER(__atomic_fetch_or, T); break;                             \
    case MACHINE_XOR: old = BY_ORDER(__atomic_fetch_xor, T); break;                           \
    default: old = BY_ORDER(__atomic_fetch_nand, T);                                          \
    }
    SIZED(size, RMW)
    visitor_saw(v, s, at, old, machine_combine(op, old, operand));
    return old;
}

static uint64_t threads_cas(void *at, unsigned size, const struct machine_cas *cas, bool *swapped,
                            const void *pc)
{
    enum { SPURIOUS = 64 };
    struct visitor *v = visitor_self();
    struct site *s = visitor_step(v, at, STEP_CAS, pc);
    bool relaxed = cas->success == __ATOMIC_RELAXED;
    uint64_t found = cas->expected;

    *swapped = false;
    if (cas->weak && random_below(&v->random, SPURIOUS) == 0)
        return found; /* as the standard allows; counted nowhere */
#define CAS(T)                                                                                \
    do {                                                                                      \
        T old = (T)cas->expected;                                                             \
        *swapped = relaxed ? __atomic_compare_exchange_n((T *)at, &old, (T)cas->desired, 0,   \
                                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED)  \
                           : __atomic_compare_exchange_n((T *)at, &old, (T)cas->desired, 0,   \
                                                         __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
        found = old;                                                                          \
    } while (0)
    SIZED(size, CAS)
    s->failed += !*swapped;
    visitor_saw(v, s, at, found, *swapped ? cas->desired : found);
    return found;
}

static void threads_fence(int order, const void *pc)
{
    visitor_step(visitor_self(), NULL, STEP_OTHER, pc);
    switch (order) {
    case __ATOMIC_RELAXED: break;
    case __ATOMIC_ACQUIRE:
    case __ATOMIC_CONSUME: atomic_thread_fence(memory_order_acquire); break;
    case __ATOMIC_RELEASE: atomic_thread_fence(memory_order_release); break;
    case __ATOMIC_ACQ_REL: atomic_thread_fence(memory_order_acq_rel); break;
    default: atomic_thread_fence(memory_order_seq_cst);
    }
}

static void threads_plain(void *at, size_t size, bool write, bool point, const void *pc)
{
    (void)size, (void)write, (void)point;
    visitor_step(visitor_self(), at, STEP_PLAIN, pc);
}

/* The stacks are the threads' own: nothing is to be known of them. */
static void threads_enter(const void *back, const void *frame)
{
    (void)back, (void)frame;
}

static void threads_leave(void)
{
}

/* ---- the platform ---- */

/* A spinning thread yields the processor now and then: threads outnumber processors. */
static void threads_relax(const void *pc)
{
    enum { SPINS = 64 };
    struct visitor *v = visitor_self();

    (void)pc;
    if (++v->relaxed % SPINS == 0)
        sched_yield();
    else
        contend_cpu_relax();
}

/* A limit is one millisecond: no test waits for it. */
static int threads_futex_wait(void *word, uint32_t expected, bool limited, const void *pc)
{
    const struct timespec soon = { .tv_nsec = 1000000 };

    visitor_step(visitor_self(), word, STEP_OTHER, pc)->waited++;
    return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, limited ? &soon : NULL, NULL, 0)
               ? errno
               : 0;
}

static int threads_futex_wake(void *word, int count, const void *pc)
{
    visitor_step(visitor_self(), word, STEP_OTHER, pc);
    return (int)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

static void threads_membarrier(const void *pc)
{
    visitor_step(visitor_self(), NULL, STEP_OTHER, pc);
    if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0)
        abort();
}

static uint64_t threads_clock(const void *pc)
{
    (void)pc;
    return contend_clock_ns();
}

/* Each thread takes the outcomes in turn. */
static unsigned threads_choice(unsigned count, const void *pc)
{
    static _Thread_local unsigned turn;

    (void)pc;
    return turn++ % count;
}

static int threads_create(pthread_t *thread, void *(*start)(void *argument), void *argument,
                          const void *pc)
{
    visitor_step(visitor_self(), NULL, STEP_OTHER, pc);
    return pthread_create(thread, NULL, start, argument);
}

static int threads_join(pthread_t thread, const void *pc)
{
    visitor_step(visitor_self(), NULL, STEP_OTHER, pc);
    return pthread_join(thread, NULL);
}

const struct machine_driver machine_threads = {
    .load = threads_load,
    .store = threads_store,
    .rmw = threads_rmw,
    .cas = threads_cas,
    .fence = threads_fence,
    .plain = threads_plain,
    .enter = threads_enter,
    .leave = threads_leave,
    .allocate = threads_allocate,
    .reallocate = threads_reallocate,
    .release = threads_release,
    .lock = threads_lock,
    .unlock = threads_unlock,
    .lock_destroy = threads_lock_destroy,
    .cond_wait = threads_cond_wait,
    .cond_wake = threads_cond_wake,
    .sem_init = threads_sem_init,
    .sem_wait = threads_sem_wait,
    .sem_post = threads_sem_post,
    .sem_value = threads_sem_value,
    .sem_destroy = threads_sem_destroy,
    .relax = threads_relax,
    .futex_wait = threads_futex_wait,
    .futex_wake = threads_futex_wake,
    .membarrier = threads_membarrier,
    .clock_ns = threads_clock,
    .choice = threads_choice,
    .thread_create = threads_create,
    .thread_join = threads_join,
    .rcu_register = threads_rcu_register,
    .rcu_read = threads_rcu_read,
    .rcu_synchronize = threads_rcu_synchronize,
    .rcu_defer = threads_rcu_defer,
    .rcu_barrier = threads_rcu_barrier,
    .misuse = machine_misuse,
    .unmodelled = machine_misuse,
    .quit = machine_quit,
};
