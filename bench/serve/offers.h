/*
 * offers.h - what can be switched while the service runs, as it is named in requests: entries of families, and
 * means of the service's own.
 */
#ifndef CONTEND_BENCH_SERVE_OFFERS_H
#define CONTEND_BENCH_SERVE_OFFERS_H

#include "bench/serve/service.h"

struct offer {
    const char *name;
    const void *(*at)(size_t index); /* NULL after the last */
    const struct contend_identity *(*identity)(const void *ops);
    bool with_floors;
};

/* Those of a part of enum service_part. */
struct offer offer_of(int part);
/* Whether it can be switched to: it keeps its promises. */
bool offer_has(const struct offer *o, const void *ops);
/* The one of that name that can be switched to, or NULL. */
const void *offer_find(const struct offer *o, const char *name);

#endif
