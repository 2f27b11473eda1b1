/* trace.c - the events of an execution that is explained. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/exhausted.h"
#include "bench/check/state.h"

uint64_t trace_bytes(const void *at, size_t size)
{
    uint64_t value = 0;

    if (size <= sizeof value && (size & (size - 1)) == 0)
        return machine_peek(at, (unsigned)size);
    if (size <= sizeof value) /* three, of a text or a bit-field */
        memcpy(&value, at, size);
    return value;
}

/* A plain store is announced before it happens: at the next event its value is there. */
static void fill_in(void)
{
    struct event *e = run.event_count ? &run.events[run.event_count - 1] : NULL;

    if (!e || e->kind != EVENT_WRITE || e->filled)
        return;
    e->filled = true;
    e->value = trace_bytes(e->at, e->size);
    int own = errno; /* the checked code's, which looking for debugger information must not change */
    names_learn(e);
    errno = own;
}

struct event *trace(enum event_kind kind, const void *pc)
{
    struct thread *t = self();

    if (kind != EVENT_FAIL)
        fill_in(); /* a store that fails does not happen */
    t->traced_pc = pc;
    t->traced_depth = t->depth;
    if (run.event_count == run.event_room) {
        run.event_room = run.event_room ? 2 * run.event_room : 1024;
        run.events = realloc(run.events, run.event_room * sizeof *run.events);
        if (!run.events)
            exhausted();
    }
    struct event *e = &run.events[run.event_count++];
    *e = (struct event){ .kind = kind, .thread = (uint8_t)run.me, .pc = pc, .aside = t->aside,
                         .inside = t->inside };
    return e;
}

void trace_call(const void *pc, const char *what, void *at)
{
    if (!run.recording)
        return;
    struct event *e = trace(EVENT_CALL, pc);
    e->at = at;
    snprintf(e->text, sizeof e->text, "%s", what);
    names_meet(e);
}

void trace_text(enum event_kind kind, const void *pc, const char *text)
{
    struct event *e = trace(kind, pc);

    snprintf(e->text, sizeof e->text, "%s", text);
}

/* A row stands for those that are left out, in the column of the first that spins. */
void trace_folds(void)
{
    enum { SHOWN = 64 };
    static uint32_t kept;
    unsigned t = 0;

    if (!run.recording || run.patience <= SHOWN)
        return;
    if (run.patience == SHOWN + 1)
        kept = run.event_count;
    run.event_count = kept;
    while (t + 1 < run.count && run.threads[t].state != THREAD_PARKED)
        t++;
    struct event *e = trace(EVENT_WAIT, run.threads[t].pc);
    e->thread = (uint8_t)t;
    snprintf(e->text, sizeof e->text, "(%u turns more)", run.patience - SHOWN);
}

unsigned check_step(void)
{
    return run.recording ? run.event_count : 0;
}

void check_aside(const char *text)
{
    if (!run.recording)
        return;
    self()->inside = false;
    self()->aside = 0;
    trace_text(EVENT_ASIDE, NULL, text);
    self()->aside = run.event_count;
}
