/*
 * native.c - the driver outside an execution: every event goes to the real machine.
 *
 * Supports what the main() of a test may do before and after a check.  A lock or RCU
 * call outside an execution is a mistake, and ends the program with a message.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/machine/machine.h"

static uint64_t native_load(void *at, unsigned size, int order, const void *pc)
{
    (void)order, (void)pc;
    return machine_peek(at, size);
}

static void native_store(void *at, unsigned size, uint64_t value, int order, const void *pc)
{
    (void)order, (void)pc;
    machine_poke(at, size, value);
}

static uint64_t native_rmw(void *at, unsigned size, enum machine_rmw op, uint64_t operand,
                           int order, const void *pc)
{
    uint64_t old = machine_peek(at, size);

    (void)order, (void)pc;
    machine_poke(at, size, machine_combine(op, old, operand));
    return old;
}

static uint64_t native_cas(void *at, unsigned size, const struct machine_cas *cas, bool *swapped,
                           const void *pc)
{
    uint64_t old = machine_peek(at, size);

    (void)pc;
    *swapped = old == cas->expected;
    if (*swapped)
        machine_poke(at, size, cas->desired);
    return old;
}

static void native_fence(int order, const void *pc)
{
    (void)order, (void)pc;
}

static void native_plain(void *at, size_t size, bool write, bool point, const void *pc)
{
    (void)at, (void)size, (void)write, (void)point, (void)pc;
}

static void *native_allocate(size_t size, size_t align, bool zero, const void *pc)
{
    void *block = NULL;

    align = align < 16 ? 16 : align;
    if (machine_early_allocate)
        block = machine_early_allocate(size, align, pc);
    if (!block && posix_memalign(&block, align, size) != 0)
        return NULL;
    return zero ? memset(block, 0, size) : block;
}

static bool is_early(const void *block, size_t *size)
{
    return block && machine_early_has && machine_early_has(block, size);
}

static void *native_reallocate(void *block, size_t size, const void *pc)
{
    size_t kept;

    if (block && !is_early(block, &kept))
        return realloc(block, size);
    void *made = native_allocate(size, 16, false, pc);
    if (made && block) {
        memcpy(made, block, kept < size ? kept : size);
        machine_early_release(block);
    }
    return made;
}

static void native_release(void *block, const void *pc)
{
    size_t size;

    (void)pc;
    if (is_early(block, &size))
        machine_early_release(block);
    else
        free(block);
}

static void native_relax(const void *pc)
{
    (void)pc;
}

_Noreturn static void refuse(const char *what)
{
    fprintf(stderr, "check: %s outside an execution; only setup, threads and finally run in one, and a main() that\n"
            "is linked with -Wl,--wrap=main\n", what);
    abort();
}

static int native_lock(void *o, enum machine_hold hold, bool try, const void *pc)
{
    (void)o, (void)hold, (void)try, (void)pc;
    refuse("a lock");
}

static int native_object(void *o, const void *pc)
{
    (void)o, (void)pc;
    refuse("a lock or semaphore");
}

static int native_cond_wait(void *c, void *m, const void *pc)
{
    (void)c, (void)m, (void)pc;
    refuse("a condition variable");
}

static void native_cond_wake(void *c, bool all, const void *pc)
{
    (void)c, (void)all, (void)pc;
    refuse("a condition variable");
}

static void native_sem_init(void *s, unsigned value, const void *pc)
{
    (void)s, (void)value, (void)pc;
    refuse("a semaphore");
}

static int native_sem_wait(void *s, bool try, const void *pc)
{
    (void)s, (void)try, (void)pc;
    refuse("a semaphore");
}

static int native_futex_wait(void *word, uint32_t expected, bool limited, const void *pc)
{
    (void)word, (void)expected, (void)limited, (void)pc;
    refuse("a futex");
}

static int native_futex_wake(void *word, int count, const void *pc)
{
    (void)word, (void)count, (void)pc;
    return 0;
}

static void native_enter(const void *back, const void *frame)
{
    (void)back, (void)frame;
}

static void native_leave(void)
{
}

static uint64_t native_clock(const void *pc)
{
    (void)pc;
    return 0;
}

static int native_thread_create(pthread_t *thread, void *(*start)(void *argument), void *argument,
                                const void *pc)
{
    (void)thread, (void)start, (void)argument, (void)pc;
    refuse("a thread");
}

static int native_thread_join(pthread_t thread, const void *pc)
{
    (void)thread, (void)pc;
    refuse("a thread");
}

static void native_rcu_flag(bool enter, const void *pc)
{
    (void)enter, (void)pc;
    refuse("RCU");
}

static void native_rcu(const void *pc)
{
    (void)pc;
    refuse("RCU");
}

static void native_rcu_defer(void *head, void (*reclaim)(void *head), const void *pc)
{
    (void)head, (void)reclaim, (void)pc;
    refuse("RCU");
}

static unsigned native_choice(unsigned count, const void *pc)
{
    (void)count, (void)pc;
    return 0;
}

static unsigned native_self(void)
{
    return 0;
}

static uint64_t native_execution(void)
{
    return 0;
}

static int native_thread_detach(pthread_t thread, const void *pc)
{
    (void)thread, (void)pc;
    refuse("a thread");
}

static bool native_thread_ended(pthread_t thread, const void *pc)
{
    (void)thread, (void)pc;
    refuse("a thread");
}

static size_t native_block_size(void *block)
{
    size_t size;

    return is_early(block, &size) ? size : malloc_usable_size(block);
}

static void native_words(const struct machine_words *as)
{
    (void)as;
}

static void native_note(const char *what, void *at, const void *pc)
{
    (void)what, (void)at, (void)pc;
}

static bool native_wide(void *at, const struct machine_wide *w, const void *pc)
{
    uint64_t *words = at;
    bool same = w->what != MACHINE_WIDE_SWAP ||
                (words[0] == w->expected[0] && words[1] == w->expected[1]);

    (void)pc;
    if (w->old)
        memcpy(w->old, words, 16);
    if (same && w->what != MACHINE_WIDE_LOAD)
        memcpy(words, w->desired, 16);
    return same;
}

void machine_misuse(const char *what, const void *pc)
{
    (void)pc;
    fprintf(stderr, "check: a thread %s\n", what);
    abort();
}

void machine_quit(enum machine_end how, int status, const void *pc)
{
    (void)pc;
    if (how == MACHINE_EXIT_NOW)
        _exit(status);
    if (how == MACHINE_QUICK_EXIT)
        quick_exit(status);
    exit(status);
}

const struct machine_driver machine_native = {
    .load = native_load,
    .store = native_store,
    .rmw = native_rmw,
    .cas = native_cas,
    .fence = native_fence,
    .plain = native_plain,
    .enter = native_enter,
    .leave = native_leave,
    .allocate = native_allocate,
    .reallocate = native_reallocate,
    .release = native_release,
    .lock = native_lock,
    .unlock = native_object,
    .lock_destroy = native_object,
    .cond_wait = native_cond_wait,
    .cond_wake = native_cond_wake,
    .sem_init = native_sem_init,
    .sem_wait = native_sem_wait,
    .sem_post = native_object,
    .sem_value = native_object,
    .sem_destroy = native_object,
    .relax = native_relax,
    .futex_wait = native_futex_wait,
    .futex_wake = native_futex_wake,
    .membarrier = native_relax,
    .clock_ns = native_clock,
    .choice = native_choice,
    .thread_create = native_thread_create,
    .thread_join = native_thread_join,
    .rcu_register = native_rcu_flag,
    .rcu_read = native_rcu_flag,
    .rcu_synchronize = native_rcu,
    .rcu_defer = native_rcu_defer,
    .rcu_barrier = native_rcu,
    .self = native_self,
    .execution = native_execution,
    .thread_detach = native_thread_detach,
    .wide = native_wide,
    .misuse = machine_misuse,
    .unmodelled = machine_misuse,
    .quit = machine_quit,
    .block_size = native_block_size,
    .words = native_words,
    .note = native_note,
    .thread_ended = native_thread_ended,
};

const struct machine_driver *machine = &machine_native;
