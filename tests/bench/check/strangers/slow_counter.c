/* slow_counter.c - a structure whose operation computes for some milliseconds, unseen by the checker. */
#include <stdatomic.h>
#include <stdlib.h>

#include "check/linearizable.h"

static void *make(void)
{
    return calloc(1, sizeof(_Atomic int64_t));
}

static int64_t add(void *object, int64_t n)
{
    _Atomic int64_t *sum = object;
    unsigned x = 1;

    for (unsigned i = 0; i < 3000000; i++)
        x = x * 1664525 + 1013904223;
    return atomic_fetch_add(sum, n) + (x == 0);
}

static int64_t add_model(void *state, int64_t n)
{
    int64_t *sum = state, before = *sum;

    *sum += n;
    return before;
}

int main(int argc, char **argv)
{
    static const struct check_operation operations[] = { { "add", add, add_model, 1, 3, CHECK_WAIT_FREE },
                                                         { "subtract", add, add_model, -3, -1, CHECK_WAIT_FREE }, { 0 } };
    static const struct check_structure slow = { .name = "slow", .make = make, .destroy = free,
                                                 .operations = operations, .model_size = sizeof(int64_t) };
    static const struct check_structure *const all[] = { &slow, NULL };

    return check_structures_main(all, argc, argv);
}
