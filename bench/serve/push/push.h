/*
 * push.h - the contract of fan-out: one writer's events, to any number of readers.
 *
 * A means NAME is one header, bench/serve/push/HEADER.h, with `struct push_HEADER`, a reader's
 * `struct push_HEADER_handle`, the operations below as `static inline` functions
 * `push_HEADER_publish(push, event)` and so on, and its traits.
 *
 * Guarantees
 *
 *  P1  publish() gives the next number, from 0 on, to the event.  One thread publishes.  It never
 *      waits for a reader, however slow that is.
 *  P2  read() gives a reader the events in the order of their numbers, each at most once and whole.
 *      It returns 1, or 0 if there is none yet.  What the writer did before it published an event
 *      happens before what the reader does after it was given that event.
 *  P3  What a reader is not given it is told of: read() adds to *lost how many events were passed over
 *      since the last call.  When it returns 0, what was given and what was lost together are all
 *      events from the reader's first one to the newest that was published before the call.
 *  P4  attach() makes a reader of what is published after it has returned; an event that is published
 *      meanwhile may be given, left out, or counted as lost.  -EAGAIN: there are as many readers as the
 *      configuration allows.  Any thread may read, with a handle of its own.
 *  P5  Memory does not grow with events.
 *  P6  init returns 0, -ENOMEM, or -EINVAL for slots that are no power of two.  It and fini are
 *      called by one thread while nothing else is under way.
 */
#ifndef CONTEND_BENCH_SERVE_PUSH_H
#define CONTEND_BENCH_SERVE_PUSH_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/serve/means.h"
#include "locks/parts/allocator.h"
#include "locks/parts/platform.h"

/* What happened: the kind is the application's, and so is the key; when, in real ns. */
struct push_event {
    uint64_t kind, key, at_ns;
};

struct push_config {
    uint64_t slots;   /* events that a reader may be behind; a power of two, at least 1 */
    uint64_t readers; /* the most at once, for means that keep something for each */
    const struct contend_allocator *allocator; /* NULL = the C library's */
};

struct push_traits {
    struct contend_identity id;
    unsigned publish, read; /* progress, enum contend_progress */
    bool each;              /* a publication does something for each reader, and memory grows with them */
    bool keeps_oldest;      /* a reader that is too slow loses the newest events, not the oldest */
};

#define PUSH_OPERATIONS(GIVES, DOES)                                                          \
    GIVES(int, init, (void *push, const struct push_config *config), (push, config))          \
    DOES(fini, (void *push), (push))                                                          \
    DOES(publish, (void *push, const struct push_event *event), (push, event))                \
    GIVES(int, attach, (void *push, void *handle), (push, handle))                            \
    DOES(detach, (void *push, void *handle), (push, handle))                                  \
    GIVES(int, read, (void *push, void *handle, struct push_event *out, uint64_t *lost),      \
          (push, handle, out, lost))                                                          \
    GIVES(size_t, bytes, (const void *push), (push))

/* The loop of benchmarks: publishes n events with the numbers 0 to n - 1 as their keys. */
struct push_loops {
    void (*publish)(void *push, uint64_t n);
};

/* The table, and the registry. */
SERVE_MEANS(push, PUSH_OPERATIONS);

#endif
