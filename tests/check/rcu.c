/*
 * rcu.c - an ideal RCU: a grace period ends when every section that had begun is over.
 *
 * A section that begins later sees what came before the grace period's begin, and
 * what a thread did in a section that was waited for comes before the end.  Nothing
 * else is ordered: an access outside a section races with what the grace period
 * protects, however late that comes.
 *
 * The grace period of a deferred callback begins with the call that defers it, the
 * earliest that is allowed.  The callback itself runs at a barrier or after the threads
 * have ended, but as a thread of its own, that knows no more than its grace period does.
 */
#include <string.h>

#include "tests/check/state.h"

static struct {
    void *head;
    void (*reclaim)(void *head);
    struct clock clock; /* what comes before it */
    unsigned inside;    /* a bit for each thread whose section it still waits for */
} deferred[1024];
static unsigned deferred_count, deferred_next, deferred_done; /* all, begun, ended */
static struct clock worker; /* callbacks run one after the other */

void rcu_reset(void)
{
    memset(&run.rcu_started, 0, sizeof run.rcu_started);
    memset(&worker, 0, sizeof worker);
    deferred_count = deferred_next = deferred_done = 0;
}

void rcu_register(bool enter, const void *pc)
{
    struct thread *t = self();

    if (!enter && t->rcu_registered == 0)
        misuse("leaves RCU without having registered", pc);
    if (!enter && t->rcu_nesting)
        misuse("leaves RCU inside a read section", pc);
    t->rcu_registered += enter ? 1 : -1u;
}

/* The outermost section is over: who waits for it goes on, and knows what was done in it. */
static void leave(struct thread *t)
{
    t->rcu_sections++;
    t->rcu_left = t->now;
    for (unsigned i = deferred_next; i < deferred_count; i++)
        if (deferred[i].inside >> run.me & 1) {
            deferred[i].inside &= ~(1u << run.me);
            clock_join(&deferred[i].clock, &t->rcu_left);
        }
    release_bump(t);
    schedule_wake(&t->rcu_sections, UINT32_MAX);
}

void rcu_read(bool enter, const void *pc)
{
    struct thread *t = self();

    schedule_point(pc);
    trace_call(pc, enter ? "enter a read section" : "leave a read section", NULL);
    if (t->rcu_registered == 0)
        misuse("enters or leaves a read section without having registered", pc);
    if (!enter && t->rcu_nesting == 0)
        misuse("leaves a read section that it has not entered", pc);
    if (enter && t->rcu_nesting++ == 0)
        clock_join(&t->now, &run.rcu_started);
    if (!enter && --t->rcu_nesting == 0)
        leave(t);
}

/* Sections that begin from here on see everything that happens before, which is returned. */
static struct clock begin_grace_period(const void *pc)
{
    atomics_membarrier(pc);
    struct clock before = self()->now;
    clock_join(&run.rcu_started, &before);
    release_bump(self());
    return before;
}

void rcu_synchronize(const void *pc)
{
    unsigned sections[STATE_THREADS];

    schedule_point(pc);
    trace_call(pc, "wait for a grace period", NULL);
    if (self()->rcu_nesting)
        misuse("waits for a grace period inside a read section: for itself", pc);
    begin_grace_period(pc);
    for (unsigned u = 0; u < run.count; u++)
        sections[u] = run.threads[u].rcu_sections;
    for (unsigned u = 0; u < run.count; u++) {
        struct thread *reader = &run.threads[u];
        while (u != run.me && reader->rcu_nesting && reader->rcu_sections == sections[u])
            schedule_away(THREAD_BLOCKED, "waits for a reader", &reader->rcu_sections);
        clock_join(&self()->now, &reader->rcu_left);
    }
    atomics_membarrier(pc);
}

void rcu_defer(void *head, void (*reclaim)(void *head), const void *pc)
{
    schedule_point(pc);
    trace_call(pc, "defer the callback of", head);
    if (deferred_count == sizeof deferred / sizeof *deferred)
        fail(CHECK_TOO_LONG, "more than %u callbacks are deferred", deferred_count);
    struct clock before = begin_grace_period(pc);
    unsigned i = deferred_count++;
    deferred[i].head = head;
    deferred[i].reclaim = reclaim;
    deferred[i].clock = before;
    deferred[i].inside = 0;
    for (unsigned u = 0; u < run.count; u++) {
        if (run.threads[u].rcu_nesting)
            deferred[i].inside |= 1u << u;
        clock_join(&deferred[i].clock, &run.threads[u].rcu_left);
    }
}

/* As a thread of its own; only the time of the one that lends its lane is kept. */
static void call_next_back(void)
{
    struct thread *t = self();
    struct clock lender = t->now;
    unsigned i = deferred_next++;

    t->now = worker;
    clock_join(&t->now, &deferred[i].clock);
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

    if (run.parallel && deferred_done < until)
        rcu_synchronize(pc);
    while (deferred_done < (run.parallel ? until : deferred_count))
        if (deferred_next == deferred_done)
            call_next_back();
        else
            schedule_away(THREAD_BLOCKED, "waits for a deferred callback", &deferred_done);
    clock_join(&self()->now, &worker);
}
