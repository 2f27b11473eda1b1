/*
 * page.h - results files as one page of HTML that needs no network.
 *
 * The page holds the results without their raw windows, the plotting library, and the script
 * that draws them.  The library, Chart.js, is taken from its package when contend is built.
 */
#ifndef CONTEND_BENCH_REPORT_PAGE_H
#define CONTEND_BENCH_REPORT_PAGE_H

#include <jansson.h>

/* The page's parts, as the build embeds them; each ends in a zero. */
extern const char page_html[], page_css[], page_chart[], page_base[], page_plots[], page_answer[], page_loads[],
    page_changed[], page_runs[], page_js[];

/*
 * The page of these files, an array of { "name", "data" }, in the order in which they were
 * given.  free() it; NULL without memory.
 */
char *page_of(json_t *files);

/* What the page says of each strategy, need and floor; by object, in the order of the registry. */
json_t *page_words(void);

/*
 * How the last of the runs among these files differs from the first, while they have their raw windows: null where
 * there is one run only, else { "a", "b", "refused", "by", "margin", "cells" }, the cells as in the file of
 * `contend compare`.
 */
json_t *page_changes(const json_t *files);

#endif
