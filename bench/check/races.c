/*
 * races.c - which accesses of the same bytes are ordered by happens-before.
 *
 * Each cell keeps the last accesses of each thread, so that an access is judged against all that
 * came before it, in whatever order the two are executed.
 */
#include <string.h>

#include "bench/check/reduce.h"
#include "bench/check/state.h"

/* Used in explanations only. */
void blame(const void *at, size_t size, const void *here, unsigned thread, const void *pc,
           const char *note)
{
    run.fault = (struct blamed){ at, (unsigned)size, here, thread, pc, note };
}

/* The event of the plain access that is judged now, while recording. */
static void mark_race(const void *pc)
{
    struct event *e = run.recording && run.event_count ? &run.events[run.event_count - 1] : NULL;

    if (e && e->pc == pc && (e->kind == EVENT_READ || e->kind == EVENT_WRITE))
        e->races = true;
}

/* Ends the execution, unless its races are to be passed over. */
static void race(const struct cell *c, const struct access *a, const struct clock *theirs,
                 const char *mine, const char *what, const void *pc)
{
    char where[96], line[128], other[128], text[CHECK_TEXT], me[WHO], them[WHO];
    void *at = (char *)c->base + __builtin_ctz(a->mask);
    bool passes = run.options->past_races;
    unsigned u = 0;

    if (passes)
        mark_race(pc);
    if (passes && run.result->races++)
        return;

    while (theirs->lane[u] <= self()->now.lane[u])
        u++;
    memory_describe(at, where, sizeof where);
    source_line(pc, line, sizeof line);
    source_line(a->pc[u], other, sizeof other);
    snprintf(text, sizeof text, "%s's %s at %s and %s's %s at %s (%s) are not ordered", who_runs(me),
             mine, line, who_did(u, them), what, other, where);
    if (passes) {
        memcpy(run.result->race, text, sizeof text);
        return;
    }
    blame(at, (unsigned)__builtin_popcount(a->mask), pc, u, a->pc[u],
          "not ordered with the last step");
    fail(CHECK_RACE, "%s", text);
}

/* Judges an access of these bytes against those of the other threads that are not ordered. */
void races_judge(const struct cell *c, unsigned mask, bool write, bool atomic,
                 const char *mine, const void *pc)
{
    const struct clock *now = &self()->now;

    for (const struct access *a = c->accesses; a; a = a->next) {
        if (!(a->mask & mask))
            continue;
        if (!clock_covers(now, &a->write))
            race(c, a, &a->write, mine, "write", pc);
        if (write && !clock_covers(now, &a->read))
            race(c, a, &a->read, mine, "read", pc);
        if (!atomic && !clock_covers(now, &a->atomic_write))
            race(c, a, &a->atomic_write, mine, "atomic write", pc);
        if (!atomic && write && !clock_covers(now, &a->atomic_read))
            race(c, a, &a->atomic_read, mine, "atomic read", pc);
    }
}

static struct access *access_of(struct cell *c, unsigned mask)
{
    for (struct access *a = c->accesses; a; a = a->next)
        if (a->mask == mask)
            return a;
    struct access *a = pool(sizeof *a);
    a->mask = (uint8_t)mask;
    a->next = c->accesses;
    return c->accesses = a;
}

void races_note(struct cell *c, unsigned mask, bool write, bool atomic, const void *pc)
{
    struct access *a = access_of(c, mask);
    struct clock *kind = atomic ? (write ? &a->atomic_write : &a->atomic_read)
                                : (write ? &a->write : &a->read);

    kind->lane[run.me] = self()->now.lane[run.me];
    a->pc[run.me] = pc;
}

void memory_atomic(struct cell *c, unsigned mask, bool write, const void *pc)
{
    reduce_touch((const void *)c->base, mask, write);
    races_judge(c, mask, write, true, write ? "atomic write" : "atomic read", pc);
    races_note(c, mask, write, true, pc);
    if (write) {
        c->initialised |= (uint8_t)mask;
        c->written |= (uint8_t)mask;
    }
}
