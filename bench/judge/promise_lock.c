/* promise_lock.c - what locks promise. */
#include <stdio.h>

#include "bench/judge/promise_family.h"
#include "locks/lock.h"

static unsigned features(const void *traits)
{
    return ((const struct lock_traits *)traits)->features;
}

/* For every lock: a thread that stalls in its section holds the others up. */
static void pair(const void *traits, unsigned *write, unsigned *read)
{
    (void)traits;
    *write = *read = CONTEND_BLOCKING;
}

static const char *guarantee(const void *traits, char buffer[PROMISE_WORDS])
{
    snprintf(buffer, PROMISE_WORDS, "%s%s", features(traits) & LOCK_FIFO ? "fifo, " : "",
             features(traits) & LOCK_SLEEPS ? "sleeping" : "spinning");
    return buffer;
}

static uint64_t weakness(const void *traits)
{
    return !(features(traits) & LOCK_FIFO);
}

const struct promise_family promises_lock = {
    .heading = "waiting", .stronger = " lets its waiters in by turns",
    .pair = pair, .guarantee = guarantee, .weakness = weakness,
};
