/*
 * turned.c - pairs that are turned round, on figures of which it is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "bench/judge/turned.h"

enum { BLOCKS = 9 };

/* Figures around these, which drift from block to block as a machine does. */
static struct turned_figures around(double honest, double broken, double spread)
{
    struct turned_figures f = { .blocks = BLOCKS };

    for (unsigned i = 0; i < BLOCKS; i++) {
        double drift = 1 + 0.4 * i;
        f.honest[i] = honest * drift * (1 + spread * ((i * 5) % 3 - 1.0));
        f.broken[i] = broken * drift * (1 + spread * ((i * 7) % 3 - 1.0));
    }
    return f;
}

static void the_pair_that_changes_places_is_found(void **state)
{
    struct turned_figures f[3] = { around(100, 50, 0.01), around(50, 49, 0.01),
                                   around(40, 80, 0.01) };
    struct turned t;

    (void)state;
    assert_true(turned_find(f, 3, false, false, 1, &t));
    assert_true(t.is);
    assert_int_equal(t.better, 0);
    assert_int_equal(t.worse, 2);
    assert_true(t.honest.middle > 2.4 && t.honest.middle < 2.6);
    assert_true(t.broken.middle > 0.6 && t.broken.middle < 0.65);
    /* Where less is better, the same figures say the opposite of whom is better. */
    assert_true(turned_find(f, 3, true, false, 1, &t));
    assert_true(t.is && t.better == 2 && t.worse == 0);
}

static void a_closing_gap_is_not_a_turn(void **state)
{
    struct turned_figures f[3] = { around(1000, 52, 0.01), around(500, 51, 0.01),
                                   around(10, 50, 0.01) };
    struct turned t;

    (void)state;
    assert_true(turned_find(f, 3, false, false, 1, &t));
    assert_false(t.is || t.maybe);
    assert_true(t.better == 0 && t.worse == 2);
    assert_true(t.honest.middle > 95 && t.broken.middle < 1.1);
}

/* Medians on either side of a tie, and intervals that contain it. */
static void noise_turns_nothing_round(void **state)
{
    struct turned_figures f[2] = { around(104, 96, 0.2), around(100, 100, 0) };
    struct turned t;

    (void)state;
    assert_true(turned_find(f, 2, false, false, 1, &t));
    assert_false(t.is);
    assert_true(t.maybe);
}

static void the_best_block_can_be_a_lucky_one(void **state)
{
    struct turned_figures f[2] = { around(100, 100, 0), around(80, 80, 0) };
    struct turned t;

    (void)state;
    memcpy(f[0].honest, (double[BLOCKS]){ 100, 100, 100, 100, 100, 100, 100, 100, 100 },
           sizeof(double[BLOCKS]));
    memcpy(f[1].honest, (double[BLOCKS]){ 80, 80, 80, 80, 80, 80, 80, 80, 80 },
           sizeof(double[BLOCKS]));
    memcpy(f[0].broken, f[0].honest, sizeof f[0].honest);
    memcpy(f[1].broken, f[1].honest, sizeof f[1].honest);
    f[1].broken[4] = 200;
    assert_true(turned_find(f, 2, false, false, 1, &t));
    assert_false(t.is);
    assert_true(turned_find(f, 2, false, true, 1, &t));
    assert_true(t.is && t.better == 0);
    assert_true(fabs(t.broken.middle - 0.5) < 1e-9);
    assert_true(turned_figure(f[1].broken, BLOCKS, true, true) == 80); /* least is best */
}

static void what_has_no_figures_is_in_no_pair(void **state)
{
    struct turned_figures f[2] = { around(1, 2, 0), around(2, 1, 0) };
    struct turned t;

    (void)state;
    for (unsigned i = 0; i < BLOCKS; i++)
        f[1].broken[i] = NAN;
    assert_false(turned_find(f, 2, false, false, 1, &t));
    assert_false(turned_find(f, 1, false, false, 1, &t));
    assert_true(isnan(turned_figure(f[1].broken, BLOCKS, false, false)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pair_that_changes_places_is_found),
        cmocka_unit_test(a_closing_gap_is_not_a_turn),
        cmocka_unit_test(noise_turns_nothing_round),
        cmocka_unit_test(the_best_block_can_be_a_lucky_one),
        cmocka_unit_test(what_has_no_figures_is_in_no_pair),
    };

    return cmocka_run_group_tests_name("turned", tests, NULL, NULL);
}
