/* rest.c - connections between two requests. */
#include "bench/serve/worker.h"

void rest_end(struct worker *w, struct guest *g)
{
    if (g->resting)
        TAILQ_REMOVE(&w->resting, g, rest);
    g->resting = false;
}

/*
 * The answer is whole.  The library's timer for the next request goes, as that for pings does (live.c): all wait
 * equally long, so that a queue does.
 */
int rest_begin(struct worker *w, struct conn *c)
{
    struct guest *g = lws_get_opaque_user_data(c->wsi);
    bool stays = lws_partial_buffered(c->wsi); /* the client has yet to read it, and has the library's timer */

    g->wsi = c->wsi;
    if (lws_http_transaction_completed(g->wsi)) /* *c is no more */
        return -1;
    if (stays)
        return 0;
    lws_set_timeout(g->wsi, NO_PENDING_TIMEOUT, 0);
    rest_end(w, g);
    g->rest_ns = contend_clock_ns();
    g->resting = true;
    TAILQ_INSERT_TAIL(&w->resting, g, rest);
    return 0;
}

void rest_look(struct worker *w)
{
    uint64_t now = contend_clock_ns();
    struct guest *g;

    while ((g = TAILQ_FIRST(&w->resting)) && now - g->rest_ns >= WORKER_IDLE_S * UINT64_C(1000000000)) {
        rest_end(w, g);
        lws_set_timeout(g->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
    }
}
