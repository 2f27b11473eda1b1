/* endpoints_claps.c - claps, and how to see them live. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "bench/serve/bodies.h"
#include "bench/serve/routes.h"

void endpoint_clap(const struct asked *a, struct reply *r)
{
    struct service_claps done;
    uint64_t reader;
    int claps;

    if (body_claps(a->q->body, a->q->length, "reader", &reader, &claps) != 0) {
        reply_error(r, 400, "a body of JSON is wanted, with a reader and with claps from -%d to %d, "
                    "not 0", APPLAUSE_LIMIT, APPLAUSE_LIMIT);
        return;
    }
    int error = service_clap(a->s, a->side, a->ids[0], reader, claps, &done);
    if (error == -ERANGE)
        reply_error(r, 404, "there are readers 0 to %" PRIu64,
                    applause_readers(a->s->applause) - 1);
    else if (error)
        reply_failure(r, error, "this post");
    else
        reply_json(r, 200, "{\"post\":%" PRIu64 ",\"granted\":%d,\"given\":%d,\"total\":%" PRId64
                   "}\n", a->ids[0], done.granted, done.given, done.total);
}

/* A live post's total, as `how` asks for it.  False after a reply that says what is wrong. */
static bool find_total(const struct asked *a, struct reply *r,
                       int64_t (*how)(struct service *s, unsigned side, uint64_t post),
                       int64_t *total)
{
    *total = blogs_has(a->s->blogs, a->side, a->ids[0]) ? how(a->s, a->side, a->ids[0]) : -ENOENT;
    if (*total < 0)
        reply_failure(r, (int)*total, "this post");
    return *total >= 0;
}

void endpoint_claps(const struct asked *a, struct reply *r)
{
    uint64_t reader;
    int64_t total;
    int given = 0, asks = request_query_number(a->q, "reader", &reader);

    if (asks == -EINVAL) {
        reply_error(r, 400, "?reader= wants a whole number");
        return;
    }
    if (!find_total(a, r, service_cached_total, &total))
        return;
    if (asks == 0)
        given = applause_given(a->s->applause, a->side, a->ids[0], reader);
    if (given < 0 && given != -ERANGE) {
        reply_failure(r, given, "what this reader gave");
        return;
    }
    if (given < 0) {
        reply_error(r, 404, "there are readers 0 to %" PRIu64,
                    applause_readers(a->s->applause) - 1);
        return;
    }
    snprintf(r->etag, sizeof r->etag, "\"%" PRId64 ".%d\"", total, given);
    if (request_knows(a->q, r->etag)) {
        reply_json(r, 304, "%s", "");
        return;
    }
    if (asks == 0)
        reply_json(r, 200, "{\"post\":%" PRIu64 ",\"total\":%" PRId64 ",\"given\":%d}\n",
                   a->ids[0], total, given);
    else
        reply_json(r, 200, "{\"post\":%" PRIu64 ",\"total\":%" PRId64 "}\n", a->ids[0], total);
}

void endpoint_claps_wait(const struct asked *a, struct reply *r)
{
    uint64_t since = 0, seconds = SERVE_MOST_WAIT_S / 2;
    int64_t total;

    if (request_query_number(a->q, "since", &since) != 0 || since > INT64_MAX) {
        reply_error(r, 400, "?since= wants the total that you know already");
        return;
    }
    if (request_query_number(a->q, "seconds", &seconds) == -EINVAL || seconds < 1 ||
        seconds > SERVE_MOST_WAIT_S) {
        reply_error(r, 400, "?seconds= wants a whole number from 1 to %d", SERVE_MOST_WAIT_S);
        return;
    }
    if (!find_total(a, r, service_total, &total))
        return;
    reply_json(r, 200, "{\"post\":%" PRIu64 ",\"total\":%" PRId64 "}\n", a->ids[0], total);
    if (total == (int64_t)since) {
        r->kind = REPLY_WAIT;
        r->post = a->ids[0];
        r->since = total;
        r->wait_ms = seconds * 1000;
    }
}

void endpoint_claps_stream(const struct asked *a, struct reply *r)
{
    int64_t total;

    if (!find_total(a, r, service_total, &total))
        return;
    r->kind = REPLY_STREAM;
    r->status = 200;
    r->topics = TOPIC_CLAPS;
    r->one_post = true;
    r->post = a->ids[0];
}

void endpoint_all_claps_stream(const struct asked *a, struct reply *r)
{
    (void)a;
    r->kind = REPLY_STREAM;
    r->status = 200;
    r->topics = TOPIC_CLAPS;
    r->one_post = false;
}
