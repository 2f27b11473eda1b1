/*
 * holdup.c - progress runs: one thread is stopped for ever, or disturbed at each step.
 *
 * The thread to be stopped begins when all others wait in check_ready().  It runs alone for
 * some steps; then the others run as well, until it is stopped, and go on without it.
 *
 * A starved thread makes one step each time another thread has ended an operation or two, so
 * that whatever it has read may have changed.  The other thread waits for that step, and
 * repeats its operations.  If all others wait for the starved thread, it goes on.
 */
#include <limits.h>

#include "bench/check/state.h"

/* ---- stopped ---- */

static bool is_stopped(unsigned t)
{
    return run.options->freeze_thread == t && t != 0 && t < run.bodies;
}

static void open_gate(void)
{
    schedule_wake(&run.gate, UINT_MAX);
}

static void wait_for_the_stop(void)
{
    unsigned stopped = run.options->freeze_thread;
    bool all = true;

    if (run.me == 0 || is_stopped(run.me) || !is_stopped(stopped))
        return;
    self()->ready = true;
    for (unsigned t = 1; t < run.bodies; t++)
        all &= t == stopped || run.threads[t].ready;
    if (all)
        schedule_wake(&run.others_ready, 1);
    schedule_away(THREAD_BLOCKED, "waits for its turn", &run.gate);
}

static void stop(struct thread *t)
{
    run.result->frozen_steps = t->steps;
    if (t->steps > run.options->freeze_alone)
        open_gate();
    if (t->steps > run.options->freeze_after)
        schedule_away(THREAD_FROZEN, "is stopped", NULL);
}

/* ---- starved ---- */

bool check_repeats(void)
{
    return run.options->starve_thread != 0;
}

static void begin_to_starve(void)
{
    struct thread *t = self();

    if (!check_repeats())
        return;
    t->starved = run.me == run.options->starve_thread;
    t->starved_from = t->steps;
    check_meet();
}

static struct thread *starved_thread(void)
{
    unsigned t = run.options->starve_thread;

    return run.bodies_begun && t && t < run.bodies ? &run.threads[t] : NULL;
}

bool check_again(void)
{
    const struct thread *t = starved_thread();

    return t && t != self() && !t->done;
}

static void starve(struct thread *t)
{
    if (t->steps - t->starved_from > run.options->starve_after)
        fail(CHECK_STARVED, "after %u steps it had not ended, while others ended theirs",
             run.options->starve_after);
    schedule_wake(&run.meal, UINT_MAX);
    schedule_away(THREAD_BLOCKED, "waits for its turn", &run.turn);
}

void holdup_operation_begins(void)
{
    self()->starved_from = self()->steps;
}

void holdup_operation_ends(void)
{
    const struct thread *t = starved_thread();
    unsigned meal = run.options->starve_meal ? run.options->starve_meal : 1;

    if (!t || !t->starved || t == self() || ++run.eaten % meal != 0)
        return;
    schedule_wake(&run.turn, 1);
    schedule_away(THREAD_BLOCKED, "waits for the starved thread", &run.meal);
}

/*
 * All others wait for the starved thread, as a writer may wait for a reader.  So it goes on,
 * and this step does not count as one after a disturbance.
 */
bool holdup_relents(void)
{
    struct thread *t = starved_thread();

    if (!t || !t->starved || t->state != THREAD_BLOCKED || t->waits_on != &run.turn)
        return false;
    t->starved_from++;
    schedule_wake(&run.turn, 1);
    return true;
}

/* ---- both ---- */

void check_ready(void)
{
    begin_to_starve();
    wait_for_the_stop();
}

void check_done(void)
{
    self()->done = true;
    self()->starved = false;
    schedule_wake(&run.meal, UINT_MAX);
}

void holdup_before_step(void)
{
    struct thread *t = self();

    if (is_stopped(run.me))
        stop(t);
    if (t->starved)
        starve(t);
}

void holdup_thread_ends(void)
{
    if (is_stopped(run.me))
        open_gate();
}
