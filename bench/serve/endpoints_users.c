/* endpoints_users.c - who is online. */
#include <errno.h>
#include <inttypes.h>

#include "bench/serve/ago.h"
#include "bench/serve/bodies.h"
#include "bench/serve/routes.h"

void endpoint_heartbeat(const struct asked *a, struct reply *r)
{
    struct reply_text t = { .r = r };
    int came = service_beat(a->s, a->side, a->ids[0]);

    if (came < 0) {
        reply_failure(r, came, "this user");
        return;
    }
    reply_put(&t, "{\"user\":");
    reply_put_number(&t, a->ids[0]);
    reply_put(&t, came ? ",\"came_online\":true}" : ",\"came_online\":false}");
    reply_put_end(&t, 200);
}

void endpoint_online(const struct asked *a, struct reply *r)
{
    struct reply_text t = { .r = r };
    uint64_t ids[SERVE_BATCH];
    int online[SERVE_BATCH], count;
    bool first = true;
    size_t length;
    const char *text = request_query(a->q, "ids", &length);

    count = text ? request_list(text, length, ids, SERVE_BATCH) : -EINVAL;
    if (count == -E2BIG) {
        reply_error(r, 400, "at most %d ids in a request", SERVE_BATCH);
        return;
    }
    if (count < 0) {
        reply_error(r, 400, "?ids=1,2,3 is wanted: whole numbers, separated by commas");
        return;
    }
    uint64_t begun = contend_clock_ns();
    int error = users_online(a->s->users, a->side, ids, (size_t)count,
                             serve_clock_ms(&a->s->clock), online);
    tally_add(&a->s->side[a->side].tally.strategy_ns, contend_clock_ns() - begun);
    for (int i = 0; i < count && !error; i++)
        error = online[i] < 0 ? online[i] : 0;
    if (error) {
        reply_failure(r, error, "one of these users");
        return;
    }
    reply_put(&t, "{\"online\":[");
    for (int i = 0; i < count; i++)
        if (online[i]) {
            reply_put(&t, first ? "" : ",");
            reply_put_number(&t, ids[i]);
            first = false;
        }
    reply_put(&t, "]}");
    reply_put_end(&t, 200);
}

void endpoint_user(const struct asked *a, struct reply *r)
{
    struct service *s = a->s;
    uint64_t user = a->ids[0], now = serve_clock_ms(&s->clock), begun = contend_clock_ns();
    char text[AGO_TEXT] = "online";
    int online = 0;
    int error = users_online(s->users, a->side, &user, 1, now, &online);
    int64_t last = error ? error : users_last_seen(s->users, a->side, user);

    tally_add(&s->side[a->side].tally.strategy_ns, contend_clock_ns() - begun);
    if (online < 0 || error) {
        reply_failure(r, online < 0 ? online : error, "this user");
        return;
    }
    if (last < 0 && last != -ENOTSUP && !online) {
        reply_failure(r, (int)last, "a heartbeat of this user");
        return;
    }
    uint64_t age = last > 0 && (uint64_t)last < now ? now - (uint64_t)last : 0;
    if (!online && last > 0)
        ago_text(age, text);
    if (last > 0)
        reply_json(r, 200, "{\"user\":%" PRIu64 ",\"online\":%s,\"age_ms\":%" PRIu64
                   ",\"text\":\"%s\"}\n", user, online ? "true" : "false", age, text);
    else /* a map that keeps no times, or a user who has just come: what is known is this alone */
        reply_json(r, 200, "{\"user\":%" PRIu64 ",\"online\":%s,\"text\":\"%s\"}\n", user,
                   online ? "true" : "false", online ? "online" : "offline");
}

void endpoint_count(const struct asked *a, struct reply *r)
{
    int64_t count = service_count(a->s, a->side);

    if (count < 0)
        reply_failure(r, (int)count, "the count");
    else
        reply_json(r, 200, "{\"online\":%" PRId64 "}\n", count);
}

void endpoint_came_and_went(const struct asked *a, struct reply *r)
{
    (void)a;
    r->kind = REPLY_STREAM;
    r->status = 200;
    r->topics = TOPIC_ONLINE;
    r->one_post = false;
}
