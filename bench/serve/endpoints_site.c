/* endpoints_site.c - the service's own state. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "bench/serve/bodies.h"
#include "bench/serve/offers.h"
#include "bench/serve/routes.h"

void endpoint_health(const struct asked *a, struct reply *r)
{
    char silent[64] = "";
    size_t used = 0;

    /* relaxed: it says nothing about other data. */
    if (atomic_load_explicit(&a->s->draining, memory_order_relaxed)) {
        reply_json(r, 503, "{\"status\":\"draining\"}\n");
        return;
    }
    for (int part = 0; part < PARTS; part++)
        if (!service_answers(a->s, a->side, (enum service_part)part))
            used += (size_t)snprintf(silent + used, sizeof silent - used, "%s\"%s\"", used ? "," : "",
                                     offer_of(part).name);
    if (used)
        reply_json(r, 503, "{\"status\":\"failing\",\"silent\":[%s]}\n", silent);
    else
        reply_json(r, 200, "{\"status\":\"ok\"}\n");
}

/* ---- strategies ---- */

static const char *serving(const struct service *s, int part)
{
    return part == MEANS_POSTS   ? blogs_means(s->blogs)
           : part == MEANS_CACHE ? totals_means(s->totals)
                                 : offer_of(part).identity(s->plan.parts[part].strategy)->name;
}

static json_t *names_of(const struct offer *o)
{
    json_t *names = json_array();
    const void *ops;

    for (size_t i = 0; (ops = o->at(i)) != NULL; i++)
        if (offer_has(o, ops))
            json_array_append_new(names, json_string(o->identity(ops)->name));
    return names;
}

void endpoint_strategies(const struct asked *a, struct reply *r)
{
    json_t *there = json_object(), *all = json_object();

    for (int part = 0; part < SWITCHES; part++) {
        const struct offer o = offer_of(part);
        json_object_set_new(all, o.name, json_string(serving(a->s, part)));
        json_object_set_new(there, o.name, names_of(&o));
    }
    json_object_set_new(all, "switches", json_integer((json_int_t)
        /* relaxed: a count. */
        atomic_load_explicit(&a->s->switches, memory_order_relaxed)));
    json_object_set_new(all, "pending", json_boolean(service_is_wished(a->s)));
    /* Written while all workers stand, and no worker answers meanwhile. */
    json_object_set_new(all, "last_error", json_string(a->s->switch_error));
    json_object_set_new(all, "there", there);
    char *text = json_dumps(all, JSON_COMPACT);
    reply_json(r, 200, "%s\n", text ? text : "{}");
    free(text);
    json_decref(all);
}

/* {"presence": "packed"}, and the same for the others; what is not named stays. */
void endpoint_switch(const struct asked *a, struct reply *r)
{
    json_t *body = json_loadb(a->q->body, a->q->length, JSON_REJECT_DUPLICATES, NULL);
    const void *wanted[SWITCHES] = { NULL };
    size_t found = 0;

    for (int part = 0; part < SWITCHES; part++) {
        const struct offer o = offer_of(part);
        wanted[part] = offer_find(&o, json_string_value(json_object_get(body, o.name)));
        found += wanted[part] != NULL;
    }
    if (found == 0 || found != json_object_size(body))
        reply_error(r, 400, "a body of JSON is wanted, with names of GET /strategies");
    else
        reply_json(r, 202, "{\"status\":\"asked for\"}\n");
    for (int part = 0; part < SWITCHES && r->status == 202; part++)
        if (wanted[part])
            service_wish(a->s, (enum service_part)part, wanted[part]);
    json_decref(body);
}

/* ---- figures ---- */

void endpoint_stats(const struct asked *a, struct reply *r)
{
    struct service *s = a->s;
    uint64_t requests = 0, response[TALLY_BUCKETS + 1] = { 0 };
    int64_t online = service_count(s, a->side);
    char buckets[TALLY_BUCKETS * 24], present[24] = "null"; /* a store does not answer */
    size_t used = 0;

    if (online >= 0)
        snprintf(present, sizeof present, "%" PRId64, online);

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
               "{\"uptime_ms\":%" PRIu64 ",\"virtual_ms\":%" PRIu64 ",\"online\":%s"
               ",\"presence\":\"%s\",\"claps_by\":\"%s\",\"counter\":\"%s\",\"posts_by\":\"%s\""
               ",\"cache\":\"%s\",\"posts\":%" PRIu64 ",\"workers\":%u"
               ",\"requests\":%" PRIu64 ",\"response\":[%s]" TALLY_FIELDS(STATS_FORMAT) "}\n",
               (contend_clock_ns() - s->begun_ns) / 1000000,
               serve_clock_ms(&s->clock) - SERVE_CLOCK_FIRST_MS, present, users_strategy(s->users),
               applause_strategy(s->applause), views_strategy(s->views), blogs_means(s->blogs),
               totals_means(s->totals), blogs_last(s->blogs), s->plan.workers, requests,
               buckets TALLY_FIELDS(STATS_VALUE));
}

void endpoint_meters(const struct asked *a, struct reply *r)
{
    struct reply_text t = { .r = r };
    uint64_t ids[SERVE_BATCH], in, out;
    size_t length;
    const char *text = request_query(a->q, "ids", &length);
    int count = text ? request_list(text, length, ids, SERVE_BATCH) : -EINVAL;

    if (count < 0) {
        reply_error(r, 400, "?ids=1,2,3 is wanted: at most %d whole numbers, separated by commas", SERVE_BATCH);
        return;
    }
    reply_put(&t, "{\"meters\":[");
    for (int i = 0; i < count; i++) {
        meter_read(a->s->meters, ids[i], &in, &out);
        reply_put(&t, i ? ",{\"meter\":" : "{\"meter\":");
        reply_put_number(&t, ids[i]);
        reply_put(&t, ",\"in\":");
        reply_put_number(&t, in);
        reply_put(&t, ",\"out\":");
        reply_put_number(&t, out);
        reply_put(&t, "}");
    }
    reply_put(&t, "]}");
    reply_put_end(&t, 200);
}
