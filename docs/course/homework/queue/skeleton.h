/*
 * queue.h - first in, first out.
 *
 * It is right as long as one thread uses it.  Your task: several threads at once.  One lock is enough to
 * pass; two (one for each end) are faster, and the node that is always there is what makes them possible.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct queue_node {
    struct queue_node *next;
    long value;
};

struct queue {
    struct queue_node *first; /* taken already: what comes next is behind it */
    struct queue_node *last;
};

/* 0, or -1 if there is no memory. */
static inline int queue_init(struct queue *q)
{
    q->first = q->last = calloc(1, sizeof *q->first);
    return q->first ? 0 : -1;
}

/* Whether there was memory for it. */
static inline bool queue_put(struct queue *q, long value)
{
    struct queue_node *node = malloc(sizeof *node);

    if (!node)
        return false;
    node->value = value;
    node->next = NULL;
    q->last->next = node;
    q->last = node;
    return true;
}

/* Whether there was something in it. */
static inline bool queue_take(struct queue *q, long *value)
{
    struct queue_node *old = q->first, *node = old->next;

    if (!node)
        return false;
    *value = node->value;
    q->first = node;
    free(old);
    return true;
}

/* Nobody else uses it any more. */
static inline void queue_fini(struct queue *q)
{
    long ignored;

    while (queue_take(q, &ignored))
        continue;
    free(q->first);
}

#endif
