/*
 * patience.c - when only spinners are left: may their loops end yet?
 *
 * They are resumed, all of them, for one more turn after the other.  A loop that gives up ends
 * sooner or later, since something in it counts: a register, a variable on its stack, or
 * memory.  If every spinner comes back with the registers and the stack that it had before, and
 * none has written or asked what may differ, then they turn for ever.  That is a livelock, and
 * shows after a few turns.  Of what still counts after PATIENCE turns the verdict says just that.
 */
#include <errno.h>
#include <string.h>

#include "bench/check/state.h"

enum {
    PATIENCE = 1100000, /* turns, of a microsecond or less each */
    HELD_UP = 20000,    /* while a thread is stopped or starved, of whose steps each has such a run */
    RETURNS_AT = 64   /* the return address lies within so many words of a model's frame */
};

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

#ifdef MACHINE_KEEPS_REGISTERS
/*
 * The running thread's registers, stack and errno as its code sees them.  The registers were taken in
 * the model that the code called, whose return address is `pc`; below that lies the checker's
 * own stack, which is no part of the program.
 */
uint64_t patience_looks(const void *pc)
{
    const uintptr_t *end = (const uintptr_t *)(run.stacks + (size_t)(run.me + 1) * STATE_STACK);
    const uintptr_t *at = (const uintptr_t *)self()->registers[MACHINE_REGISTERS - 1];
    uint64_t hash = (unsigned)errno; /* its writes are no events (memory_plain()) */

    if (self()->blind)
        return ++run.stamp;
    for (unsigned i = 0; i < MACHINE_REGISTERS; i++)
        hash = mix(hash, self()->registers[i]);
    for (unsigned i = 0; i < RETURNS_AT && at < end && *at != (uintptr_t)pc; i++)
        at++;
    /* The word below may hold a register that the model has saved. */
    for (at--; at < end; at++)
        hash = mix(hash, *at);
    return hash;
}
#else
/* Nothing is known of it: each turn looks different. */
uint64_t patience_looks(const void *pc)
{
    (void)pc;
    return ++run.stamp;
}
#endif

void patience_begins(void)
{
    memcpy(self()->registers, machine_registers, sizeof machine_registers);
    self()->blind = false;
}

void patience_begins_blind(void)
{
    self()->blind = true;
}

/* Whether the thread has come back just as it was at the end of its last turn. */
bool turn_repeats(void)
{
    struct thread *t = self();
    uint64_t before = t->looks;

    t->looks = patience_looks(t->pc);
    bool repeats = t->looks == before && !t->changed_in_turn;
    t->changed_in_turn = false;
    return repeats;
}

void patience_parks(const void *pc)
{
    if (run.patience)
        self()->looks = patience_looks(pc);
}

static unsigned most(void)
{
    return run.options->freeze_thread || run.options->starve_thread ? HELD_UP : PATIENCE;
}

/* Whether a spinner has done something since the last turn that may end it. */
static bool something_changed(void)
{
    bool any = false;

    for (unsigned t = 0; t < run.count; t++) {
        any |= run.threads[t].changes;
        run.threads[t].changes = false;
    }
    return any;
}

/*
 * Compares with one earlier turn, which moves on at powers of two (R. Brent, "An Improved Monte
 * Carlo Factorization Algorithm", 1980): circles of any length are found.
 */
bool patience_lasts(void)
{
    uint64_t now = 0;
    bool changed = something_changed();

    for (unsigned t = 0; t < run.count; t++)
        if (run.threads[t].state == THREAD_PARKED)
            now = mix(now, run.threads[t].looks);
    if (run.patience > 1 && !changed && now == run.patience_saw)
        return false;
    if (changed || (run.patience & (run.patience - 1)) == 0)
        run.patience_saw = now;
    return run.patience++ < most();
}

bool patience_is_over(void)
{
    return run.patience > most();
}

bool patience_circles(void)
{
    enum { CHOSEN = 8 };

    return run.patience > CHOSEN;
}

/*
 * After many turns no step is planned, since a plan of a million steps would fill the memory.  What a search by plans then
 * leaves out makes it not exhausted.
 */
bool patience_plans(void)
{
    enum { PLANNED = 1000 };

    if (!run.strategy->plan)
        return false;
    run.cut |= run.patience > PLANNED;
    return run.patience <= PLANNED;
}
