/*
 * turns.c - what a spinner has read in a turn of its loop, and whether that has changed since.
 *
 * A turn that reads the same values repeats itself, so a spinner waits until another thread
 * changes one of them.
 */
#include "bench/check/reduce.h"
#include "bench/check/state.h"
#include "bench/check/times.h"

enum {
    RESTLESS = 8,  /* most turns of a spinner without a change of any value */
    BACKOFF = 1000, /* this many pauses without an atomic load between them count as waiting */
    RETURNS = 8 /* a loop that has come back so often without a change of its own waits */
};

/* Whether the thread has read one of these bytes in its present turn, or may have. */
static bool has_read(const struct thread *t, uintptr_t base, uint8_t mask)
{
    if (t->turn_count == 0 || t->turn_count > TURN_PLACES)
        return true;
    for (unsigned i = 0; i < t->turn_count; i++)
        if (t->turn[i].base == base && (t->turn[i].mask & mask))
            return true;
    return false;
}

void schedule_looked(uintptr_t base, uint8_t mask)
{
    struct thread *t = self();
    unsigned i = 0;

    t->loads++;
    while (i < t->turn_count && i < TURN_PLACES && t->turn[i].base != base)
        i++;
    if (i == TURN_PLACES) {
        t->turn_count = TURN_PLACES + 1;
        return;
    }
    if (i == t->turn_count) {
        t->turn[i].base = base;
        t->turn[i].mask = 0;
        t->turn_count++;
    }
    t->turn[i].mask |= mask;
}

void schedule_stored(uintptr_t base, uint8_t mask)
{
    run.patience = 0;
    for (unsigned t = 0; t < run.count; t++) {
        struct thread *u = &run.threads[t];
        if (t == run.me || !has_read(u, base, mask))
            continue;
        u->stirred = true;
        if (u->state == THREAD_PARKED && !u->futile.ended)
            schedule_set(t, THREAD_READY);
    }
}

void schedule_written_plainly(uintptr_t base, uint8_t mask)
{
    for (unsigned t = 0; t < run.count; t++)
        if (t != run.me && run.threads[t].looks_plainly && has_read(&run.threads[t], base, mask)) {
            schedule_stored(base, mask);
            return;
        }
}

/* The end of a turn depends on what was read in it. */
static bool was_stirred(void)
{
    struct thread *t = self();

    if (t->turn_count == 0 || t->turn_count > TURN_PLACES)
        reduce_touch_all();
    for (unsigned i = 0; i < t->turn_count && i < TURN_PLACES; i++)
        reduce_touch((const void *)t->turn[i].base, t->turn[i].mask, false);
    return t->stirred;
}

static void begin_turn(void)
{
    struct thread *t = self();

    t->loads = t->turn_count = 0;
    t->stirred = t->looks_plainly = false;
}

/*
 * A turn that reads the same values may still differ by the thread's private state: it may
 * give up, or look elsewhere.  Whether it does shows when the loop has turned once more: if the
 * registers, the stack and what it wrote are the same, nothing differs.  Otherwise it may take
 * some more turns, each of which counts as unforced.  If no other thread can run, none is
 * needed: run_another() lets it go on.
 */
static bool is_restless(void)
{
    struct thread *t = self();

    if (run.ready == 1u << run.me || turn_repeats() || patience_circles())
        return false;
    run.cut |= t->restless == RESTLESS;
    if (t->restless == RESTLESS || !choose(CHOICE_AGAIN, 2))
        return false;
    t->restless++;
    times_pass_idly(t->restless);
    return true;
}

/* The loop turns once more in any case, whatever others have done: so the end of this turn is no look at it. */
static bool is_first(void)
{
    struct thread *t = self();

    if (t->looked_at == t->pc)
        return false;
    t->looked_at = t->pc;
    t->restless = 0;
    turn_repeats();
    return true;
}

/* Ends a turn of a loop that waits: see atomics_relax(). */
static void end_turn(void)
{
    struct thread *t = self();

    bool again = is_first() || was_stirred() || t->unfair || t->stale_count;
    for (unsigned i = 0; i < t->stale_count; i++)
        t->stale[i]->newest->shown |= (uint16_t)(1u << run.me);
    t->stale_count = 0;
    t->unfair = false;
    if (again)
        t->restless = 0;
    else if (!is_restless())
        schedule_away(THREAD_PARKED, "spins", NULL);
    begin_turn();
}

/*
 * The await rule.  A turn of a spin loop that read only the newest values, and after
 * whose loads no thread has stored, would repeat itself: the thread parks until some
 * thread stores.  Newer values of what it read stale become visible to it now, since a
 * store reaches every thread in the end; but it has not read them, and no clock is joined.
 */
void atomics_relax(const void *pc)
{
    struct thread *t = self();

    if (!run.parallel || (t->loads == 0 && ++t->pauses < BACKOFF))
        return; /* a pause within one turn */
    t->pauses = 0;
    turns_forget();
    patience_begins();
    futile_look(NULL, pc);
    schedule_point(pc);
    futile_idles();
    trace_call(pc, "relax", NULL);
    end_turn();
}

/* ---- loops that do not say that they wait ---- */

void turns_forget(void)
{
    self()->naive = (struct naive){ .pc = NULL };
}

/*
 * A naive spin loop calls nothing, but comes back again and again to a place at which it looked
 * before, without having changed anything meanwhile.  That place is looked out for among all those that
 * follow it, and replaced by a later one after 1, 2, 4 ... others (R. Brent, as in patience.c).
 */
void turns_look(const void *at, bool kept, const void *pc)
{
    struct naive *n = &self()->naive;

    if (!run.parallel || run.options->starve_thread) /* which may look at the same for long */
        return;
    if (kept) {
        patience_begins(); /* before others run */
        futile_look(at, pc);
    }
    if (n->pc != pc || n->at != at) {
        if (n->passed++ >= n->span)
            *n = (struct naive){ pc, at, .span = 2 * n->span + 1 };
        return;
    }
    n->passed = 0;
    if (n->returns < RETURNS) {
        n->returns++;
        return;
    }
    if (!kept)
        patience_begins_blind();
    schedule_point(pc);
    futile_idles();
    end_turn();
}

/*
 * A loop that reads plainly may wait, too: where such reads are steps, or where its thread makes no other.
 * Its registers are not known, and what it waits for is any write to these bytes.
 */
void turns_look_plainly(void *at, size_t size, bool step, const void *pc)
{
    enum { MANY = 10000, GRANULE = 8 };
    struct thread *t = self();
    unsigned without_a_step = t->without_a_step, offset = (unsigned)((uintptr_t)at % GRANULE);

    if (!run.parallel || on_stack(at) || !(step || without_a_step > MANY))
        return;
    turns_look(at, false, pc);
    t->without_a_step = without_a_step;
    if (offset + size > GRANULE)
        return;
    schedule_looked((uintptr_t)at - offset, (uint8_t)(((1u << size) - 1) << offset));
    t->looks_plainly = true;
}
