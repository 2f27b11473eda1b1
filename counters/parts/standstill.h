/*
 * standstill.h - makes threads stand still for a moment, by a signal to each.
 *
 * A thread that is sent the signal says that it stands, from within the handler, and waits there until
 * it is told to go on.  While all threads that matter stand, their memory can be read as one
 * picture of one instant.
 *
 * Invariant: `state` is RUNS, or ASKED from the signal on, or STANDS from the handler's store until
 *   the thread that asked lets it go.  Only one thread of the process asks at a time (standstill_begin),
 *   and it lets go of all whom it asked before it ends.  Two that asked at once could wait
 *   for each other: one stands for the other, and cannot let go of a third whom that one has asked.
 * Memory order: the handler releases what its thread did before it; the thread that asks
 *   acquires that when it sees STANDS.
 * Breaks when: a thread blocks the signal, or is stopped by a debugger: the thread that asks waits for
 *   it.  System calls that do not begin again by themselves (nanosleep, poll) end with EINTR.
 */
#ifndef CONTEND_COUNTERS_PARTS_STANDSTILL_H
#define CONTEND_COUNTERS_PARTS_STANDSTILL_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "locks/parts/platform.h"

enum { STANDSTILL_RUNS = 0, STANDSTILL_ASKED, STANDSTILL_STANDS };
enum { STANDSTILL_LOOKS = 64 }; /* turns of waiting between two looks whether a thread has ended */

/* Of each thread; memory that stays while it may be asked, and after it has ended. */
struct standstill_place {
    _Atomic uint32_t state;
    pid_t thread; /* constant once attached */
};

static inline pid_t standstill_self(void)
{
    return (pid_t)syscall(SYS_gettid);
}

static inline void standstill_handler(int number, siginfo_t *info, void *context)
{
    struct standstill_place *p = info->si_value.sival_ptr;
    int kept = errno;

    (void)number, (void)context;
    if (info->si_code != SI_QUEUE || info->si_pid != getpid() || !p)
        return; /* somebody else's signal of that number */
    /* release: what the thread did comes first; pairs with the acquire in standstill_ask. */
    atomic_store_explicit(&p->state, STANDSTILL_STANDS, memory_order_release);
    /* acquire: pairs with the release in standstill_let_go; what was read was read before. */
    while (atomic_load_explicit(&p->state, memory_order_acquire) == STANDSTILL_STANDS)
        contend_futex_wait(&p->state, STANDSTILL_STANDS);
    errno = kept;
}

/* Takes the signal of that number for the process, for ever.  0, or -EBUSY: it has a handler. */
static inline int standstill_install(int number)
{
    struct sigaction mine = { .sa_sigaction = standstill_handler,
                              .sa_flags = SA_SIGINFO | SA_RESTART };
    struct sigaction before;

    if (sigaction(number, NULL, &before) != 0)
        return -errno;
    if (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN)
        return sigaction(number, &mine, NULL) == 0 ? 0 : -errno;
    return before.sa_flags & SA_SIGINFO && before.sa_sigaction == standstill_handler ? 0 : -EBUSY;
}

/*
 * One lock for the whole process, whatever units and libraries this header is in: a weak function, of
 * which one is chosen for all, has it.  (A variable would be copied into a program at the size that
 * it was linked with.)
 */
CONTEND_API __attribute__((weak)) pthread_mutex_t *contend_standstill_asking(void);
pthread_mutex_t *contend_standstill_asking(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    return &lock;
}

/* Waits until nobody else asks.  A thread that waits here can be asked, and stands. */
static inline void standstill_begin(void)
{
    pthread_mutex_lock(contend_standstill_asking());
}

/* Once all whom it asked were let go. */
static inline void standstill_end(void)
{
    pthread_mutex_unlock(contend_standstill_asking());
}

/* By the thread that will be asked.  It must not block the signal. */
static inline void standstill_attach(struct standstill_place *p, int number)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    atomic_init(&p->state, STANDSTILL_RUNS);
    p->thread = standstill_self();
}

/*
 * Asks another thread to stand; does not wait.  Nothing to do for one that has ended.  A thread with
 * several places is asked at one of them: while it stands there, the next signal has to wait.
 */
static inline void standstill_ask(struct standstill_place *p, int number)
{
    siginfo_t info;

    memset(&info, 0, sizeof info);
    info.si_signo = number;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_ptr = p;
    /* relaxed: the handler does not look at it; only we wait for the change. */
    atomic_store_explicit(&p->state, STANDSTILL_ASKED, memory_order_relaxed);
    while (syscall(SYS_rt_tgsigqueueinfo, getpid(), p->thread, number, &info) != 0) {
        if (errno != EAGAIN) {
            /* relaxed: the thread has ended, and nobody else looks. */
            atomic_store_explicit(&p->state, STANDSTILL_RUNS, memory_order_relaxed);
            return;
        }
        contend_yield(); /* the queue of signals is full */
    }
}

/* Waits until it stands, or has ended. */
static inline void standstill_await(struct standstill_place *p)
{
    uint32_t turns = 0;

    /* acquire: pairs with the release in standstill_handler. */
    while (atomic_load_explicit(&p->state, memory_order_acquire) == STANDSTILL_ASKED) {
        if (++turns % STANDSTILL_LOOKS == 0 &&
            syscall(SYS_tgkill, getpid(), p->thread, 0) != 0) {
            /* relaxed: as in standstill_ask. */
            atomic_store_explicit(&p->state, STANDSTILL_RUNS, memory_order_relaxed);
            return;
        }
        contend_yield();
    }
}

static inline void standstill_let_go(struct standstill_place *p)
{
    /* relaxed: our own request. */
    if (atomic_load_explicit(&p->state, memory_order_relaxed) != STANDSTILL_STANDS)
        return;
    /* release: what we read of the thread comes first; pairs with the acquire in the handler. */
    atomic_store_explicit(&p->state, STANDSTILL_RUNS, memory_order_release);
    contend_futex_wake(&p->state, 1);
}

#endif
