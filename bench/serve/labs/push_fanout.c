/* push_fanout.c - what fan-out costs its writer, by the number of readers, without a socket. */
#include <errno.h>
#include <stdlib.h>

#include "bench/serve/labs/push.h"

enum { SLOTS = 64, BATCH = SLOTS / 2, ROUNDS = 101, EVENTS_READ = 2000000 };

const uint64_t push_readers[PUSH_READERS] = { 1, 10, 100, 1000, 10000 };

struct bench {
    const struct push_ops *ops;
    void *push;
    char *handles; /* of the readers, and at the end one that stands still */
    size_t stride;
    uint64_t readers;
};

static void *handle(const struct bench *b, uint64_t i)
{
    return b->handles + i * b->stride;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static uint64_t drain(const struct bench *b, void *one, uint64_t *lost)
{
    struct push_event e;
    uint64_t got = 0;

    while (b->ops->read(b->push, one, &e, lost))
        got++;
    return got;
}

/* Batches that fit into a queue, each taken by all readers before the next: the median of the rounds. */
static void measure(const struct bench *b, struct push_fanout *out)
{
    double publish[ROUNDS], read[ROUNDS];
    uint64_t rounds = EVENTS_READ / (BATCH * b->readers), lost = 0;

    rounds = rounds > ROUNDS ? ROUNDS : rounds < 5 ? 5 : rounds;
    for (uint64_t r = 0; r < rounds; r++) {
        uint64_t begun = contend_clock_ns(), between;
        b->ops->loops.publish(b->push, BATCH);
        between = contend_clock_ns();
        publish[r] = (double)(between - begun) / BATCH;
        for (uint64_t i = 0; i < b->readers; i++)
            drain(b, handle(b, i), &lost);
        read[r] = (double)(contend_clock_ns() - between) / (BATCH * (double)b->readers);
    }
    qsort(publish, rounds, sizeof *publish, by_size);
    qsort(read, rounds, sizeof *read, by_size);
    out->publish_ns = publish[rounds / 2];
    out->read_ns = read[rounds / 2];
    out->published = rounds * BATCH;
    out->got = drain(b, handle(b, b->readers), &out->lost);
    out->lost += lost; /* readers that keep up lose nothing */
}

int push_lab_fanout(struct push_lab *l, unsigned entry, unsigned readers)
{
    struct push_fanout *out = &l->fanout[entry][readers];
    struct bench b = { .ops = l->entries[entry], .readers = push_readers[readers] };
    const struct push_config config = { .slots = SLOTS, .readers = b.readers + 1 };
    int error = -ENOMEM;

    b.stride = (b.ops->handle_size + b.ops->handle_align - 1) / b.ops->handle_align *
               b.ops->handle_align;
    b.push = contend_alloc(CONTEND_CACHE_LINE, b.ops->size);
    b.handles = contend_alloc(CONTEND_CACHE_LINE, (b.readers + 1) * b.stride);
    if (b.push && b.handles)
        error = b.ops->init(b.push, &config);
    if (!error) {
        for (uint64_t i = 0; i <= b.readers && !error; i++)
            error = b.ops->attach(b.push, handle(&b, i));
        if (!error)
            measure(&b, out);
        out->bytes = b.ops->bytes(b.push) + b.readers * b.stride;
        out->done = !error;
        b.ops->fini(b.push);
    }
    free(b.handles);
    free(b.push);
    return error;
}
