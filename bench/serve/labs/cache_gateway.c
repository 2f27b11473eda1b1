/* cache_gateway.c - see cache_gateway.h. */
#include "bench/serve/labs/cache_gateway.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/results.h"
#include "bench/serve/labs/http_load.h"
#include "bench/serve/labs/nginx.h"
#include "bench/serve/labs/site.h"

enum { DIRECT, GATEWAY, EDGE };

const char *const gateway_names[GATEWAY_LEVELS] = { "direct", "gateway", "gateway and edge" };

/* The gateway decides for how long it keeps a page, and tells caches before it for how long they may. */
static const char gateway_rules[] =
    "proxy_ignore_headers Cache-Control; proxy_hide_header Cache-Control; proxy_cache_valid 200 1s;\n"
    "      add_header Cache-Control \"public, max-age=0, s-maxage=2\";";

/* The edge goes by s-maxage, which is for caches that many share. */
static const char edge_rules[] = "proxy_pass_header Cache-Control;";

static bool is_over(void *ctx)
{
    return experiment_is_over(ctx);
}

/* Pages by way of `port`; each one that reaches the service is a call of its database. */
static int run(struct experiment *e, const struct site *site, unsigned port, uint64_t window_ns,
               unsigned kept_s, struct gateway_run *out)
{
    const struct load_plan plan = { .port = port, .mix = LOAD_TOTALS, .posts = GATEWAY_POSTS,
                                    .length_ns = window_ns, .seed = e->options->seed,
                                    .is_over = is_over, .ctx = e };
    struct load_result *r = calloc(1, sizeof *r);
    json_t *before = site_stats(site), *after;
    int error = r ? load_run(&plan, r) : -ENOMEM;

    after = site_stats(site);
    if (!error && r->answered && before && after) {
        /* The first of the two is not counted in itself, and in the second. */
        double calls = (double)(site_number(after, "requests") - site_number(before, "requests")) - 1;
        out->per_s = (double)r->answered / r->seconds;
        out->calls_per_s = calls / r->seconds;
        out->most = kept_s ? GATEWAY_POSTS * (floor(r->seconds / kept_s) + 1) / r->seconds : NAN;
        out->p50_ns = histogram_quantile(&r->response, 0.5);
        out->p99_ns = histogram_quantile(&r->response, 0.99);
        out->failed = r->failed;
        out->done = !experiment_is_over(e);
    }
    json_decref(before);
    json_decref(after);
    free(r);
    return error;
}

/* With a gateway that has nothing yet, and an edge before it or none. */
static int run_behind(struct gateway *g, struct experiment *e, const struct site *site,
                      uint64_t window_ns, unsigned level)
{
    struct nginx gateway, edge = { .pid = 0 };
    int error = nginx_start(&gateway, site->port, gateway_rules);

    if (error)
        return error;
    if (level == EDGE)
        error = nginx_start(&edge, gateway.port, edge_rules);
    if (!error)
        error = run(e, site, level == EDGE ? edge.port : gateway.port, window_ns,
                    level == EDGE ? GATEWAY_EDGE_KEPT_S : GATEWAY_KEPT_S, &g->runs[level]);
    nginx_stop(&edge);
    nginx_stop(&gateway);
    return error;
}

void gateway_run_all(struct gateway *g, struct experiment *e, uint64_t window_ns)
{
    static const char *const options[] = { "--claps=sqlite", "--post-count=21", "--samples=20",
                                           "--readers=100", "--users=1000", NULL };
    _Static_assert(GATEWAY_POSTS == 20, "as many as the service begins with");

    char program[256];
    struct site site;
    int error;

    memset(g, 0, sizeof *g);
    if (!nginx_find(program, sizeof program)) {
        snprintf(g->why, sizeof g->why, "nginx is not installed (Debian: nginx-light)");
        return;
    }
    error = site_start(&site, options);
    if (error) {
        snprintf(g->why, sizeof g->why, "%.190s",
                 error == -ENOENT && site.said[0] ? site.said : strerror(-error));
        return;
    }
    error = run(e, &site, site.port, window_ns, 0, &g->runs[DIRECT]);
    for (unsigned level = GATEWAY; level <= EDGE && !error && !experiment_is_over(e); level++)
        error = run_behind(g, e, &site, window_ns, level);
    site_stop(&site);
    if (error && error != -EINTR)
        snprintf(g->why, sizeof g->why, "nginx: %.180s", strerror(-error));
}

void gateway_judge(const struct gateway *g, struct experiment *e)
{
    const struct gateway_run *r = g->runs;

    if (g->why[0])
        return;
    if (!r[DIRECT].done || !r[GATEWAY].done || !r[EDGE].done) {
        experiment_not_reached(e, "gateway", "what a gateway and an edge save the database");
        return;
    }
    experiment_shape(e, "gateway", SHAPE_EXACT,
                     r[GATEWAY].calls_per_s <= r[GATEWAY].most && r[EDGE].calls_per_s <= r[EDGE].most &&
                         r[DIRECT].failed + r[GATEWAY].failed + r[EDGE].failed == 0,
                     "a page that is kept for %d s costs the database at most a call in that time, "
                     "however many ask: %.1f calls a second with a gateway and %.1f with an edge, "
                     "%.0f without.", GATEWAY_KEPT_S, r[GATEWAY].calls_per_s, r[EDGE].calls_per_s,
                     r[DIRECT].calls_per_s);
}

void gateway_print(const struct gateway *g)
{
    printf("Levels that are programs: %d posts, and SQLite behind the service\n\n", GATEWAY_POSTS);
    if (g->why[0])
        printf("  left out: %.68s\n", g->why);
    else
        printf("  %-17s  %10s  %10s  %8s  %8s\n", "", "pages/s", "calls/s", "p50", "p99");
    for (unsigned i = 0; i < GATEWAY_LEVELS; i++) {
        const struct gateway_run *r = &g->runs[i];
        char pages[TEXT_NUMBER], calls[TEXT_NUMBER], p50[TEXT_NUMBER], p99[TEXT_NUMBER];
        if (r->done)
            printf("  %-17s  %10s  %10s  %8s  %8s\n", gateway_names[i], text_grouped(r->per_s, pages),
                   text_number(r->calls_per_s, 3, calls), text_duration(r->p50_ns, p50),
                   text_duration(r->p99_ns, p99));
    }
    printf("\n");
}

json_t *gateway_json(const struct gateway *g)
{
    json_t *runs = json_array();

    for (unsigned i = 0; i < GATEWAY_LEVELS; i++) {
        const struct gateway_run *r = &g->runs[i];
        if (r->done)
            json_array_append_new(runs, json_pack(
                "{s:s, s:o, s:o, s:o, s:o, s:o, s:I}", "level", gateway_names[i], "pages_per_s",
                results_number(r->per_s), "calls_per_s", results_number(r->calls_per_s), "most_per_s",
                results_number(r->most), "p50_ns", results_number(r->p50_ns), "p99_ns",
                results_number(r->p99_ns), "failed", (json_int_t)r->failed));
    }
    return json_pack("{s:s, s:o}", "left_out", g->why, "runs", runs);
}
