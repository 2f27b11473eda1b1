/* costs_distinct.c - the prices of counting distinct clappers: a clap again, and a count. */
#include "bench/tool/costs_family.h"
#include "counters/distinct.h"

enum operation {
    INSERT, /* of readers who have clapped before */
    COUNT
};
static const char *const operations[] = { "insert", "count", NULL };

enum { STEPS = 256, READERS = 4096 };
static uint8_t counts[STEPS];    /* all DISTINCT_OP_COUNT */
static const uint8_t inserts[STEPS];
static uint64_t readers[STEPS];

static int set_up(struct cost_bench *b, const void *table)
{
    const struct distinct_ops *ops = table;
    const struct distinct_config config = { .readers = READERS };
    int error = cost_allocate(b, ops->size, ops->handle_size);

    if (!error)
        error = ops->init(b->object, &config);
    if (error)
        return error;
    error = ops->attach(b->object, b->handle);
    if (error)
        ops->fini(b->object);
    for (uint64_t reader = 0; reader < READERS && !error; reader++)
        error = ops->insert(b->object, b->handle, reader);
    for (size_t i = 0; i < STEPS; i++) {
        counts[i] = DISTINCT_OP_COUNT;
        readers[i] = i * 97 % READERS;
    }
    return error;
}

static void tear_down(struct cost_bench *b, const void *table)
{
    const struct distinct_ops *ops = table;

    ops->detach(b->object, b->handle);
    ops->fini(b->object);
}

static void run(struct cost_bench *b, const void *table, unsigned operation, size_t n)
{
    const struct distinct_ops *ops = table;
    const uint8_t *tape = operation == COUNT ? counts : inserts;

    for (size_t done = 0; done < n; done += STEPS)
        b->failed += ops->loops.tape(b->object, b->handle, tape, readers,
                                     n - done < STEPS ? n - done : STEPS, &b->sink);
}

const struct cost_family costs_distinct = {
    .heading = "\nDISTINCT CLAPPERS           insert     count  insert/locked\n",
    .operations = operations, .open = set_up, .close = tear_down, .run = run,
};
