/*
 * flag.c - a stranger's counter behind a flag that is no atomic: its data races change no result.
 *
 * -DINC=CHECK_LOCK_FREE: claims that nobody waits for the flag.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "check/linearizable.h"

#ifndef INC
#define INC CHECK_BLOCKING
#endif

struct counter {
    _Atomic int64_t n;
    int held;
};

static void *make(void)
{
    return calloc(1, sizeof(struct counter));
}

static int64_t inc(void *object, int64_t unused)
{
    struct counter *c = object;

    (void)unused;
    while (c->held)
        sched_yield();
    c->held = 1;
    int64_t before = atomic_fetch_add(&c->n, 1);
    c->held = 0;
    return before;
}

static int64_t model_inc(void *state, int64_t unused)
{
    (void)unused;
    return (*(int64_t *)state)++;
}

int main(int argc, char **argv)
{
    static const struct check_operation operations[] = {
        { .name = "inc", .call = inc, .model = model_inc, .progress = INC },
        { .name = NULL },
    };
    static const struct check_structure flag = { .name = "flag", .make = make, .destroy = free,
                                                 .operations = operations, .model_size = sizeof(int64_t) };
    static const struct check_structure *const structures[] = { &flag, NULL };

    return check_structures_main(structures, argc, argv);
}
