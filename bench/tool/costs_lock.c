/* costs_lock.c - the price of a lock: acquire and release. */
#include "bench/tool/costs_family.h"
#include "locks/lock.h"

static const char *const operations[] = { "pair", NULL };

static int set_up(struct cost_bench *b, const void *table)
{
    const struct lock_ops *ops = table;
    int error = cost_allocate(b, ops->size, ops->handle_size);

    if (!error)
        error = ops->init(b->object, NULL);
    if (!error && (error = ops->attach(b->object, b->handle)) != 0)
        ops->fini(b->object);
    return error;
}

static void tear_down(struct cost_bench *b, const void *table)
{
    const struct lock_ops *ops = table;

    ops->detach(b->object, b->handle);
    ops->fini(b->object);
}

static void run(struct cost_bench *b, const void *table, unsigned operation, size_t n)
{
    (void)operation;
    ((const struct lock_ops *)table)->loops.pair(b->object, b->handle, n);
}

const struct cost_family costs_lock = {
    .heading = "\nLOCKS                         pair  x locked add\n",
    .operations = operations, .open = set_up, .close = tear_down, .run = run,
};
