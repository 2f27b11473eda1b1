/* parking.c - a queue of the parking lot that two addresses share: the checker has one lock only. */
#include <pthread.h>

#include "locks/parts/parking.h"
#include "tests/support/support.h"

static char places[4096];

/* Another place that leads to the queue of the first. */
static const char *beside_the_first(void)
{
    const char *p = places + 1;

    while (contend_parking_queue(p) != contend_parking_queue(places))
        assert_true(++p < places + sizeof places);
    return p;
}

static bool yes(void *unused)
{
    (void)unused;
    return true;
}

static void note(void *more, bool left)
{
    *(bool *)more = left;
}

static void *park(void *at)
{
    parking_wait(at, yes, NULL);
    return NULL;
}

static unsigned parked(void)
{
    struct parking_queue *q = parking_enter(places);
    unsigned count = 0;

    for (const struct parked *p = q->first; p; p = p->next)
        count++;
    parking_leave(q);
    return count;
}

static pthread_t park_at(const char *at)
{
    unsigned before = parked();
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, park, (void *)at), 0);
    while (parked() == before)
        contend_yield();
    return thread;
}

/* Wakes the thread that has waited longest at that place: this one. */
static void wake_at(const char *at, pthread_t thread, bool another)
{
    bool more = !another;

    parking_wake_one(at, note, &more);
    assert_int_equal(more, another);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* Each wake-up finds its own address, from the front, the middle and the end of the queue. */
static void two_addresses_share_a_queue(void **state)
{
    const char *a = places, *b = beside_the_first();
    bool more = true;

    (void)state;
    pthread_t first = park_at(a), second = park_at(b);
    wake_at(b, second, false); /* the end: what comes next stands behind the first */
    pthread_t third = park_at(b), fourth = park_at(a), fifth = park_at(b);
    assert_int_equal(parked(), 4);
    wake_at(b, third, true); /* the middle */
    wake_at(a, first, true); /* the front */
    wake_at(b, fifth, false);
    wake_at(a, fourth, false);
    assert_int_equal(parked(), 0);
    parking_wake_one(a, note, &more); /* nobody is left */
    assert_false(more);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(two_addresses_share_a_queue) };

    return cmocka_run_group_tests_name("parking", tests, NULL, NULL);
}
