/* page.c - the endpoints of the page's parts. */
#include "bench/serve/page.h"

#include <string.h>

#include "bench/report/page.h"
#include "bench/serve/routes.h"

static void show(struct reply *r, const char *type, const char *text)
{
    r->kind = REPLY_WHOLE;
    r->status = 200;
    r->type = type;
    r->text = text;
    r->length = strlen(text);
}

void endpoint_page(const struct asked *a, struct reply *r)
{
    (void)a;
    show(r, "text/html; charset=utf-8", page_site_html);
}

void endpoint_page_css(const struct asked *a, struct reply *r)
{
    (void)a;
    show(r, "text/css; charset=utf-8", page_site_css);
}

void endpoint_page_js(const struct asked *a, struct reply *r)
{
    (void)a;
    show(r, "text/javascript; charset=utf-8", page_site_js);
}

void endpoint_page_ways(const struct asked *a, struct reply *r)
{
    (void)a;
    show(r, "text/javascript; charset=utf-8", page_site_ways);
}

void endpoint_page_blog(const struct asked *a, struct reply *r)
{
    (void)a;
    show(r, "text/javascript; charset=utf-8", page_site_blog);
}

void endpoint_page_chart(const struct asked *a, struct reply *r)
{
    (void)a;
    show(r, "text/javascript; charset=utf-8", page_chart);
}
