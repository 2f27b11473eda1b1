/* shapes.c - memory of all kinds whose names are looked at in a failure; a macro chooses one. */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "check/check.h"

#if defined(UNTAGGED)
/* Structs without a tag, inside and outside, which variables alone point to. */
typedef struct {
    long top;
    union {
        struct {
            int bottom, seen;
        };
        long both[2];
    };
    int slots[4];
} deque;

static void *given;

static void setup(void *unused)
{
    deque *d = aligned_alloc(128, 128); /* more than it needs */

    (void)unused;
    d->top = 0;
    given = d;
}

static void one(void *unused)
{
    deque *d = given;

    (void)unused;
    d->bottom = 2;
}
#define two one
#elif defined(LISTS)
/* A list that begins and ends in a function, and an array that nothing but variables points to. */
struct node {
    int value;
    struct node *next;
};

static _Atomic(void *) given; /* of no type */

static void setup(void *unused)
{
    struct node *last = malloc(sizeof *last), *first = malloc(sizeof *first);

    (void)unused;
    last->next = NULL;
    first->next = last;
    atomic_init(&given, first);
}

static void one(void *unused)
{
    struct node *first = given, *last = first->next;
    long *counts = calloc(8, sizeof *counts);

    (void)unused;
    counts[3] = 1;
    last->value = 7;
    check_that(counts[3] == 2);
}

static void two(void *unused)
{
    struct node *first = atomic_load(&given);

    (void)unused;
    atomic_store(&given, first->next);
}
#elif defined(WIDE)
struct node {
    int value;
} only;

struct head {
    struct node *top;
    uintptr_t tag;
};

static struct stack {
    _Atomic struct head head;
} stack;

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&stack.head, ((struct head){ NULL, 0 }));
}

static void one(void *unused)
{
    struct head old = { NULL, 0 };

    (void)unused;
    if (!atomic_compare_exchange_strong(&stack.head, &old, ((struct head){ &only, old.tag + 1 })))
        check_that(old.top == NULL);
}
#define two one
#elif defined(ON_STACKS)
/* Each function has its variables where the other had them. */
struct waiter {
    int rank;
    _Atomic int go;
};
static struct waiter *_Atomic line;

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&line, NULL);
}

static void stand(void)
{
    struct waiter self = { .rank = 1 };

    atomic_store(&line, &self);
    while (atomic_load(&self.go) == 0)
        check_cpu_relax();
}

static void one(void *unused)
{
    (void)unused;
    stand();
    check_that(!"it came to its end");
}

static void two(void *unused)
{
    struct waiter *first;

    (void)unused;
    while ((first = atomic_load(&line)) == NULL)
        check_cpu_relax();
    atomic_store(&first->go, 1);
}
#elif defined(STRUCTURE)
/* Its tag is another word than its name, and a member is an array of its own. */
#include "check/linearizable.h"

struct hash_table {
    long used;
    _Atomic int *buckets;
    int seed;
};

static void *make(void)
{
    struct hash_table *t = malloc(sizeof *t);

    t->used = 0;
    t->seed = 3;
    t->buckets = calloc(4, sizeof *t->buckets);
    return t;
}

static void destroy(void *object)
{
    struct hash_table *t = object;

    free((void *)t->buckets);
    free(t);
}

static int64_t put(void *object, int64_t key)
{
    struct hash_table *t = object;

    if (atomic_fetch_add(&t->buckets[key], 1) == 0)
        t->used = t->seed;
    return t->used;
}

static int64_t put_model(void *state, int64_t key)
{
    (void)state, (void)key;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct check_operation operations[] = { { "put", put, put_model, 1, 1, CHECK_LOCK_FREE }, { 0 } };
    static const struct check_structure hash = { .name = "hash", .make = make, .destroy = destroy,
                                                 .operations = operations, .model_size = 1 };
    static const struct check_structure *const all[] = { &hash, NULL };

    return check_structures_main(all, argc, argv);
}
#endif

#ifndef STRUCTURE
int main(int argc, char **argv)
{
    static const struct check_test shape = { .name = "shape", .setup = setup, .threads = { one, two } };
    static const struct check_test *const tests[] = { &shape, NULL };

    return check_main(tests, argc, argv);
}
#endif
