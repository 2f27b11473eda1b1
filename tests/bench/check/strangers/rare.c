/*
 * rare.c - a stranger's counter, whose inc() takes a path of its own when others have disturbed it often.
 *
 * No scenario has so many calls: only runs that starve the operation come there.  -DCRASHES, -DASSERTS: it fails
 * there.  -DRACES: it counts there, by no atomic, what each inc() reads.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "check/check.h"
#include "check/linearizable.h"

enum { PATIENCE = 5 };

struct counter {
    _Atomic int64_t n, lost;
    int64_t plain;
};

static void *make(void)
{
    return calloc(1, sizeof(struct counter));
}

static void despair(struct counter *c, int lost)
{
#if defined(CRASHES)
    c = NULL;
    c->plain = lost;
#elif defined(ASSERTS)
    check_that(lost < PATIENCE);
#elif defined(RACES)
    c->plain++;
#endif
    (void)lost;
    atomic_fetch_add(&c->lost, 1);
}

static int64_t inc(void *object, int64_t unused)
{
    struct counter *c = object;
    int64_t seen = atomic_load(&c->n);
    int lost = 0;

    (void)unused;
    if (c->plain < 0)
        return -1;
    while (!atomic_compare_exchange_strong(&c->n, &seen, seen + 1))
        if (++lost >= PATIENCE)
            despair(c, lost);
    return seen;
}

static int64_t get(void *object, int64_t unused)
{
    struct counter *c = object;

    (void)unused;
    return atomic_load(&c->n);
}

static int64_t model_inc(void *state, int64_t unused)
{
    (void)unused;
    return (*(int64_t *)state)++;
}

static int64_t model_get(void *state, int64_t unused)
{
    (void)unused;
    return *(int64_t *)state;
}

int main(int argc, char **argv)
{
    static const struct check_operation operations[] = {
        { .name = "inc", .call = inc, .model = model_inc, .progress = CHECK_LOCK_FREE },
        { .name = "get", .call = get, .model = model_get, .progress = CHECK_WAIT_FREE },
        { .name = NULL },
    };
    static const struct check_structure rare = { .name = "rare", .make = make, .destroy = free,
                                                 .operations = operations, .model_size = sizeof(int64_t) };
    static const struct check_structure *const structures[] = { &rare, NULL };

    return check_structures_main(structures, argc, argv);
}
