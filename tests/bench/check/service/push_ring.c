/*
 * push_ring.c - a writer whose ring has two slots, and two readers that are lapped.
 *
 * What a reader is given is whole and in order, and what it is not given it is told of.
 */
#include "bench/serve/push/ring.h"
#include "bench/check/textbook/textbook.h"

enum { EVENTS = 3, SLOTS = 2 };

static struct push_ring ring;
static int letters[EVENTS]; /* written before each event, plain */

static void setup(void *unused)
{
    const struct push_config config = { .slots = SLOTS };

    (void)unused;
    check_that(push_ring_init(&ring, &config) == 0);
}

static void writer(void *unused)
{
    (void)unused;
    for (unsigned n = 0; n < EVENTS; n++) {
        letters[n] = (int)n + 1;
        push_ring_publish(&ring, &(struct push_event){ n, n + 10, n + 20 });
    }
}

static void reader(void *unused)
{
    struct push_ring_handle me = { 0 };
    uint64_t next = 0;

    (void)unused;
    while (next < EVENTS) {
        struct push_event e = { 0, 0, 0 };
        uint64_t lost = 0;
        int got = push_ring_read(&ring, &me, &e, &lost);
        check_that(lost <= EVENTS - next);
        next += lost;
        if (got) {
            check_that(e.kind == next && e.key == next + 10 && e.at_ns == next + 20);
            check_that(letters[next] == (int)next + 1);
            next++;
        } else {
            check_cpu_relax();
        }
    }
    check_that(next == EVENTS);
}

static void finally(void *unused)
{
    (void)unused;
    check_that(push_ring_head(&ring) == EVENTS);
    push_ring_fini(&ring);
}

const struct check_test textbook = { .name = "push_ring", .setup = setup,
                                     .threads = { writer, reader, reader }, .finally = finally };
