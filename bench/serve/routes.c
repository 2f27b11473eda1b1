/* routes.c - finds the endpoint for a request. */
#include "bench/serve/routes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What becomes of a body: it is read; or none is wanted, since something would change whatever it says. */
enum body { ANY_BODY };

static const struct route {
    enum serve_method method;
    const char *pattern;
    endpoint *answer;
} routes[] = {
    { SERVE_POST, "/users/{id}/heartbeat", endpoint_heartbeat },
    { SERVE_GET, "/users/online", endpoint_online },
    { SERVE_GET, "/users/{id}", endpoint_user },
    { SERVE_GET, "/users/{id}/profile", endpoint_profile },
    { SERVE_PUT, "/users/{id}/profile", endpoint_set_profile },
    { SERVE_GET, "/users/{id}/blogs", endpoint_blogs_of },
    { SERVE_POST, "/users/{id}/blogs", endpoint_open_blog },
    { SERVE_GET, "/blogs", endpoint_blogs },
    { SERVE_GET, "/blogs/{id}", endpoint_blog },
    { SERVE_POST, "/blogs/{id}/posts", endpoint_write_post },
    { SERVE_GET, "/online/count", endpoint_count },
    { SERVE_GET, "/online/stream", endpoint_came_and_went },
    { SERVE_GET, "/posts/{id}", endpoint_post },
    { SERVE_PUT, "/posts/{id}", endpoint_edit_post },
    { SERVE_DELETE, "/posts/{id}", endpoint_delete_post },
    { SERVE_POST, "/posts/{id}/restore", endpoint_restore_post },
    { SERVE_POST, "/posts/{id}/claps", endpoint_clap },
    { SERVE_GET, "/posts/{id}/claps", endpoint_claps },
    { SERVE_GET, "/posts/{id}/claps/wait", endpoint_claps_wait },
    { SERVE_GET, "/posts/{id}/claps/stream", endpoint_claps_stream },
    { SERVE_GET, "/claps/stream", endpoint_all_claps_stream },
    { SERVE_GET, "/health", endpoint_health },
    { SERVE_GET, "/metrics", endpoint_metrics },
    { SERVE_GET, "/stats", endpoint_stats },
    { SERVE_GET, "/meters", endpoint_meters },
    { SERVE_GET, "/strategies", endpoint_strategies },
    { SERVE_PUT, "/strategies", endpoint_switch },
    { SERVE_GET, "/", endpoint_page },
    { SERVE_GET, "/site.css", endpoint_page_css },
    { SERVE_GET, "/site.js", endpoint_page_js },
    { SERVE_GET, "/ways.js", endpoint_page_ways },
    { SERVE_GET, "/blog.js", endpoint_page_blog },
    { SERVE_GET, "/chart.js", endpoint_page_chart },
};
enum { ROUTES = sizeof routes / sizeof *routes };
_Static_assert((int)ROUTES <= (int)TALLY_ROUTES, "a tally has a place for each route");

static const char *const methods[] = {
    [SERVE_GET] = "GET", [SERVE_HEAD] = "HEAD", [SERVE_POST] = "POST", [SERVE_PUT] = "PUT",
    [SERVE_DELETE] = "DELETE", [SERVE_OTHER] = "OTHER",
};

unsigned service_routes(void)
{
    return ROUTES;
}

void service_route(unsigned index, const char **method, const char **pattern)
{
    *method = methods[routes[index].method];
    *pattern = routes[index].pattern;
}

/* The methods of the path's routes: "GET, POST", written to r->bytes. */
static void name_methods(struct reply *r, const bool *there)
{
    static const char *const allowed[] = { "GET, HEAD", "POST", "GET, HEAD, POST", "PUT",
                                           "GET, HEAD, PUT", "POST, PUT", "GET, HEAD, POST, PUT",
                                           "DELETE", "GET, HEAD, DELETE", "POST, DELETE",
                                           "GET, HEAD, POST, DELETE", "PUT, DELETE",
                                           "GET, HEAD, PUT, DELETE", "POST, PUT, DELETE",
                                           "GET, HEAD, POST, PUT, DELETE" };
    unsigned set = (unsigned)there[SERVE_GET] + 2u * there[SERVE_POST] + 4u * there[SERVE_PUT] +
                   8u * there[SERVE_DELETE];

    r->allow = allowed[set - 1];
    reply_error(r, 405, "this path knows %s", r->allow);
}

/* Whether a request may have a body.  GET wants none either, but changes nothing: what comes with it is passed over. */
static bool has_body(endpoint *e)
{
    return e != endpoint_heartbeat && e != endpoint_delete_post && e != endpoint_restore_post;
}

static void answer_route(const struct asked *a, struct reply *r, unsigned i)
{
    uint64_t meter;

    r->route = (int)i;
    if (request_meter(a->q, &meter) != 0)
        reply_error(r, 400, "?meter= wants a whole number from 1");
    else if (a->q->length && !has_body(routes[i].answer))
        reply_error(r, 400, "no body is wanted");
    else
        routes[i].answer(a, r);
}

void service_answer(struct service *s, unsigned side, const struct serve_request *q,
                    struct reply *r)
{
    enum serve_method method = q->method == SERVE_HEAD ? SERVE_GET : q->method;
    bool there[SERVE_OTHER + 1] = { false }, known = false;
    struct asked asked = { .s = s, .side = side, .q = q };

    reply_begin(r);
    for (unsigned i = 0; i < ROUTES; i++) {
        int matches = request_matches(q->path, routes[i].pattern, asked.ids);
        if (matches == -EINVAL && r->route < 0 && !known) {
            reply_error(r, 400, "an id is a whole number, below 2^64");
            r->route = -2;
        }
        if (matches != 1)
            continue;
        if (routes[i].method == method) {
            answer_route(&asked, r, i);
            return;
        }
        known = there[routes[i].method] = true;
    }
    if (known)
        name_methods(r, there);
    else if (r->route != -2)
        reply_error(r, 404, "there is no such path; / is a page, and its links say what there is");
    r->route = -1;
}
