/*
 * ring.h - consistent hashing: which of k nodes a user belongs to, so that a further node takes a
 * (k + 1)th of the users and all others stay where they are.
 *
 * Each node has points on a circle of 64-bit numbers; a user belongs to the node of the first point
 * at or behind the user's hash.  A further node only takes what lies before its own points.
 *
 * Reference: Karger, Lehman, Leighton, Panigrahy, Levine, Lewin, "Consistent hashing and random
 * trees", STOC 1997.
 */
#ifndef CONTEND_BENCH_STORES_PARTS_RING_H
#define CONTEND_BENCH_STORES_PARTS_RING_H

#include <stdint.h>

/* With 128 points a node's part of the circle differs from an equal one by about a tenth. */
enum { RING_NODES = 32, RING_POINTS = 128 };

struct ring {
    unsigned nodes;
    struct ring_point {
        uint64_t at;
        unsigned node;
    } points[RING_NODES * RING_POINTS]; /* by `at` */
};

void ring_init(struct ring *r);

/* Adds the node of the next number, from 0.  Its number, or -ENOSPC. */
int ring_add(struct ring *r);

/* The node of a user; the ring must have one.  Threads may ask while nobody adds. */
unsigned ring_node(const struct ring *r, uint64_t user);

#endif
