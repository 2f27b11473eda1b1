/* duels.c - see duels.h. */
#include "tests/support/duels.h"

enum { MAX_STEPS = 2000 };

void duels_run(const void *ops, const struct contend_identity *id, holds_at at,
               const struct scenario *scenarios, size_t count)
{
    bool exhibit = id->flags & CONTEND_EXHIBIT;
    unsigned steps = 0, broken = 0;

    for (size_t i = 0; i < count; i++) {
        bool parked = true;
        for (unsigned k = 0; parked && k < MAX_STEPS; k++) {
            bool holds = at(ops, &scenarios[i], k, &parked);
            steps += parked;
            broken += !holds;
            if (!holds && !exhibit)
                fail_msg("%s: broken with A parked at step %u", scenarios[i].name, k);
        }
    }
    print_message("# %s: %u steps tried, %u outcomes broken\n", id->name, steps, broken);
    if (exhibit)
        assert_true(broken > 0); /* a duel that no exhibit fails would prove nothing */
}
