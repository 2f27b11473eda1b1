/*
 * ticket_queue.c - a thread that comes to a ticket lock behind seventy waiters is the last.
 *
 * A test of a few threads cannot make a long queue.  The waiters are numbers that were taken before
 * the test begins; one thread stands for all of them, one after the other, and releases each turn.
 */
#include "locks/ticket.h"
#include "bench/check/textbook/textbook.h"

enum { WAITERS = 70 };

static struct lock_ticket lock;
static struct lock_ticket_handle handles[2];
static int served; /* guarded by the lock */

static void setup(void *unused)
{
    (void)unused;
    check_that(lock_ticket_init(&lock, NULL) == 0);
    lock.backoff = 0; /* no pauses, which would be steps */
    ADD(lock.next, WAITERS, rlx);
    served = 0;
}

static void waiters(void *unused)
{
    (void)unused;
    for (int i = 0; i < WAITERS; i++) {
        served++;
        lock_ticket_release(&lock, &handles[0]);
    }
}

static void the_last(void *unused)
{
    (void)unused;
    check_that(lock_ticket_acquire(&lock, &handles[1]) == 0);
    check_that(served == WAITERS);
    lock_ticket_release(&lock, &handles[1]);
}

const struct check_test textbook = { .name = "ticket_queue", .setup = setup,
                                     .threads = { waiters, the_last } };
