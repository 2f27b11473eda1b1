/* counted.c - see counted.h. */
#include "bench/engine/counted.h"

#include <stdlib.h>

int counted_part(struct crew_worker *me)
{
    struct stage *s = stage_of(me);
    struct stage_worker *own = me->self;
    struct counted_worker *mine = own->own;
    uint64_t ops = 0, now = crew_await_start(me);

    while (crew_goes_on(me, now)) {
        s->subject.kind->run(&s->subject, own->side, 1, stage_now(s, me->start_ns, now));
        /* relaxed: the leader only compares the number with an earlier one. */
        atomic_store_explicit(&mine->ops, ++ops, memory_order_relaxed);
        now = contend_clock_ns();
    }
    me->stint.ops = ops;
    me->stint.last_ns = now;
    return 0;
}

struct counted_worker *counted_make(struct stage *s)
{
    struct counted_worker *workers = contend_alloc_aligned(s->count * sizeof *workers);

    for (unsigned i = 0; workers && i < s->count; i++) {
        atomic_init(&workers[i].ops, 0);
        s->workers[i].own = &workers[i];
    }
    return workers;
}

void counted_forget(struct stage *s, struct counted_worker *workers)
{
    for (unsigned i = 0; i < s->count; i++)
        s->workers[i].own = NULL;
    free(workers);
}
