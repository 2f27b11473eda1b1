/*
 * end_to_end.c - the arithmetic of `contend end-to-end`: the floor is taken off, and users are counted right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "bench/serve/labs/end_to_end.h"

static struct end_run *run_of(struct end_lab *l, const char *name)
{
    for (unsigned i = 0; i < END_SUBJECTS; i++)
        if (strcmp(end_subjects[i].name, name) == 0)
            return &l->runs[i];
    fail();
    return NULL;
}

/* Processor time and time inside operations of a request. */
static void put(struct end_lab *l, const char *name, double cpu_ns, double strategy_ns)
{
    struct end_run *r = run_of(l, name);

    r->done = true;
    r->cpu_ns = cpu_ns;
    r->strategy_ns = strategy_ns;
}

static bool is_near(double a, double b)
{
    return fabs(a - b) < 1e-9 * fabs(b);
}

static void what_does_nothing_is_the_floor(void **state)
{
    static struct end_lab l;

    (void)state;
    put(&l, "hello", 15000, 0);
    put(&l, "null", 20400, 400);
    put(&l, "packed", 20300, 300); /* less than the floor: a machine's doing */
    put(&l, "mutex", 22000, 5400);
    put(&l, "redis_zset", 50000, 180400);
    end_lab_find_shares(&l);
    assert_true(run_of(&l, "null")->beyond_ns == 0 && run_of(&l, "null")->share == 0);
    assert_true(run_of(&l, "packed")->beyond_ns == 0 && run_of(&l, "packed")->share == 0);
    assert_true(is_near(run_of(&l, "mutex")->beyond_ns, 5000));
    assert_true(is_near(run_of(&l, "mutex")->share, 0.2)); /* 5,000 of 20,000 and it */
    assert_true(is_near(run_of(&l, "redis_zset")->share, 0.9));
    assert_true(isnan(run_of(&l, "hello")->share) && isnan(run_of(&l, "hello")->beyond_ns));
    assert_true(isnan(run_of(&l, "sqlite_atomic")->share)); /* it was not run */
}

static void without_a_floor_there_is_no_share(void **state)
{
    static struct end_lab l;

    (void)state;
    put(&l, "mutex", 22000, 5400);
    end_lab_find_shares(&l);
    assert_true(isnan(run_of(&l, "mutex")->share) && isnan(run_of(&l, "mutex")->beyond_ns));
    assert_true(isnan(end_lab_alone(run_of(&l, "mutex"))));
}

/* 5 us of a request beyond the floor are 200,000 requests a second: 100,000 heartbeats, of a million users. */
static void users_are_counted_by_their_beats(void **state)
{
    struct end_run r = { .strategy_ns = 5400, .beyond_ns = 5000 };

    (void)state;
    assert_true(is_near(end_lab_alone(&r), 200000));
    assert_true(is_near(end_lab_users(end_lab_alone(&r)), 1));
    r.beyond_ns = 0;
    assert_true(isnan(end_lab_alone(&r)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_nothing_is_the_floor),
        cmocka_unit_test(without_a_floor_there_is_no_share),
        cmocka_unit_test(users_are_counted_by_their_beats),
    };

    return cmocka_run_group_tests_name("end to end", tests, NULL, NULL);
}
