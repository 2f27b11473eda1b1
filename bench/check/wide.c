/*
 * wide.c - atomics of 16 bytes: both halves in one step.
 *
 * Each half is a location of the memory model, so orders and races are judged as for others; but
 * a load returns the newest value, since old ones of the halves need not belong together.
 */
#include "bench/check/reduce.h"
#include "bench/check/state.h"

enum { HALF = 8 };

static void load_halves(char *at, uint64_t old[2], int order, const void *pc)
{
    for (unsigned i = 0; i < 2; i++)
        old[i] = atomics_load(at + i * HALF, HALF, order, pc);
}

static void exchange_halves(char *at, const uint64_t desired[2], uint64_t old[2], int order, const void *pc)
{
    for (unsigned i = 0; i < 2; i++)
        old[i] = atomics_rmw(at + i * HALF, HALF, MACHINE_EXCHANGE, desired[i], order, pc);
}

static bool swap_halves(char *at, const struct machine_wide *w, uint64_t old[2], const void *pc)
{
    const uint64_t now[2] = { machine_peek(at, HALF), machine_peek(at + HALF, HALF) };
    bool same = now[0] == w->expected[0] && now[1] == w->expected[1];

    if (same)
        exchange_halves(at, w->desired, old, w->success, pc);
    else
        load_halves(at, old, w->failure, pc);
    return same;
}

/* For the explanation: these are the last two events. */
static void tell_of_both(const struct machine_wide *w, bool same)
{
    struct event *first = &run.events[run.event_count - 2];

    for (unsigned i = 0; i < 2; i++) {
        struct event *e = &first[i];
        e->half = (uint8_t)(i + 1);
        if (w->what == MACHINE_WIDE_SWAP && same)
            e->kind = EVENT_CAS;
        if (w->what == MACHINE_WIDE_SWAP && !same) {
            e->kind = EVENT_CAS_FAILED;
            e->before = e->value;
            e->value = w->expected[i];
        }
    }
}

bool atomics_wide(void *at, const struct machine_wide *w, const void *pc)
{
    uint64_t old[2] = { 0, 0 };
    bool same = true;

    turns_look(at, false, pc);
    schedule_point(pc);
    reduce_touch_all();
    bool beside_others = run.parallel;
    run.parallel = false; /* what follows is one step */
    switch (w->what) {
    case MACHINE_WIDE_LOAD: load_halves(at, old, w->success, pc); break;
    case MACHINE_WIDE_STORE:
        for (unsigned i = 0; i < 2; i++)
            atomics_store((char *)at + i * HALF, HALF, w->desired[i], w->success, pc);
        break;
    case MACHINE_WIDE_EXCHANGE: exchange_halves(at, w->desired, old, w->success, pc); break;
    case MACHINE_WIDE_SWAP: same = swap_halves(at, w, old, pc); break;
    }
    run.parallel = beside_others;
    if (run.recording)
        tell_of_both(w, same);
    for (unsigned i = 0; w->old && i < 2; i++)
        w->old[i] = old[i];
    return same;
}
