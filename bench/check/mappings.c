/*
 * mappings.c - memory that the code under test gives back to the system, or has it map anew.
 *
 * Before the next execution the checker gives the bytes that were written outside of the heap the values back
 * that they had (memory.c).  Where memory is gone, that would be the checker's own crash; where it was mapped
 * anew, it would put an old object's values into another one.
 */
#include <errno.h>

#include "bench/check/reduce.h"
#include "bench/check/state.h"

/* To take memory away is a write of all that was touched there: every use must be ordered before. */
static void judge(const struct cell *c, const void *pc)
{
    races_judge(c, 0xff, true, false, "unmapping", pc);
}

static void begin_to_go(void *at, const void *pc)
{
    schedule_point(pc);
    reduce_touch_all();
    self()->changes = self()->changed_in_turn = true;
    turns_forget();
    futile_deed();
    trace_call(pc, "unmap", at);
}

void mappings_change(enum machine_map what, void *at, size_t size, const void *pc)
{
    int own = errno; /* the system's, of the call that this follows */

    if (what == MACHINE_MAP_GOES)
        begin_to_go(at, pc);
    for (struct cell *c = memory_statics(); c; c = c->below) {
        if (c->base - (uintptr_t)at >= size)
            continue;
        if (what == MACHINE_MAP_GOES) {
            judge(c, pc);
            continue;
        }
        c->stays = true;
        if (what == MACHINE_MAP_GONE)
            memory_forget((void *)c->base, 1);
    }
    errno = own;
}
