/*
 * stack.c - a stranger's program: R. Treiber's stack, 1986, checked against a model of it.
 *
 * -DPOP_STORES: pop() stores what it had read, without looking whether that is still there.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "check/linearizable.h"

struct node {
    struct node *next;   /* on the stack */
    struct node *older; /* among all that were made: they are freed at the end */
    int64_t value;
};

struct stack {
    struct node *_Atomic top, *_Atomic newest;
};

static int64_t push(void *object, int64_t value)
{
    struct stack *s = object;
    struct node *n = malloc(sizeof *n);

    n->value = value;
    n->older = atomic_load(&s->newest);
    while (!atomic_compare_exchange_weak(&s->newest, &n->older, n))
        ;
    n->next = atomic_load(&s->top);
    while (!atomic_compare_exchange_weak(&s->top, &n->next, n))
        ;
    return 0;
}

static int64_t pop(void *object, int64_t unused)
{
    struct stack *s = object;
    struct node *n = atomic_load(&s->top);

    (void)unused;
#ifdef POP_STORES
    if (n)
        atomic_store(&s->top, n->next);
#else
    while (n && !atomic_compare_exchange_weak(&s->top, &n, n->next))
        ;
#endif
    return n ? n->value : -1;
}

/* ---- the model: an array ---- */

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
    m->values[m->count] = 0; /* what was popped is no part of the state */
    return value;
}

static void *make(void)
{
    return calloc(1, sizeof(struct stack));
}

static void destroy(void *object)
{
    struct stack *s = object;

    for (struct node *n = s->newest, *older; n; n = older) {
        older = n->older;
        free(n);
    }
    free(s);
}

int main(int argc, char **argv)
{
    static const struct check_operation operations[] = {
        { "push", push, model_push, 1, 3, CHECK_LOCK_FREE },
        { "pop", pop, model_pop, 0, 0, CHECK_LOCK_FREE },
        { NULL, NULL, NULL, 0, 0, 0 },
    };
    static const struct check_structure stack = { .name = "stack", .make = make, .destroy = destroy,
                                                  .operations = operations,
                                                  .model_size = sizeof(struct model) };
    static const struct check_structure *const structures[] = { &stack, NULL };

    return check_structures_main(structures, argc, argv);
}
