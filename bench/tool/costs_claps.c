/* costs_claps.c - the prices of bounded claps: a clap or its undo, and a post's total. */
#include "bench/tool/costs_family.h"
#include "counters/claps.h"

enum operation {
    CLAP, /* every second one is taken back at once, so that none is refused */
    TOTAL
};
static const char *const operations[] = { "clap", "total", NULL };

enum { STEPS = 1024, READERS = 256 };
static uint8_t op_of[STEPS];
static uint64_t reader_of[STEPS];

static int set_up(struct cost_bench *b, const void *table)
{
    const struct claps_ops *ops = table;
    const struct claps_config config = { .posts = 1, .readers = READERS };
    int error = cost_allocate(b, ops->size, ops->handle_size);

    if (!error)
        error = ops->init(b->object, &config);
    if (!error && (error = ops->attach(b->object, b->handle)) != 0)
        ops->fini(b->object);
    return error;
}

static void tear_down(struct cost_bench *b, const void *table)
{
    const struct claps_ops *ops = table;

    ops->detach(b->object, b->handle);
    ops->fini(b->object);
}

static void begin(struct cost_bench *b, unsigned operation)
{
    b->moved = (struct claps_outcome){ 0, 0, 0, 0 };
    b->asked = 0;
    for (size_t i = 0; i < STEPS; i++) {
        op_of[i] = operation == TOTAL ? CLAPS_OP_TOTAL : i % 2 ? CLAPS_OP_UNCLAP : CLAPS_OP_CLAP;
        reader_of[i] = i / 2 * 97 % READERS;
    }
}

static void run(struct cost_bench *b, const void *table, unsigned operation, size_t n)
{
    const struct claps_ops *ops = table;

    (void)operation;
    for (size_t left = n, some; left > 0; left -= some) {
        size_t at = b->asked % 2; /* an undo follows its clap, whatever n was */
        some = left < STEPS - at ? left : STEPS - at;
        ops->loops.tape(b->object, b->handle, 0, op_of + at, reader_of + at, some, &b->moved);
        b->asked += some;
    }
}

/* A price of a clap that was refused would be that of a look. */
static const char *end(struct cost_bench *b, const void *table, unsigned operation)
{
    const struct claps_ops *ops = table;

    if (b->moved.failed)
        return "an operation failed";
    if (ops->traits->id.flags & CONTEND_FLOOR || operation == TOTAL)
        return NULL;
    return b->moved.granted + b->moved.returned == b->asked ? NULL : "claps were refused";
}

const struct cost_family costs_claps = {
    .heading = "\nBOUNDED CLAPS                 clap     total   clap/locked\n",
    .operations = operations,
    .open = set_up, .close = tear_down, .begin = begin, .run = run, .end = end,
};
