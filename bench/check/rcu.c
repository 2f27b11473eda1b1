/*
 * rcu.c - an ideal RCU: a grace period ends when every section that had begun is over.
 *
 * A section that begins later sees what came before the grace period's begin, and
 * what a thread did in a section that was waited for comes before the end.  Nothing
 * else is ordered: an access outside a section races with what the grace period
 * protects, however late that comes, and so does one in a section that began later.
 *
 * The grace period of a deferred callback begins with the call that defers it, the
 * earliest that is allowed, or before any later section.  The caller does not wait for
 * its begin, and the call orders nothing.  The callback itself runs at a barrier or after
 * the threads have ended, but as a thread of its own, that knows no more than its grace
 * period does.
 */
#include <limits.h>
#include <string.h>

#include "bench/check/reduce.h"
#include "bench/check/state.h"

struct grace {
    struct clock before; /* at its begin */
    struct clock clock;  /* at its end */
    unsigned inside;     /* a bit for each thread whose section it still waits for */
};

static struct grace waited_for[STATE_THREADS]; /* indexed by the waiting thread */
static struct {
    void *head;
    void (*reclaim)(void *head);
    struct grace grace;
} deferred[1024];
/* Counts of callbacks: deferred; whose grace period has begun; called; returned. */
static unsigned deferred_count, deferred_begun, deferred_next, deferred_done;
static struct clock worker; /* callbacks run one after the other */

void rcu_reset(void)
{
    memset(&run.rcu_started, 0, sizeof run.rcu_started);
    memset(&worker, 0, sizeof worker);
    memset(waited_for, 0, sizeof waited_for);
    deferred_count = deferred_begun = deferred_next = deferred_done = 0;
}

/* ---- grace periods ---- */

/* Begins one that waits for all present sections; sections that are over come before its end. */
static void grace_announce(struct grace *g)
{
    g->before = g->clock = self()->now;
    g->inside = 0;
    for (unsigned u = 0; u < run.count; u++) {
        if (run.threads[u].rcu_nesting)
            g->inside |= 1u << u;
        clock_join(&g->clock, &run.threads[u].rcu_left);
    }
    release_bump(self());
}

/* Sections that begin from here on join its clock. */
static void grace_begin(const struct grace *g)
{
    clock_join(&run.rcu_started, &g->before);
}

/* Ends this thread's section for all grace periods. */
static void grace_leave(struct grace *g)
{
    if (!(g->inside >> run.me & 1))
        return;
    g->inside &= ~(1u << run.me);
    clock_join(&g->clock, &self()->rcu_left);
    if (g->inside == 0)
        schedule_wake(g, UINT_MAX);
}

static void begin_deferred(void)
{
    for (; deferred_begun < deferred_count; deferred_begun++)
        grace_begin(&deferred[deferred_begun].grace);
}

/* ---- sections ---- */

void rcu_register(bool enter, const void *pc)
{
    struct thread *t = self();

    if (!enter && t->rcu_registered == 0)
        misuse("leaves RCU without having registered", pc);
    if (!enter && t->rcu_nesting)
        misuse("leaves RCU inside a read section", pc);
    t->rcu_registered += enter ? 1 : -1u;
}

/* liburcu keeps a pointer to thread-local memory, which ends with the thread. */
void rcu_thread_ends(void)
{
    if (self()->rcu_registered)
        misuse("ends without having left RCU", self()->pc);
}

/* The outermost section: the grace periods of callbacks begin before it, or wait for it. */
static void enter(struct thread *t)
{
    if (deferred_begun < deferred_count && run.parallel && choose(CHOICE_SPURIOUS, 2))
        for (unsigned i = deferred_begun; i < deferred_count; i++)
            deferred[i].grace.inside |= 1u << run.me;
    else
        begin_deferred();
    clock_join(&t->now, &run.rcu_started);
}

/* The section is over: a thread that waits for it goes on, and joins its clock. */
static void leave(struct thread *t)
{
    t->rcu_left = t->now;
    for (unsigned i = deferred_next; i < deferred_count; i++)
        grace_leave(&deferred[i].grace);
    for (unsigned u = 0; u < run.count; u++)
        grace_leave(&waited_for[u]);
    release_bump(t);
}

void rcu_read(bool enters, const void *pc)
{
    struct thread *t = self();

    schedule_point(pc);
    reduce_touch(&waited_for, 1, false); /* readers do not meet each other */
    trace_call(pc, enters ? "enter a read section" : "leave a read section", NULL);
    if (t->rcu_registered == 0)
        misuse("enters or leaves a read section without having registered", pc);
    if (!enters && t->rcu_nesting == 0)
        misuse("leaves a read section that it has not entered", pc);
    if (enters && t->rcu_nesting++ == 0)
        enter(t);
    if (!enters && --t->rcu_nesting == 0)
        leave(t);
}

/* ---- updaters ---- */

void rcu_synchronize(const void *pc)
{
    struct grace *g = &waited_for[run.me];

    schedule_point(pc);
    reduce_touch(&waited_for, 1, true);
    trace_call(pc, "wait for a grace period", NULL);
    if (self()->rcu_nesting)
        misuse("waits for a grace period inside a read section: for itself", pc);
    atomics_membarrier(pc);
    grace_announce(g);
    grace_begin(g);
    while (g->inside)
        schedule_away(THREAD_BLOCKED, "waits for a reader", g);
    clock_join(&self()->now, &g->clock);
    atomics_membarrier(pc);
}

void rcu_defer(void *head, void (*reclaim)(void *head), const void *pc)
{
    schedule_point(pc);
    reduce_touch(&waited_for, 1, true);
    trace_call(pc, "defer the callback of", head);
    if (deferred_count == sizeof deferred / sizeof *deferred)
        fail(CHECK_TOO_LONG, "more than %u callbacks are deferred", deferred_count);
    deferred[deferred_count].head = head;
    deferred[deferred_count].reclaim = reclaim;
    grace_announce(&deferred[deferred_count++].grace);
}

/* Runs as a thread of its own, in the lane of the calling thread, whose time goes on. */
static void call_next_back(void)
{
    struct thread *t = self();
    struct clock lender = t->now;
    unsigned i = deferred_next++;

    t->now = worker;
    clock_join(&t->now, &deferred[i].grace.clock);
    t->now.lane[run.me] = lender.lane[run.me];
    run.calls_back = true;
    deferred[i].reclaim(deferred[i].head);
    run.calls_back = false;
    worker = t->now;
    clock_join(&t->now, &lender);
    deferred_done++;
    schedule_wake(&deferred_done, UINT32_MAX);
}

/*
 * Waits for what has been deferred until now: the grace period that is over is not that
 * of later ones.  After the threads have ended there are no readers, and all are called.
 */
void rcu_barrier(const void *pc)
{
    unsigned until = deferred_count;

    begin_deferred();
    if (run.parallel && deferred_done < until)
        rcu_synchronize(pc);
    while (deferred_done < (run.parallel ? until : deferred_count))
        if (deferred_next == deferred_done)
            call_next_back();
        else
            schedule_away(THREAD_BLOCKED, "waits for a deferred callback", &deferred_done);
    clock_join(&self()->now, &worker);
}
