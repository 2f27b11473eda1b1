/*
 * parts.c - the timing wheel, claps that are asked for, and ages as text, without a socket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "bench/serve/ago.h"
#include "bench/serve/applause_claps.h"
#include "bench/serve/watchers.h"
#include "counters/claps.h"
#include "tests/support/failing_heap.h"

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

/* A wheel with so many users who are due at 2,000 ms. */
static void begin_with(struct watchers *w, uint64_t users)
{
    watchers_begin(w, 30000, 1000);
    for (uint64_t user = 0; user < users; user++)
        assert_int_equal(watchers_add(w, user, 2000), 0);
}

static void a_crowd_is_looked_at_in_parts(void **state)
{
    struct watchers w;
    struct looked l = { .count = 0 };

    (void)state;
    begin_with(&w, 4000);
    for (uint64_t parts = 1; parts <= 4; parts++) {
        assert_int_equal(watchers_look(&w, 5000, 1000, look, &l), parts < 4); /* whether any are left */
        assert_int_equal(l.count, 1000 * parts);
    }
    assert_false(watchers_look(&w, 5000, 1000, look, &l));
    assert_int_equal(l.count, 4000);
    for (unsigned slot = 0; slot < WATCHERS_SLOTS; slot++) /* what it took is given back */
        assert_null(w.slots[slot]);
    watchers_end(&w);
}

/* Those who are due need memory to be sorted in: without it they wait. */
static void without_memory_nobody_is_missed(void **state)
{
    struct watchers w;
    struct looked l = { .count = 0 };

    (void)state;
    begin_with(&w, 200); /* more than a block */
    heap_fails_after(0);
    assert_int_equal(watchers_add(&w, 7, 9000), -ENOMEM);
    assert_true(heap_failed());
    heap_fails_after(0);
    assert_true(watchers_look(&w, 5000, 1000, look, &l));
    assert_true(heap_failed());
    assert_int_equal(l.count, 0);
    assert_false(watchers_look(&w, 5000, 1000, look, &l));
    assert_int_equal(l.count, 200);
    watchers_end(&w);
}

/* ---- all claps ---- */

static const struct claps_ops *counted;
static unsigned questions;

static int count_question(void *claps, void *handle, uint64_t post, uint64_t reader)
{
    questions++;
    return counted->given(claps, handle, post, reader);
}

struct met {
    unsigned pairs, claps;
};

static int meet(void *ctx, uint64_t post, uint64_t reader, int given)
{
    struct met *m = ctx;

    m->pairs++;
    m->claps += (unsigned)given;
    return post == 99 && reader == 9999 ? -ECANCELED : 0;
}

/* A million questions would hold up a save, and with a store behind it a switch and the end as well. */
static void of_all_pairs_those_with_claps_are_asked_for(void **state)
{
    struct claps_ops ops;
    struct applause *a;
    struct met met = { 0, 0 };

    (void)state;
    counted = contend_claps_find("mutex");
    ops = *counted;
    ops.given = count_question;
    assert_int_equal(applause_make(&a, &(struct applause_plan){ .strategy = &ops, .posts = 100, .readers = 10000,
                                                                .sides = 1 }), 0);
    assert_int_equal(applause_attach(a, 0), 0);
    assert_int_equal(applause_each(a, 0, meet, &met), 0);
    assert_int_equal(questions, 0);
    for (unsigned n = 0; n < 3; n++) {
        assert_int_equal(applause_give(a, 0, 1, 0, 2), 2);
        assert_int_equal(applause_give(a, 0, 1, 64, 1), 1);
    }
    assert_int_equal(applause_give(a, 0, 98, 63, 50), 50);
    assert_int_equal(applause_give(a, 0, 98, 62, 1), 1);
    assert_int_equal(applause_give(a, 0, 98, 62, -1), 1); /* taken back */
    assert_int_equal(applause_give(a, 0, 98, 61, -1), 0);
    assert_int_equal(applause_give(a, 0, 100, 0, 1), -ERANGE);
    assert_int_equal(applause_give(a, 0, 0, 10000, 1), -ERANGE);
    assert_int_equal(applause_each(a, 0, meet, &met), 0);
    assert_int_equal(questions, 4);
    assert_true(met.pairs == 3 && met.claps == 6 + 3 + 50);
    heap_fails_after(0);
    assert_int_equal(applause_give(a, 0, 99, 9999, 1), -ENOMEM);
    assert_true(heap_failed());
    assert_int_equal(applause_give(a, 0, 99, 9999, 1), 1);
    assert_int_equal(applause_each(a, 0, meet, &met), -ECANCELED);
    applause_detach(a, 0);
    applause_end(a);
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
        cmocka_unit_test(users_are_looked_at_when_their_time_is_over),
        cmocka_unit_test(a_crowd_is_looked_at_in_parts),
        cmocka_unit_test(without_memory_nobody_is_missed),
        cmocka_unit_test(of_all_pairs_those_with_claps_are_asked_for),
        cmocka_unit_test(ages_are_said_in_whole_units),
    };

    return cmocka_run_group_tests_name("serve_parts", tests, NULL, NULL);
}
