/* endpoints_site.c - the service's own state. */
#include <inttypes.h>
#include <stdio.h>

#include "bench/serve/routes.h"

void endpoint_health(const struct asked *a, struct reply *r)
{
    /* relaxed: it says nothing about other data. */
    bool draining = atomic_load_explicit(&a->s->draining, memory_order_relaxed);

    reply_json(r, draining ? 503 : 200, "{\"status\":\"%s\"}\n", draining ? "draining" : "ok");
}

void endpoint_strategies(const struct asked *a, struct reply *r)
{
    const struct service *s = a->s;

    reply_json(r, 200,
               "{\"presence\":\"%s\",\"claps\":\"%s\",\"counter\":\"%s\",\"switches\":%" PRIu64 "}\n",
               users_strategy(s->users), applause_strategy(s->applause), views_strategy(s->views),
               /* relaxed: a count. */
               atomic_load_explicit(&s->switches, memory_order_relaxed));
}

void endpoint_stats(const struct asked *a, struct reply *r)
{
    struct service *s = a->s;
    uint64_t requests = 0, response[TALLY_BUCKETS + 1] = { 0 };
    int64_t online = service_count(s, a->side);
    char buckets[TALLY_BUCKETS * 24];
    size_t used = 0;

    for (unsigned side = 0; side < s->sides; side++)
        for (unsigned b = 0; b <= TALLY_BUCKETS; b++)
            response[b] += tally_read(&s->side[side].tally.response[b]);
    for (unsigned b = 0; b <= TALLY_BUCKETS; b++) {
        requests += response[b];
        used += (size_t)snprintf(buckets + used, sizeof buckets - used, "%s%" PRIu64,
                                 b ? "," : "", response[b]);
    }
#define STATS_FORMAT(FIELD, GROWS, MEANING) ",\"" #FIELD "\":%" PRIu64
#define STATS_VALUE(FIELD, GROWS, MEANING) , service_sum(s, FIELD)
    reply_json(r, 200,
               "{\"uptime_ms\":%" PRIu64 ",\"virtual_ms\":%" PRIu64 ",\"online\":%" PRId64
               ",\"presence\":\"%s\",\"claps_by\":\"%s\",\"counter\":\"%s\",\"workers\":%u"
               ",\"requests\":%" PRIu64 ",\"response\":[%s]" TALLY_FIELDS(STATS_FORMAT) "}\n",
               (contend_clock_ns() - s->begun_ns) / 1000000,
               serve_clock_ms(&s->clock) - SERVE_CLOCK_FIRST_MS, online, users_strategy(s->users),
               applause_strategy(s->applause), views_strategy(s->views), s->plan.workers, requests,
               buckets TALLY_FIELDS(STATS_VALUE));
}
