/*
 * nodes.h - one thread's connections to several Redis servers, each made when it is first used.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_NODES_H
#define CONTEND_BENCH_STORES_REDIS_NODES_H

#include <stdio.h>
#include <string.h>

#include "bench/stores/redis/place.h"

enum { REDIS_NODES = 16, REDIS_ADDRESS = 112 };

/* It must not move: the links point to the addresses. */
struct redis_nodes {
    unsigned count;
    struct redis_link links[REDIS_NODES];
    char addresses[REDIS_NODES][REDIS_ADDRESS];
};

/* The number of the node at that address, which is added if it is new; or -ENOSPC. */
static inline int redis_nodes_find(struct redis_nodes *n, struct redis_place *place, const char *address)
{
    for (unsigned i = 0; i < n->count; i++)
        if (strcmp(n->addresses[i], address) == 0)
            return (int)i;
    if (n->count == REDIS_NODES)
        return -ENOSPC;
    snprintf(n->addresses[n->count], REDIS_ADDRESS, "%s", address);
    n->links[n->count] = (struct redis_link){ .place = place, .address = n->addresses[n->count] };
    return (int)n->count++;
}

static inline void redis_nodes_close(struct redis_nodes *n)
{
    for (unsigned i = 0; i < n->count; i++)
        redis_link_close(&n->links[i]);
    n->count = 0;
}

#endif
