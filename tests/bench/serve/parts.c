/*
 * parts.c - the broadcast ring and the timing wheel, without a socket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "bench/serve/ago.h"
#include "bench/serve/push/ring.h"
#include "bench/serve/watchers.h"

enum { SLOTS = 16, EVENTS = 200000, READERS = 3 };

/* ---- the ring ---- */

static void a_reader_gets_each_event_once_and_in_order(void **state)
{
    struct push_ring ring;
    struct push_event e = { 0, 0, 0 };
    uint64_t cursor = 0, lost = 0;

    (void)state;
    assert_int_equal(push_ring_init(&ring, SLOTS), 0);
    assert_int_equal(push_ring_read(&ring, &cursor, &e, &lost), 0);
    for (uint64_t n = 0; n < SLOTS; n++)
        push_ring_write(&ring, (struct push_event){ 1, n, 2 * n });
    for (uint64_t n = 0; n < SLOTS; n++) {
        assert_int_equal(push_ring_read(&ring, &cursor, &e, &lost), 1);
        assert_true(e.kind == 1 && e.key == n && e.at_ns == 2 * n);
    }
    assert_int_equal(push_ring_read(&ring, &cursor, &e, &lost), 0);
    assert_int_equal(lost, 0);
    push_ring_fini(&ring);
}

static void a_slow_reader_is_told_what_it_missed(void **state)
{
    struct push_ring ring;
    struct push_event e = { 0, 0, 0 };
    uint64_t cursor = 0, lost = 0;

    (void)state;
    assert_int_equal(push_ring_init(&ring, SLOTS), 0);
    for (uint64_t n = 0; n < 3 * SLOTS + 5; n++)
        push_ring_write(&ring, (struct push_event){ 1, n, 0 });
    assert_int_equal(push_ring_read(&ring, &cursor, &e, &lost), 1);
    assert_int_equal(lost, 2 * SLOTS + 5);
    assert_int_equal(e.key, lost); /* the oldest that is there */
    push_ring_fini(&ring);
}

struct reading {
    const struct push_ring *ring;
    uint64_t got, lost, wrong;
};

/* Takes all there is, until the last event: in order, and each whole. */
static void *read_all(void *arg)
{
    struct reading *r = arg;
    struct push_event e = { .key = 0 };
    uint64_t cursor = 0, next = 0;

    while (cursor < EVENTS) {
        uint64_t lost = 0;
        if (!push_ring_read(r->ring, &cursor, &e, &lost)) {
            r->lost += lost;
            next += lost;
            sched_yield();
            continue;
        }
        next += lost;
        r->wrong += e.key != next || e.kind != 3 * e.key || e.at_ns != ~e.key;
        r->lost += lost;
        r->got++;
        next++;
    }
    return NULL;
}

static void beside_a_writer_no_event_is_torn_or_lost_in_silence(void **state)
{
    struct push_ring ring;
    struct reading readings[READERS];
    pthread_t threads[READERS];

    (void)state;
    assert_int_equal(push_ring_init(&ring, SLOTS), 0);
    memset(readings, 0, sizeof readings);
    for (int i = 0; i < READERS; i++) {
        readings[i].ring = &ring;
        assert_int_equal(pthread_create(&threads[i], NULL, read_all, &readings[i]), 0);
    }
    for (uint64_t n = 0; n < EVENTS; n++) {
        push_ring_write(&ring, (struct push_event){ 3 * n, n, ~n });
        if (n % 64 == 0)
            sched_yield();
    }
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(readings[i].wrong, 0);
        assert_int_equal(readings[i].got + readings[i].lost, EVENTS);
    }
    push_ring_fini(&ring);
}

/* ---- the wheel ---- */

struct looked {
    uint64_t users[64], count, again;
};

static uint64_t look(void *ctx, uint64_t user)
{
    struct looked *l = ctx;

    l->users[l->count++ % 64] = user;
    return l->again;
}

static void users_are_looked_at_when_their_time_is_over(void **state)
{
    struct watchers w;
    struct looked l = { .count = 0 };

    (void)state;
    watchers_begin(&w, 30000, 1000000);
    assert_int_equal(watchers_add(&w, 7, 1030000), 0);
    assert_int_equal(watchers_add(&w, 7, 1030000), 0); /* the same user becomes one */
    assert_int_equal(watchers_add(&w, 8, 1010000), 0);
    watchers_look(&w, 1010000, 100, look, &l);
    assert_int_equal(l.count, 0);
    watchers_look(&w, 1012000, 100, look, &l);
    assert_true(l.count == 1 && l.users[0] == 8);
    watchers_look(&w, 1030000, 100, look, &l);
    assert_int_equal(l.count, 1); /* online for exactly 30 s is online */
    l.again = 1050000;
    watchers_look(&w, 1032000, 100, look, &l);
    assert_true(l.count == 2 && l.users[1] == 7);
    l.again = 0;
    watchers_look(&w, 1049000, 100, look, &l);
    assert_int_equal(l.count, 2);
    watchers_look(&w, 1052000, 100, look, &l);
    assert_int_equal(l.count, 3);
    watchers_look(&w, 2000000, 100, look, &l);
    assert_int_equal(l.count, 3);
    watchers_end(&w);
}

static void a_crowd_is_looked_at_in_parts(void **state)
{
    struct watchers w;
    struct looked l = { .count = 0 };

    (void)state;
    watchers_begin(&w, 30000, 1000);
    for (uint64_t user = 0; user < 10000; user++)
        assert_int_equal(watchers_add(&w, user, 2000), 0);
    for (uint64_t parts = 1; parts <= 4; parts++) {
        watchers_look(&w, 5000, 2500, look, &l);
        assert_int_equal(l.count, 2500 * parts);
    }
    watchers_look(&w, 5000, 2500, look, &l);
    assert_int_equal(l.count, 10000);
    watchers_end(&w);
}

/* ---- words ---- */

static void ages_are_said_in_whole_units(void **state)
{
    static const struct { uint64_t ms; const char *text; } known[] = {
        { 0, "active 0 seconds ago" }, { 1999, "active 1 second ago" },
        { 59999, "active 59 seconds ago" }, { 60000, "active 1 minute ago" },
        { 725000, "active 12 minutes ago" }, { 3600000, "active 1 hour ago" },
        { 86399999, "active 23 hours ago" }, { 172800000, "active 2 days ago" },
    };
    char text[AGO_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_string_equal(ago_text(known[i].ms, text), known[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_gets_each_event_once_and_in_order),
        cmocka_unit_test(a_slow_reader_is_told_what_it_missed),
        cmocka_unit_test(beside_a_writer_no_event_is_torn_or_lost_in_silence),
        cmocka_unit_test(users_are_looked_at_when_their_time_is_over),
        cmocka_unit_test(a_crowd_is_looked_at_in_parts),
        cmocka_unit_test(ages_are_said_in_whole_units),
    };

    return cmocka_run_group_tests_name("serve_parts", tests, NULL, NULL);
}
