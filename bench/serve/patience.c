/*
 * patience.c - for how long a client is waited for.
 *
 * The library keeps its timers in one sorted list, and walks it for each that is set.  All connections that
 * wait for one thing wait equally long, so that queues do, and each costs the same however many there are.
 */
#include "bench/serve/worker.h"

#define SECOND_NS UINT64_C(1000000000)

static const struct {
    uint64_t most_ns;
    bool too_slow; /* a client that lets it pass is counted as slow */
} limits[PATIENCES] = {
    [PATIENCE_ARRIVING] = { 10 * SECOND_NS, true },
    [PATIENCE_RESTING] = { 60 * SECOND_NS, false },
    [PATIENCE_FLUSHING] = { 30 * SECOND_NS, true },
    [PATIENCE_LEAVING] = { 2 * SECOND_NS, false },
};

void patience_begin(struct worker *w, struct conn *c, enum patience p)
{
    if (c->patience != PATIENCE_NONE)
        TAILQ_REMOVE(&w->waiting[c->patience], c, waiting);
    c->patience = p;
    if (p == PATIENCE_NONE)
        return;
    c->patient_ns = contend_clock_ns();
    TAILQ_INSERT_TAIL(&w->waiting[p], c, waiting);
}

static void end(struct worker *w, struct conn *c)
{
    patience_begin(w, c, PATIENCE_NONE);
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
}

void patience_look(struct worker *w)
{
    uint64_t now = contend_clock_ns();
    struct conn *c;

    for (int p = PATIENCE_NONE + 1; p < PATIENCES; p++)
        while ((c = TAILQ_FIRST(&w->waiting[p])) && now >= c->patient_ns + limits[p].most_ns) {
            if (limits[p].too_slow)
                tally_add(&worker_tally(w)->too_slow, 1);
            /* A request in part has a refusal; a client that has said nothing expects nothing. */
            if (c->pending_length == 0 || p != PATIENCE_ARRIVING ||
                answer_refuse(w, c, 408, "the request did not come in time") != 0)
                end(w, c);
        }
}

void patience_dismiss(struct worker *w)
{
    static const enum patience idle[] = { PATIENCE_ARRIVING, PATIENCE_RESTING, PATIENCE_LEAVING };
    struct conn *c, *next;

    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        for (c = TAILQ_FIRST(&w->waiting[idle[i]]); c; c = next) {
            next = TAILQ_NEXT(c, waiting);
            if (c->pending_length == 0 || idle[i] == PATIENCE_LEAVING) /* else a request is on its way */
                end(w, c);
        }
}
