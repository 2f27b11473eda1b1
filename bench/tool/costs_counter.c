/* costs_counter.c - the prices of a counter: add in a loop and through the table, read. */
#include "bench/tool/costs_family.h"
#include "counters/counter.h"

enum operation {
    ADD,       /* in the loop with the operation inlined */
    ADD_TABLE, /* by a call through the table */
    READ
};
static const char *const operations[] = { "add", "add_table", "read", NULL };

enum { READ_STEPS = 1024 };
static const int8_t reads[READ_STEPS]; /* all 0: reads */

static int set_up(struct cost_bench *b, const void *table)
{
    const struct counter_ops *ops = table;
    int error = cost_allocate(b, ops->size, ops->handle_size);

    if (!error)
        error = ops->init(b->object, NULL);
    if (!error && (error = ops->attach(b->object, b->handle)) != 0)
        ops->fini(b->object);
    return error;
}

static void tear_down(struct cost_bench *b, const void *table)
{
    const struct counter_ops *ops = table;

    ops->detach(b->object, b->handle);
    ops->fini(b->object);
}

static void run(struct cost_bench *b, const void *table, unsigned operation, size_t n)
{
    const struct counter_ops *ops = table;

    if (operation == ADD)
        b->failed += ops->loops.add(b->object, b->handle, n);
    else if (operation == ADD_TABLE)
        for (size_t i = 0; i < n; i++)
            b->failed += ops->add(b->object, b->handle, 1) != 0;
    else
        for (size_t left = n, some; left > 0; left -= some) {
            some = left < READ_STEPS ? left : READ_STEPS;
            b->failed += ops->loops.mixed(b->object, b->handle, reads, some, &b->sink);
        }
}

const struct cost_family costs_counter = {
    .heading = "\nCLAP COUNTERS                  add via table      read   add/locked\n",
    .operations = operations, .open = set_up, .close = tear_down, .run = run,
};
