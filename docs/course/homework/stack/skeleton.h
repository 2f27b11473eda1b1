/*
 * stack.h - last in, first out.
 *
 * It is right as long as one thread uses it.  Your task: several threads at once.  A lock is enough to
 * pass; without one, mind a thread that has read `top` and is slow, while others pop that node, free it,
 * and push another one in its place.
 */
#ifndef STACK_H
#define STACK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

struct stack_node {
    struct stack_node *next;
    long value;
};

struct stack {
    struct stack_node *top;
};

/* 0, or -1 if there is no memory. */
static inline int stack_init(struct stack *s)
{
    s->top = NULL;
    return 0;
}

/* Whether there was memory for it. */
static inline bool stack_push(struct stack *s, long value)
{
    struct stack_node *node = malloc(sizeof *node);

    if (!node)
        return false;
    node->value = value;
    node->next = s->top;
    s->top = node;
    return true;
}

/* Whether there was something on it. */
static inline bool stack_pop(struct stack *s, long *value)
{
    struct stack_node *node = s->top;

    if (!node)
        return false;
    s->top = node->next;
    *value = node->value;
    free(node);
    return true;
}

/* Nobody else uses it any more. */
static inline void stack_fini(struct stack *s)
{
    long ignored;

    while (stack_pop(s, &ignored))
        continue;
}

#endif
