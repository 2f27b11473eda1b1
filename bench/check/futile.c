/*
 * futile.c - turns of a loop that waits which change nothing and come to nothing.
 *
 * A thread that comes back to a place with the registers and the stack that it had there before, and has
 * only read meanwhile, might as well have waited there.  Whatever follows such a turn follows also if
 * the turn is left out, and the reduced search tries that, too, since it reverses the turn's reads with
 * the writes that they did not see.  So in that search the thread ends here, as far as this execution
 * goes.  docs/decisions-checker.md has the argument.
 *
 * For that to depend on the thread alone, nothing else may lie on its stack: what an earlier execution has
 * left there is wiped when it begins, and what the checker leaves below its frame is wiped when it goes on.
 *
 * If in the end what it has read is still so, it turns for ever, and goes on to be judged as a
 * spinner.  Otherwise the execution is given up: the others have shown their races, and another
 * execution shows what comes of it.
 */
#include <string.h>

#include "bench/check/reduce.h"
#include "bench/check/state.h"

enum {
    WIPED = 8 << 10, /* bytes at the upper end of a stack; in a deeper call no turn is known to be in vain */
    BELOW = 2 << 10  /* what the checker uses to choose a thread */
};

static char *stack_end(unsigned t)
{
    return (char *)run.stacks + (size_t)(t + 1) * STATE_STACK;
}

void futile_wipe_stack(unsigned t)
{
    if (run.strategy->plan)
        memset(stack_end(t) - WIPED, 0, WIPED);
}

__attribute__((noinline)) void futile_wipe_below(void)
{
    char below[BELOW];

    if (run.strategy->plan)
        explicit_bzero(below, sizeof below);
}

/* What the thread has done that an idle turn does not do. */
static unsigned deeds_of(const struct thread *t)
{
    return t->steps - t->futile.idle_steps + t->futile.deeds;
}

static void forget_what_a_deed_has_ended(struct thread *t)
{
    struct futile *f = &t->futile;

    if (f->deeds_seen == deeds_of(t))
        return;
    f->deeds_seen = deeds_of(t);
    f->visit_count = f->read_count = 0;
}

void futile_deed(void)
{
    self()->futile.deeds++;
}

void futile_idles(void)
{
    self()->futile.idle_steps++;
}

void futile_read(void *at, unsigned size, uint64_t value)
{
    struct thread *t = self();
    struct futile *f = &t->futile;

    if (!run.parallel) /* of a wider access, which is one step */
        return;
    futile_idles();
    forget_what_a_deed_has_ended(t);
    if (f->read_count == FUTILE_READS)
        f->visit_count = f->read_count = 0;
    f->reads[f->read_count].at = at;
    f->reads[f->read_count].size = size;
    f->reads[f->read_count++].value = value;
}

/* From an earlier visit to this one nothing has changed: what was read before that does not count. */
static void end_here(struct thread *t, unsigned first_read)
{
    struct futile *f = &t->futile;

    f->read_count -= first_read;
    memmove(f->reads, f->reads + first_read, f->read_count * sizeof *f->reads);
    f->visit_count = 0;
    f->ended = true;
    schedule_away(THREAD_PARKED, "spins", NULL);
    f->ended = false;
    f->read_count = 0;
}

void futile_look(const void *at, const void *pc)
{
    struct thread *t = self();
    struct futile *f = &t->futile;
    unsigned i = 0;

    if (!reduce_cuts() || !run.parallel || run.patience ||
        (const char *)t->registers[MACHINE_REGISTERS - 1] < stack_end(run.me) - WIPED)
        return;
    forget_what_a_deed_has_ended(t);
    uint64_t looks = patience_looks(pc);
    while (i < f->visit_count && (f->visits[i].pc != pc || f->visits[i].at != at))
        i++;
    if (i < f->visit_count && f->visits[i].looks == looks) {
        end_here(t, f->visits[i].first_read);
        return;
    }
    if (i == FUTILE_VISITS)
        f->visit_count = i = 0;
    f->visit_count += i == f->visit_count;
    f->visits[i].pc = pc;
    f->visits[i].at = at;
    f->visits[i].looks = looks;
    f->visits[i].first_read = f->read_count;
}

static bool reads_other_values(const struct futile *f)
{
    for (unsigned i = 0; i < f->read_count; i++)
        if (machine_peek(f->reads[i].at, f->reads[i].size) != f->reads[i].value)
            return true;
    return false;
}

bool futile_might_go_on(void)
{
    for (unsigned t = 0; t < run.count; t++) {
        const struct thread *u = &run.threads[t];
        if (u->state == THREAD_PARKED && u->futile.ended && reads_other_values(&u->futile))
            return true;
    }
    return false;
}
