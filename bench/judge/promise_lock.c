/* promise_lock.c - what locks promise. */
#include <stdio.h>

#include "bench/judge/promise_family.h"
#include "locks/lock.h"

static unsigned features(const void *ops)
{
    return ((const struct lock_ops *)ops)->traits->features;
}

/* Whatever the lock: a thread that stalls in its section holds the others up. */
static void pair(const void *ops, unsigned *write, unsigned *read)
{
    (void)ops;
    *write = *read = CONTEND_BLOCKING;
}

static const char *guarantee(const void *ops, char buffer[PROMISE_WORDS])
{
    snprintf(buffer, PROMISE_WORDS, "%s%s", features(ops) & LOCK_FIFO ? "fifo, " : "",
             features(ops) & LOCK_SLEEPS ? "sleeping" : "spinning");
    return buffer;
}

static uint64_t weakness(const void *ops)
{
    return !(features(ops) & LOCK_FIFO);
}

const struct promise_family promises_lock = {
    .heading = "waiting", .stronger = " lets its waiters in by turns",
    .pair = pair, .guarantee = guarantee, .weakness = weakness,
};
