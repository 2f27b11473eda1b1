/* ring.c - see ring.h. */
#include "bench/stores/parts/ring.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "locks/parts/hash.h"

/*
 * The hash is a bijection of the id and the seed together: points are numbered far from all ids that
 * are given out in turn, or the users 0, 1, 2 ... would lie exactly on the points of node 0.
 */
static const uint64_t of_points = UINT64_C(0x9e3779b97f4a7c15);

void ring_init(struct ring *r)
{
    r->nodes = 0;
}

static int by_place(const void *a, const void *b)
{
    const struct ring_point *x = a, *y = b;

    return x->at != y->at ? (x->at > y->at) - (x->at < y->at)
                          : (x->node > y->node) - (x->node < y->node);
}

int ring_add(struct ring *r)
{
    if (r->nodes == RING_NODES)
        return -ENOSPC;
    unsigned node = r->nodes++;
    for (unsigned i = 0; i < RING_POINTS; i++)
        r->points[node * RING_POINTS + i] = (struct ring_point){
            .at = presence_hash((uint64_t)node << 32 | i, of_points), .node = node,
        };
    qsort(r->points, (size_t)r->nodes * RING_POINTS, sizeof *r->points, by_place);
    return (int)node;
}

unsigned ring_node(const struct ring *r, uint64_t user)
{
    uint64_t at = presence_hash(user, 0);
    size_t low = 0, high = (size_t)r->nodes * RING_POINTS;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->points[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return r->points[low < (size_t)r->nodes * RING_POINTS ? low : 0].node; /* it is a circle */
}
