/*
 * push_queues.c - a writer, a reader that is overrun, and one that leaves for another to come.
 *
 * The reader is given the events whole and in order, and told of the others.  The last one takes over a queue
 * that the writer may still be filling for the reader before.
 */
#include "bench/serve/push/queues.h"
#include "bench/check/textbook/textbook.h"

enum { EVENTS = 3, SLOTS = 1 };

static struct push_queues queues;
static struct push_queues_handle first, second;
static int letters[EVENTS]; /* written before each event, plain */

static void setup(void *unused)
{
    const struct push_config config = { .slots = SLOTS, .readers = 2 };

    (void)unused;
    check_that(push_queues_init(&queues, &config) == 0);
    check_that(push_queues_attach(&queues, &first) == 0);
    check_that(push_queues_attach(&queues, &second) == 0);
}

static void writer(void *unused)
{
    (void)unused;
    for (unsigned n = 0; n < EVENTS; n++) {
        letters[n] = (int)n + 1;
        push_queues_publish(&queues, &(struct push_event){ n, n + 10, n + 20 });
    }
}

/* The number of the event that it looks for next. */
static uint64_t read_one(struct push_queues_handle *me, uint64_t next)
{
    struct push_event e = { 0, 0, 0 };
    uint64_t lost = 0;
    int got = push_queues_read(&queues, me, &e, &lost);

    check_that(lost <= EVENTS - next);
    next += lost;
    if (!got)
        return next;
    check_that(e.kind == next && e.key == next + 10 && e.at_ns == next + 20);
    check_that(letters[next] == (int)next + 1);
    return next + 1;
}

static void reader(void *unused)
{
    (void)unused;
    for (uint64_t next = 0; next < EVENTS; next = read_one(&first, next))
        check_cpu_relax();
}

static void leaver(void *unused)
{
    (void)unused;
    read_one(&second, 0);
    push_queues_detach(&queues, &second);
    check_that(push_queues_attach(&queues, &second) == 0);
    for (uint64_t next = second.next; next < EVENTS; next = read_one(&second, next))
        check_cpu_relax();
    push_queues_detach(&queues, &second);
}

static void finally(void *unused)
{
    (void)unused;
    check_that(push_queues_head(&queues) == EVENTS);
    push_queues_fini(&queues);
}

const struct check_test textbook = { .name = "push_queues", .setup = setup,
                                     .threads = { writer, reader, leaver }, .finally = finally };
