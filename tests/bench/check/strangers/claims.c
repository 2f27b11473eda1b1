/*
 * claims.c - a stranger's counter and stack, whose operations go on until they are not disturbed.
 *
 * An attempt of inc() has two steps, and the counter two operations; push() has as many as the stack.  So
 * where others call one operation after the other, what spoils an attempt is always called in the same gap.
 * The stack never uses a node again, and is full soon.
 *
 * -DINC=CHECK_WAIT_FREE, -DPUSH=..., -DPOP=...: claims that the operation ends in any case.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "check/linearizable.h"

#ifndef INC
#define INC CHECK_LOCK_FREE
#endif
#ifndef PUSH
#define PUSH CHECK_LOCK_FREE
#endif
#ifndef POP
#define POP CHECK_LOCK_FREE
#endif

static void destroy(void *object)
{
    free(object);
}

/* ---- the counter ---- */

static void *make_counter(void)
{
    return calloc(1, sizeof(_Atomic long));
}

static int64_t inc(void *object, int64_t unused)
{
    _Atomic long *n = object;
    long seen = atomic_load(n);

    (void)unused;
    while (!atomic_compare_exchange_strong(n, &seen, seen + 1))
        ;
    return seen;
}

static int64_t get(void *object, int64_t unused)
{
    (void)unused;
    return atomic_load((_Atomic long *)object);
}

static int64_t model_inc(void *state, int64_t unused)
{
    (void)unused;
    return (*(long *)state)++;
}

static int64_t model_get(void *state, int64_t unused)
{
    (void)unused;
    return *(long *)state;
}

/* ---- the stack ---- */

enum { NODES = 32 };

struct stack {
    _Atomic int top, used;
    struct {
        _Atomic int next;
        int value;
    } nodes[NODES]; /* the first one stands for the end */
};

static void *make_stack(void)
{
    return calloc(1, sizeof(struct stack));
}

static int64_t push(void *object, int64_t value)
{
    struct stack *s = object;
    int i = atomic_fetch_add(&s->used, 1) + 1, top;

    s->nodes[i].value = (int)value;
    top = atomic_load(&s->top);
    do
        atomic_store(&s->nodes[i].next, top);
    while (!atomic_compare_exchange_strong(&s->top, &top, i));
    return 0;
}

static int64_t pop(void *object, int64_t unused)
{
    struct stack *s = object;
    int top = atomic_load(&s->top);

    (void)unused;
    while (top && !atomic_compare_exchange_strong(&s->top, &top, atomic_load(&s->nodes[top].next)))
        ;
    return top ? s->nodes[top].value : -1;
}

static int64_t empty(void *object, int64_t unused)
{
    (void)unused;
    return atomic_load(&((struct stack *)object)->top) == 0;
}

struct model {
    int64_t values[16], count;
};

static int64_t model_push(void *state, int64_t value)
{
    struct model *m = state;

    m->values[m->count++] = value;
    return 0;
}

static int64_t model_pop(void *state, int64_t unused)
{
    struct model *m = state;

    (void)unused;
    if (m->count == 0)
        return -1;
    int64_t value = m->values[--m->count];
    m->values[m->count] = 0;
    return value;
}

static int64_t model_empty(void *state, int64_t unused)
{
    (void)unused;
    return ((struct model *)state)->count == 0;
}

int main(int argc, char **argv)
{
    static const struct check_operation of_counter[] = {
        { .name = "inc", .call = inc, .model = model_inc, .progress = INC },
        { .name = "get", .call = get, .model = model_get, .progress = CHECK_WAIT_FREE },
        { .name = NULL },
    };
    static const struct check_operation of_stack[] = {
        { .name = "push", .call = push, .model = model_push, .least = 1, .most = 3, .progress = PUSH },
        { .name = "pop", .call = pop, .model = model_pop, .progress = POP },
        { .name = "empty", .call = empty, .model = model_empty, .progress = CHECK_WAIT_FREE },
        { .name = NULL },
    };
    static const struct check_structure counter = { .name = "counter", .make = make_counter, .destroy = destroy,
                                                    .operations = of_counter, .model_size = sizeof(long) };
    static const struct check_structure stack = { .name = "stack", .make = make_stack, .destroy = destroy,
                                                  .operations = of_stack, .model_size = sizeof(struct model) };
    static const struct check_structure *const structures[] = { &counter, &stack, NULL };

    return check_structures_main(structures, argc, argv);
}
