/* metrics.c - the service's metrics, in the text format of Prometheus (0.0.4). */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bench/serve/routes.h"

struct page {
    char *bytes;
    size_t used;
};

__attribute__((format(printf, 2, 3)))
static void print(struct page *p, const char *format, ...)
{
    va_list values;

    if (p->used >= REPLY_BYTES)
        return;
    va_start(values, format);
    int length = vsnprintf(p->bytes + p->used, REPLY_BYTES - p->used, format, values);
    va_end(values);
    p->used += length < 0 ? REPLY_BYTES : (size_t)length;
}

static void print_head(struct page *p, const char *name, const char *type, const char *meaning)
{
    print(p, "# HELP contend_%s %s\n# TYPE contend_%s %s\n", name, meaning, name, type);
}

static void print_requests(struct page *p, const struct service *s)
{
    print_head(p, "requests_total", "counter", "Requests, by route and class of status.");
    for (unsigned i = 0; i <= service_routes(); i++) {
        const char *method = "", *pattern = "none";
        unsigned at = i < service_routes() ? i : TALLY_ROUTES;
        if (i < service_routes())
            service_route(i, &method, &pattern);
        for (unsigned class = 1; class < TALLY_CLASSES; class++) {
            uint64_t n = 0;
            for (unsigned side = 0; side < s->sides; side++)
                n += tally_read(&s->side[side].tally.requests[at][class]);
            if (n || class == 2) /* every route is listed */
                print(p, "contend_requests_total{route=\"%s%s%s\",status=\"%uxx\"} %" PRIu64 "\n",
                      method, *method ? " " : "", pattern, class, n);
        }
    }
}

static void print_response(struct page *p, const struct service *s)
{
    uint64_t so_far = 0;

    print_head(p, "response_seconds", "histogram", "From a request to its answer, in the service.");
    for (unsigned b = 0; b <= TALLY_BUCKETS; b++) {
        for (unsigned side = 0; side < s->sides; side++)
            so_far += tally_read(&s->side[side].tally.response[b]);
        if (b < TALLY_BUCKETS)
            print(p, "contend_response_seconds_bucket{le=\"%.9g\"} %" PRIu64 "\n",
                  (double)tally_bucket_ns(b) / 1e9, so_far);
        else
            print(p, "contend_response_seconds_bucket{le=\"+Inf\"} %" PRIu64 "\n", so_far);
    }
    print(p, "contend_response_seconds_sum %.9f\ncontend_response_seconds_count %" PRIu64 "\n",
          (double)service_sum(s, busy_ns) / 1e9, so_far);
}

void endpoint_metrics(const struct asked *a, struct reply *r)
{
    struct service *s = a->s;
    struct page p = { r->bytes, 0 };
    int64_t online = service_count(s, a->side);

    print_requests(&p, s);
    print_response(&p, s);
#define PRINT_FIELD(FIELD, GROWS, MEANING)                                              \
    print_head(&p, GROWS ? #FIELD "_total" : #FIELD, GROWS ? "counter" : "gauge", MEANING "."); \
    print(&p, "contend_%s %" PRIu64 "\n", GROWS ? #FIELD "_total" : #FIELD, service_sum(s, FIELD));
    TALLY_FIELDS(PRINT_FIELD)
    print_head(&p, "online", "gauge", "Users online now.");
    if (online >= 0) /* else a store does not answer, and an error is no number of users */
        print(&p, "contend_online %" PRId64 "\n", online);
    print_head(&p, "bytes", "gauge", "Memory that the objects hold, by strategy.");
    print(&p, "contend_bytes{object=\"presence\",strategy=\"%s\"} %zu\n", users_strategy(s->users),
          users_bytes(s->users));
    print(&p, "contend_bytes{object=\"claps\",strategy=\"%s\"} %zu\n",
          applause_strategy(s->applause), applause_bytes(s->applause));
    print(&p, "contend_bytes{object=\"counter\",strategy=\"%s\"} %zu\n", views_strategy(s->views),
          views_bytes(s->views));
    if (p.used >= REPLY_BYTES) {
        reply_error(r, 500, "the metrics do not fit");
        return;
    }
    r->kind = REPLY_WHOLE;
    r->status = 200;
    r->type = "text/plain; version=0.0.4";
    r->text = r->bytes;
    r->length = p.used;
}
