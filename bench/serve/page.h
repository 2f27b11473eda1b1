/*
 * page.h - the page that GET / answers, with what it loads.  It needs no network.
 */
#ifndef CONTEND_BENCH_SERVE_PAGE_H
#define CONTEND_BENCH_SERVE_PAGE_H

/* As the build embeds them; each ends in a zero. */
extern const char page_site_html[], page_site_css[], page_site_js[], page_site_ways[],
    page_site_blog[];

#endif
