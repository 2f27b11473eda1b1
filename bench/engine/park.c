/* park.c - a signal handler that waits. */
#include "bench/engine/park.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "locks/parts/platform.h"

enum { FREE, ASKED, PARKED };

static int park_signal(void)
{
    return SIGRTMIN + 3;
}

/* Sleeps while the thread is parked, for `ns` at most; may return early. */
static void sleep_parked(struct parking *p, uint64_t ns)
{
    struct timespec t = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };

    syscall(SYS_futex, (void *)&p->state, FUTEX_WAIT_PRIVATE, PARKED, &t, NULL, 0);
}

static void stay(struct parking *p)
{
    uint32_t state = ASKED;
    uint64_t now, until;

    /* acquire: pairs with the release in park_ask(), so that until_ns belongs to that request. */
    if (!atomic_compare_exchange_strong_explicit(&p->state, &state, PARKED, memory_order_acquire,
                                                 memory_order_relaxed))
        return; /* the request was taken back */
    /* relaxed: the acquire above has ordered it. */
    until = atomic_load_explicit(&p->until_ns, memory_order_relaxed);
    /* relaxed: the word carries nothing but itself; as in the exchange that gives up waiting. */
    while (atomic_load_explicit(&p->state, memory_order_relaxed) == PARKED) {
        now = contend_clock_ns();
        if (now < until) {
            sleep_parked(p, until - now);
            continue;
        }
        state = PARKED;
        atomic_compare_exchange_strong_explicit(&p->state, &state, FREE, memory_order_relaxed,
                                                memory_order_relaxed);
    }
}

/* Calls only what a handler may call: system calls, and atomic operations without a lock. */
static void on_signal(int number, siginfo_t *info, void *context)
{
    int error = errno;

    (void)number, (void)context;
    /* A signal from elsewhere does not carry a pointer of ours. */
    if (info->si_code == SI_QUEUE && info->si_pid == getpid())
        stay(info->si_value.sival_ptr);
    errno = error;
}

void park_allow(bool allowed)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, park_signal());
    pthread_sigmask(allowed ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
}

int park_ask(struct parking *p, pthread_t thread, uint64_t ns)
{
    /* SA_RESTART: an interrupted wait of the thread goes on afterwards. */
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART };
    uint64_t now = contend_clock_ns();
    int error;

    if (park_holds(p) || park_is_pending(p))
        return -EBUSY;
    if (sigaction(park_signal(), &action, NULL) != 0)
        return -errno;
    /* relaxed: the release below publishes it. */
    atomic_store_explicit(&p->until_ns, ns < UINT64_MAX - now ? now + ns : UINT64_MAX,
                          memory_order_relaxed);
    /* release: pairs with the acquire in stay(). */
    atomic_store_explicit(&p->state, ASKED, memory_order_release);
    error = pthread_sigqueue(thread, park_signal(), (union sigval){ .sival_ptr = p });
    if (error)
        park_release(p);
    return -error;
}

bool park_is_pending(const struct parking *p)
{
    /* relaxed: nothing is read because of it. */
    return atomic_load_explicit(&p->state, memory_order_relaxed) == ASKED;
}

bool park_holds(const struct parking *p)
{
    /* relaxed: as above. */
    return atomic_load_explicit(&p->state, memory_order_relaxed) == PARKED;
}

bool park_release(struct parking *p)
{
    /* relaxed: the thread learns nothing but that it may go on. */
    if (atomic_exchange_explicit(&p->state, FREE, memory_order_relaxed) == FREE)
        return false;
    contend_futex_wake(&p->state, 1);
    return true;
}
