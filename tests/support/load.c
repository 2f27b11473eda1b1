/* load.c - what the loads share, and the one for locks. */
#include "tests/support/load.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "locks/parts/platform.h"
#include "tests/support/support.h"

void finding_wrong(struct finding *f, const char *format, ...)
{
    va_list args;

    if (atomic_exchange(&f->wrong, true))
        return;
    va_start(args, format);
    vsnprintf(f->text, sizeof f->text, format, args);
    va_end(args);
    atomic_store(&f->told, true);
}

uint64_t load_begin(void)
{
    return contend_clock_ns();
}

uint64_t load_end(void)
{
    /* seq_cst: without it the change may still sit in the store buffer when its end is stamped. */
    atomic_thread_fence(memory_order_seq_cst);
    return contend_clock_ns();
}

bool load_over(const struct load *load, uint64_t began)
{
    return (double)(contend_clock_ns() - began) >= load->seconds * 1e9;
}

bool crowd_arrive(struct crowd *c)
{
    enum { SPINS = 200 };
    unsigned round = atomic_load(&c->round);

    if (atomic_fetch_add(&c->arrived, 1) + 1 == c->threads)
        return true;
    for (unsigned spins = 1; atomic_load(&c->round) == round; spins++)
        if (spins % SPINS)
            contend_cpu_relax();
        else
            sched_yield();
    return false;
}

void crowd_go_on(struct crowd *c)
{
    atomic_store(&c->arrived, 0);
    atomic_fetch_add(&c->round, 1);
}

/* ---- sections ---- */

enum { SECTIONS = 256 }; /* between two looks at the clock, and between attaching anew */

struct sections {
    const struct lock_ops *ops;
    const struct load *load;
    struct finding *finding;
    void *lock;
    uint64_t began;
    /* Guarded by the lock, and plain on purpose: the compiler may not merge accesses to them. */
    volatile unsigned owner; /* 0, or the number of the thread that is inside alone */
    volatile uint64_t count;
    _Atomic uint64_t entered;
};

/* A section lasts long enough for an intruder to enter. */
static void linger(struct support_random *r)
{
    for (uint64_t i = support_below(r, 8); i > 0; i--)
        contend_cpu_relax();
}

static void alone(struct sections *s, unsigned me, struct support_random *r)
{
    uint64_t seen = s->count;

    if (s->owner != 0)
        finding_wrong(s->finding, "two threads are inside at once");
    s->owner = me;
    linger(r);
    s->count = seen + 1;
    if (s->owner != me)
        finding_wrong(s->finding, "two threads are inside at once");
    s->owner = 0;
}

static void shared(struct sections *s, struct support_random *r)
{
    uint64_t seen = s->count;

    if (s->owner != 0)
        finding_wrong(s->finding, "a reader is inside with a writer");
    linger(r);
    if (s->owner != 0 || s->count != seen)
        finding_wrong(s->finding, "a writer came in while a reader was inside");
}

/* A section that the lock is asked to execute, maybe by another thread. */
struct errand {
    struct sections *sections;
    unsigned me;
    struct support_random *random;
    uint64_t done;
};

static void run_errand(void *ctx)
{
    struct errand *e = ctx;

    alone(e->sections, e->me, e->random);
    e->done++;
}

static uint64_t send(struct sections *s, void *handle, unsigned me, struct support_random *r)
{
    struct errand e = { s, me, r, 0 };
    uint64_t asked = lock_is_held(s->ops->execute(s->lock, handle, run_errand, &e)) ? 1 : 0;

    if (e.done != asked)
        finding_wrong(s->finding, "a call was made %llu times, %llu were promised",
                      (unsigned long long)e.done, (unsigned long long)asked);
    return asked;
}

static uint64_t enter(struct sections *s, void *handle, unsigned me, struct support_random *r)
{
    const struct lock_ops *ops = s->ops;

    switch (support_below(r, 6)) {
    case 2:
    case 3:
        return send(s, handle, me, r);
    case 0:
        ops->acquire_shared(s->lock, handle);
        shared(s, r);
        ops->release_shared(s->lock, handle);
        return 0;
    case 1:
        if (!(ops->traits->features & LOCK_TRY))
            return 0;
        if (ops->try_acquire(s->lock, handle) != 0)
            return 0;
        break;
    default:
        if (!lock_is_held(ops->acquire(s->lock, handle)))
            return 0;
    }
    alone(s, me, r);
    ops->release(s->lock, handle);
    return 1;
}

static void section_after_section(struct team *team, unsigned number)
{
    struct sections *s = team->shared;
    struct support_random random = { s->load->seed * 31 + number };
    void *handle = support_alloc(s->ops->handle_size);
    uint64_t entered = 0, turns = 0;

    while (!load_over(s->load, s->began)) {
        if (s->ops->attach(s->lock, handle) != 0)
            abort();
        for (int i = 0; i < SECTIONS && (i % 16 || !load_over(s->load, s->began)); i++, turns++)
            entered += enter(s, handle, number + 1, &random);
        s->ops->detach(s->lock, handle);
    }
    free(handle);
    atomic_fetch_add(&s->entered, entered);
    atomic_fetch_add(&s->finding->operations, turns);
}

void lock_sections(const struct lock_ops *ops, const struct load *load, struct finding *f)
{
    struct sections s = { .ops = ops, .load = load, .finding = f, .began = load_begin() };
    struct team team = { .body = section_after_section, .shared = &s };

    s.lock = support_alloc(ops->size);
    if (ops->init(s.lock, NULL) != 0)
        abort();
    team_run(&team, load->threads, 0);
    if (s.count != atomic_load(&s.entered))
        finding_wrong(f, "%llu sections and a count of %llu",
                      (unsigned long long)atomic_load(&s.entered), (unsigned long long)s.count);
    f->judged += s.count;
    if (ops->fini(s.lock) != 0)
        finding_wrong(f, "a lock that nobody holds cannot be destroyed");
    free(s.lock);
}
