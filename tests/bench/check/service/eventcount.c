/*
 * eventcount.c - two waiters for one announcement: no wake-up is lost.
 *
 * The waiters sleep at once, without spinning, so that every order of counting, looking and
 * announcing is tried.
 */
#define WAIT_EVENTCOUNT_SPINS 0
#include "bench/serve/wait/eventcount.h"
#include "bench/check/textbook/textbook.h"

static struct wait_eventcount event;
static int letter;

static void setup(void *unused)
{
    (void)unused;
    wait_eventcount_init(&event);
    letter = 0;
}

static void announcer(void *unused)
{
    (void)unused;
    letter = 7;
    wait_eventcount_announce(&event);
}

static void waiter(void *unused)
{
    (void)unused;
    check_that(wait_eventcount_await(&event, 0) == 1);
    check_that(letter == 7);
}

static void finally(void *unused)
{
    (void)unused;
    check_that(LD(event.sleepers, rlx) == 0);
}

const struct check_test textbook = { .name = "eventcount", .setup = setup,
                                     .threads = { announcer, waiter, waiter }, .finally = finally };
