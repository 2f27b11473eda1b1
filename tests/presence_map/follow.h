/*
 * follow.h - the model after a sweep: what is gone was due, and what was due is gone unless the map
 * declares that sweeps may miss some.
 */
#ifndef CONTEND_TESTS_PRESENCE_MAP_FOLLOW_H
#define CONTEND_TESTS_PRESENCE_MAP_FOLLOW_H

#include "bench/check/map_model.h"
#include "tests/support/support.h"

/* A sweep at `at` removed so many; `all`: it was a whole round. */
static inline void follow_sweep(const struct map_rig *r, struct model *m, uint64_t at,
                                int64_t removed, bool all)
{
    bool may_miss = !all || r->ops->traits->features & PRESENCE_SWEEP_MAY_MISS;
    int64_t gone = 0;

    for (unsigned i = 0; i < m->count; i++) {
        if (!m->present[i] || model_kept_at(m, i, at))
            continue;
        m->present[i] = seen(r->ops, r->object, r->handle, m->users[i], m->last[i]) >= 0;
        gone += !m->present[i];
        if (m->present[i] && !may_miss)
            fail_msg("seed %llu: user %u is left, %llu ms after the last heartbeat",
                     (unsigned long long)support_seed(), i, (unsigned long long)(at - m->last[i]));
    }
    assert_int_equal(removed, gone);
}

#endif
