/* promise.c - traits in words. */
#include "bench/judge/promise.h"

#include <stdio.h>

static const char *progress_word(unsigned progress)
{
    static const char *const words[] = { "wait-free", "lock-free", "obstruction-free", "blocking" };

    return words[progress & CONTEND_PROGRESS_CLASS];
}

void promise_pair(const struct contestant *c, unsigned *write, unsigned *read)
{
    if (c->object == OBJECT_COUNTER) {
        *write = c->counter->traits->add & CONTEND_PROGRESS_CLASS;
        *read = c->counter->traits->read & CONTEND_PROGRESS_CLASS;
    } else {
        *write = c->presence->traits->heartbeat & CONTEND_PROGRESS_CLASS;
        *read = c->presence->traits->is_online & CONTEND_PROGRESS_CLASS;
    }
}

const char *promise_progress(const struct contestant *c)
{
    static char words[48];
    unsigned write, read;

    promise_pair(c, &write, &read);
    if (write == read)
        return progress_word(write);
    snprintf(words, sizeof words, "%s/%s", progress_word(write), progress_word(read));
    return words;
}

const char *promise_reads(const struct contestant *c, const struct workload *w)
{
    static const char *const kinds[] = { "linearizable", "intermediate", "quiescent",
                                         "eventual",     "approximate",  "none" };
    static char words[24];

    (void)w; /* all counter workloads so far clap by one */
    if (c->object == OBJECT_COUNTER)
        return kinds[c->counter->traits->unit.kind];
    if (c->presence->traits->granularity_ms <= 1)
        return "exact";
    snprintf(words, sizeof words, "to %g s", (double)c->presence->traits->granularity_ms / 1000);
    return words;
}
