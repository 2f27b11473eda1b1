/* refcount.c - a reference count as in B. Stroustrup and H. Sutter's shared_ptr. */
#include "bench/check/textbook/textbook.h"

struct object {
    _Atomic int references;
    int value;
};

static struct object *object;

static void setup(void *unused)
{
    (void)unused;
    object = malloc(sizeof *object);
    atomic_init(&object->references, 2);
    object->value = 1;
}

static void drop(struct object *o)
{
    if (SUB(o->references, 1, rel) != 1)
        return;
    FENCE(acq);
    free(o);
}

static void use_and_drop(void *unused)
{
    (void)unused;
    check_that(object->value == 1);
    drop(object);
}

const struct check_test textbook = { .name = "refcount", .setup = setup,
                                     .threads = { use_and_drop, use_and_drop } };
