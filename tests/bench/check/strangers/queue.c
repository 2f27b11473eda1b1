/*
 * queue.c - a stranger's program: M. Michael and M. Scott's queue, 1996, checked against a model.
 *
 * -DSWINGS_FIRST: the tail moves to the new node before that is linked.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "check/linearizable.h"

struct node {
    struct node *_Atomic next;
    struct node *older; /* among all that were made: they are freed at the end */
    int64_t value;
};

struct queue {
    struct node *_Atomic head, *_Atomic tail, *_Atomic newest;
};

static struct node *make_node(struct queue *q, int64_t value)
{
    struct node *n = malloc(sizeof *n);

    n->value = value;
    atomic_init(&n->next, NULL);
    n->older = atomic_load(&q->newest);
    while (!atomic_compare_exchange_weak(&q->newest, &n->older, n))
        ;
    return n;
}

static int64_t enqueue(void *object, int64_t value)
{
    struct queue *q = object;
    struct node *n = make_node(q, value);

#ifdef SWINGS_FIRST
    struct node *last = atomic_exchange(&q->tail, n);
    atomic_store(&last->next, n);
#else
    for (;;) {
        struct node *last = atomic_load(&q->tail), *next = atomic_load(&last->next);
        if (next) { /* help: another thread has linked its node and not moved the tail */
            atomic_compare_exchange_strong(&q->tail, &last, next);
        } else if (atomic_compare_exchange_strong(&last->next, &next, n)) {
            atomic_compare_exchange_strong(&q->tail, &last, n);
            break;
        }
    }
#endif
    return 0;
}

static int64_t dequeue(void *object, int64_t unused)
{
    struct queue *q = object;

    (void)unused;
    for (;;) {
        struct node *first = atomic_load(&q->head), *last = atomic_load(&q->tail);
        struct node *next = atomic_load(&first->next);
        if (!next)
            return -1;
        if (first == last)
            atomic_compare_exchange_strong(&q->tail, &last, next);
        else if (atomic_compare_exchange_strong(&q->head, &first, next))
            return next->value;
    }
}

/* ---- the model: an array ---- */

struct model {
    int64_t values[16], count;
};

static int64_t model_enqueue(void *state, int64_t value)
{
    struct model *m = state;

    m->values[m->count++] = value;
    return 0;
}

static int64_t model_dequeue(void *state, int64_t unused)
{
    struct model *m = state;

    (void)unused;
    if (m->count == 0)
        return -1;
    int64_t value = m->values[0];
    m->count--;
    for (int i = 0; i < 15; i++)
        m->values[i] = m->values[i + 1];
    return value;
}

static void *make(void)
{
    struct queue *q = calloc(1, sizeof *q);
    struct node *n = make_node(q, 0);

    atomic_init(&q->head, n);
    atomic_init(&q->tail, n);
    return q;
}

static void destroy(void *object)
{
    struct queue *q = object;

    for (struct node *n = q->newest, *older; n; n = older) {
        older = n->older;
        free(n);
    }
    free(q);
}

int main(int argc, char **argv)
{
    static const struct check_operation operations[] = {
        { "enqueue", enqueue, model_enqueue, 1, 3, CHECK_LOCK_FREE },
        { "dequeue", dequeue, model_dequeue, 0, 0, CHECK_LOCK_FREE },
        { NULL, NULL, NULL, 0, 0, 0 },
    };
    static const struct check_structure queue = { .name = "queue", .make = make, .destroy = destroy,
                                                  .operations = operations,
                                                  .model_size = sizeof(struct model) };
    static const struct check_structure *const structures[] = { &queue, NULL };

    return check_structures_main(structures, argc, argv);
}
