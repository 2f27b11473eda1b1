/*
 * routes.h - the table of what clients may ask, for service_answer().
 */
#ifndef CONTEND_BENCH_SERVE_ROUTES_H
#define CONTEND_BENCH_SERVE_ROUTES_H

#include "bench/serve/service.h"

/* What an endpoint is given: the request, and the numbers of its path. */
struct asked {
    struct service *s;
    unsigned side;
    const struct serve_request *q;
    uint64_t ids[REQUEST_IDS];
};

typedef void endpoint(const struct asked *a, struct reply *r);

/* endpoints_users.c */
endpoint endpoint_heartbeat, endpoint_online, endpoint_user, endpoint_count, endpoint_came_and_went;
/* endpoints_blogs.c */
endpoint endpoint_profile, endpoint_set_profile, endpoint_blogs_of, endpoint_open_blog,
    endpoint_blogs, endpoint_blog;
/* endpoints_posts.c */
endpoint endpoint_post, endpoint_write_post, endpoint_edit_post, endpoint_delete_post,
    endpoint_restore_post;
/* endpoints_claps.c */
endpoint endpoint_clap, endpoint_claps, endpoint_claps_wait, endpoint_claps_stream,
    endpoint_all_claps_stream;
/* endpoints_site.c */
endpoint endpoint_health, endpoint_stats, endpoint_strategies, endpoint_switch, endpoint_meters;
/* page.c */
endpoint endpoint_page, endpoint_page_css, endpoint_page_js, endpoint_page_ways,
    endpoint_page_blog, endpoint_page_chart;
/* metrics.c */
endpoint endpoint_metrics;

#endif
