/*
 * quotient_pass.c - what comes before a raise of the horizon is done beforehand, in shares.
 *
 * That nobody is brought back is windows.c's affair; here it is seen when the work is done.
 */
#include <errno.h>

#include "presence_map/quotient.h"
#include "tests/support/support.h"

enum { START = 1000000, ID_BITS = chosen_row_bits == 64 ? 48 : 22 };

struct rig {
    struct presence_quotient map;
    struct presence_quotient_handle handle;
};

/* Stamps of 8 bits: a quarter is 64 seconds. */
static void rig_up(struct rig *r)
{
    static const struct contend_setting list[] = { { "id_bits", ID_BITS }, { "stamp_bits", 8 } };
    const struct presence_config config = { .expected = 100, .origin = START * UINT64_C(1000),
                                            .settings = { .list = list, .count = 2 } };

    assert_int_equal(presence_quotient_init(&r->map, &config), 0);
    assert_int_equal(r->map.table.q.quarter, 64);
    assert_int_equal(presence_quotient_attach(&r->map, &r->handle), 0);
}

static void rig_down(struct rig *r)
{
    presence_quotient_detach(&r->map, &r->handle);
    assert_int_equal(presence_quotient_fini(&r->map), 0);
}

static int beat(struct rig *r, uint64_t user, uint64_t second)
{
    return presence_quotient_heartbeat(&r->map, &r->handle, user, second * 1000);
}

static uint64_t entries(struct rig *r)
{
    struct presence_stats s;

    presence_quotient_stats(&r->map, &s);
    return s.entries;
}

/* One user beats every second.  A user who beat once is removed before a raise, never by one. */
static void is_done_beforehand(void **state)
{
    struct rig r;
    unsigned raises = 0;

    (void)state;
    rig_up(&r);
    assert_int_equal(beat(&r, 7, START), PRESENCE_CAME_ONLINE);
    for (uint64_t second = START; second < START + 10 * 64; second++) {
        uint64_t horizon = quotient_table_horizon(&r.map.table);
        uint64_t before = entries(&r);
        bool raise = second > horizon;
        if (raise)
            assert_true(quotient_pass_is_over(&r.map.table, horizon));
        assert_true(beat(&r, 1, second) >= 0);
        assert_int_equal(second <= quotient_table_horizon(&r.map.table), 1);
        if (raise) {
            assert_int_equal(entries(&r), before);
            assert_false(quotient_pass_is_over(&r.map.table,
                                               quotient_table_horizon(&r.map.table)));
        }
        raises += raise;
    }
    assert_true(raises >= 9);
    assert_int_equal(entries(&r), 1);
    rig_down(&r);
}

/* Nobody beats in the second half of a quarter: the raise does all of it. */
static void is_done_at_the_raise_otherwise(void **state)
{
    struct rig r;

    (void)state;
    rig_up(&r);
    assert_int_equal(beat(&r, 7, START + 1), PRESENCE_CAME_ONLINE);
    for (uint64_t quarter = 1; quarter <= 3; quarter++) {
        uint64_t horizon = quotient_table_horizon(&r.map.table);
        assert_false(quotient_pass_is_over(&r.map.table, horizon));
        assert_int_equal(entries(&r), quarter == 1 ? 1 : 2);
        assert_true(beat(&r, 1, START + 64 * quarter + 1) >= 0);
    }
    assert_int_equal(entries(&r), 1); /* the one that beat first is three quarters old */
    rig_down(&r);
}

/* A share that was taken for an earlier horizon is not counted for the present one. */
static void counts_no_late_share(void **state)
{
    struct rig r;
    struct quotient_table *t = &r.map.table;
    uint64_t begin, lines;

    (void)state;
    rig_up(&r);
    assert_true(beat(&r, 1, START + 1) >= 0);
    lines = t->q.lines;
    uint64_t early = quotient_pass_for(t, quotient_table_horizon(t));
    assert_int_equal(quotient_pass_add(t, &t->pass.claimed, early, lines, &begin), lines);
    assert_int_equal(quotient_pass_add(t, &t->pass.claimed, early, 1, &begin), 0);
    assert_true(beat(&r, 1, START + 65) >= 0);
    uint64_t late = quotient_pass_for(t, quotient_table_horizon(t));
    assert_int_equal(quotient_pass_add(t, &t->pass.done, late, lines - 1, &begin), lines - 1);
    assert_int_equal(quotient_pass_add(t, &t->pass.done, early, lines, &begin), 0);
    assert_false(quotient_pass_is_over(t, quotient_table_horizon(t)));
    assert_int_equal(quotient_pass_add(t, &t->pass.done, late, lines, &begin), 1);
    assert_true(quotient_pass_is_over(t, quotient_table_horizon(t)));
    rig_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_done_beforehand),
        cmocka_unit_test(is_done_at_the_raise_otherwise),
        cmocka_unit_test(counts_no_late_share),
    };

    return cmocka_run_group_tests_name("quotient_pass", tests, NULL, NULL);
}
