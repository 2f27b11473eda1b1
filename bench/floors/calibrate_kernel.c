/* calibrate_kernel.c - the costs of sleeping, waking and switching in the kernel. */
#include <fcntl.h>
#include <linux/membarrier.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

#include "bench/floors/calibrate.h"
#include "bench/floors/primitives.h"
#include "locks/parts/platform.h"

static const uint64_t play_ns = 80000000; /* each figure takes so long */

enum { WARM_UP = 20, BETWEEN_LOOKS = 16, BARRIERS = 2000 };

/* Two threads that take turns, each asleep until the other wakes it. */
struct duet {
    CONTEND_ALIGNED _Atomic uint32_t ball; /* even: ours; odd: the partner's; `over`: the end */
    CONTEND_ALIGNED const cpu_set_t *allowed;
    unsigned partner;       /* its processor */
    int there[2], back[2];  /* pipes: read end, write end */
};

static const uint32_t over = UINT32_MAX;

/* How two threads wake each other. */
struct manner {
    bool (*open)(struct duet *d);
    bool (*turn)(struct duet *d);   /* there and back; false after a failure */
    void (*answer)(struct duet *d); /* the partner's side, until the end */
    void (*finish)(struct duet *d); /* ends the partner's side */
    void (*close)(struct duet *d);  /* after the partner has ended */
};

static bool futex_open(struct duet *d)
{
    atomic_init(&d->ball, 0);
    return true;
}

static bool futex_turn(struct duet *d)
{
    /* relaxed: the ball is ours. */
    uint32_t ball = atomic_load_explicit(&d->ball, memory_order_relaxed), seen;

    /* release: pairs with the acquire in futex_answer. */
    atomic_store_explicit(&d->ball, ball + 1, memory_order_release);
    contend_futex_wake(&d->ball, 1);
    /* acquire: pairs with the release in futex_answer. */
    while ((seen = atomic_load_explicit(&d->ball, memory_order_acquire)) == ball + 1)
        contend_futex_wait(&d->ball, seen);
    return true;
}

static void futex_answer(struct duet *d)
{
    for (;;) {
        /* acquire: pairs with the release in futex_turn and futex_finish. */
        uint32_t ball = atomic_load_explicit(&d->ball, memory_order_acquire);
        if (ball == over)
            return;
        if (ball % 2 == 0) {
            contend_futex_wait(&d->ball, ball);
            continue;
        }
        /* release: pairs with the acquire in futex_turn. */
        atomic_store_explicit(&d->ball, ball + 1, memory_order_release);
        contend_futex_wake(&d->ball, 1);
    }
}

static void futex_finish(struct duet *d)
{
    /* release: pairs with the acquire in futex_answer.  The ball is ours, so nothing is lost. */
    atomic_store_explicit(&d->ball, over, memory_order_release);
    contend_futex_wake(&d->ball, 1);
}

static void futex_close(struct duet *d)
{
    (void)d;
}

static bool pipe_open(struct duet *d)
{
    if (pipe2(d->there, O_CLOEXEC) != 0)
        return false;
    if (pipe2(d->back, O_CLOEXEC) == 0)
        return true;
    close(d->there[0]);
    close(d->there[1]);
    return false;
}

static bool pipe_turn(struct duet *d)
{
    char byte = 0;

    return write(d->there[1], &byte, 1) == 1 && read(d->back[0], &byte, 1) == 1;
}

static void pipe_answer(struct duet *d)
{
    char byte;

    while (read(d->there[0], &byte, 1) == 1 && write(d->back[1], &byte, 1) == 1)
        ;
}

static void pipe_finish(struct duet *d)
{
    close(d->there[1]); /* the partner reads the end */
}

static void pipe_close(struct duet *d)
{
    close(d->there[0]);
    close(d->back[0]);
    close(d->back[1]);
}

static const struct manner by_futex = { futex_open, futex_turn, futex_answer, futex_finish,
                                        futex_close };
static const struct manner by_pipe = { pipe_open, pipe_turn, pipe_answer, pipe_finish, pipe_close };

struct partner {
    struct duet *duet;
    const struct manner *manner;
};

static void *partner_main(void *arg)
{
    struct partner *p = arg;

    contend_pin_thread(p->duet->allowed, p->duet->partner);
    p->manner->answer(p->duet);
    return NULL;
}

/* One way, ns, between a thread on the first allowed processor and one on `partner`. */
static double duet_ns(const cpu_set_t *allowed, unsigned partner, const struct manner *manner)
{
    struct duet d = { .allowed = allowed, .partner = partner };
    struct partner p = { &d, manner };
    uint64_t turns = 0, start, now;
    bool ok = true;
    cpu_set_t before;
    pthread_t thread;

    if (sched_getaffinity(0, sizeof before, &before) != 0 || !manner->open(&d))
        return NAN;
    if (pthread_create(&thread, NULL, partner_main, &p) != 0) {
        manner->finish(&d);
        manner->close(&d);
        return NAN;
    }
    contend_pin_thread(allowed, 0);
    for (int i = 0; i < WARM_UP && ok; i++)
        ok = manner->turn(&d);
    start = now = contend_clock_ns();
    for (; ok && now - start < play_ns; now = contend_clock_ns())
        for (int i = 0; i < BETWEEN_LOOKS && ok; i++, turns++)
            ok = manner->turn(&d);
    manner->finish(&d);
    pthread_join(thread, NULL);
    manner->close(&d);
    sched_setaffinity(0, sizeof before, &before);
    return ok ? (double)(now - start) / (2.0 * (double)turns) : NAN;
}

/* A thread that a membarrier has to interrupt. */
struct runner {
    const cpu_set_t *allowed;
    _Atomic bool stop, runs;
};

static void *run_about(void *arg)
{
    struct runner *r = arg;

    contend_pin_thread(r->allowed, 1);
    /* relaxed, both: flags that order nothing. */
    atomic_store_explicit(&r->runs, true, memory_order_relaxed);
    while (!atomic_load_explicit(&r->stop, memory_order_relaxed))
        contend_cpu_relax();
    return NULL;
}

static bool membarrier(int command)
{
    return syscall(SYS_membarrier, command, 0, 0) == 0;
}

/* NAN when the kernel refuses. */
static double membarrier_ns(const cpu_set_t *allowed)
{
    struct runner r = { .allowed = allowed };
    uint64_t start, now, calls = 0;
    pthread_t thread;

    if (!membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) ||
        !membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
        return NAN;
    if (pthread_create(&thread, NULL, run_about, &r) != 0)
        return NAN;
    /* relaxed: as above. */
    while (!atomic_load_explicit(&r.runs, memory_order_relaxed))
        sched_yield();
    start = now = contend_clock_ns();
    for (; calls < BARRIERS && now - start < play_ns; now = contend_clock_ns())
        for (int i = 0; i < BETWEEN_LOOKS; i++, calls++)
            membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    /* relaxed: as above. */
    atomic_store_explicit(&r.stop, true, memory_order_relaxed);
    pthread_join(thread, NULL);
    return (double)(now - start) / (double)calls;
}

void calibrate_kernel(struct calibration *c, const cpu_set_t *allowed)
{
    c->wake_ns = primitive_ns(primitive_find("futex_wake"), 5000);
    c->handover_ns = duet_ns(allowed, 0, &by_futex);
    c->handover_far_ns = CPU_COUNT(allowed) > 1 ? duet_ns(allowed, 1, &by_futex) : NAN;
    c->switch_ns = duet_ns(allowed, 0, &by_pipe);
    c->membarrier_ns = membarrier_ns(allowed);
}
