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
    assert_true(turned_find(f, 3, 0, false, 1, &t));
    assert_true(t.is);
    assert_int_equal(t.better, 0);
    assert_int_equal(t.worse, 2);
    assert_true(t.honest.middle > 2.4 && t.honest.middle < 2.6);
    assert_true(t.broken.middle > 0.6 && t.broken.middle < 0.65);
    /* Where less is better, the same figures say the opposite of whom is better. */
    assert_true(turned_find(f, 3, 0, true, 1, &t));
    assert_true(t.is && t.better == 2 && t.worse == 0);
}

static void a_closing_gap_is_not_a_turn(void **state)
{
    struct turned_figures f[3] = { around(1000, 52, 0.01), around(500, 51, 0.01),
                                   around(10, 50, 0.01) };
    struct turned t;

    (void)state;
    assert_true(turned_find(f, 3, 0, false, 1, &t));
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
    assert_true(turned_find(f, 2, 0, false, 1, &t));
    assert_false(t.is);
    assert_true(t.maybe);
}

/* What the first blocks say does not count: they chose the pair. */
static void the_blocks_of_the_search_do_not_judge(void **state)
{
    struct turned_figures f[2] = { around(100, 80, 0.01), around(80, 100, 0.01) };
    struct turned t;

    (void)state;
    assert_true(turned_find(f, 2, 0, false, 1, &t));
    assert_true(t.is);
    for (unsigned i = 3; i < BLOCKS; i++)
        f[0].broken[i] = f[1].broken[i] * 1.25;
    assert_true(turned_find(f, 2, 3, false, 1, &t));
    assert_false(t.is || t.maybe);
    assert_true(fabs(t.broken.middle - 1.25) < 0.01);
}

/* First the pair that is turned most, then the one that is nearest to it among the others. */
static void the_pairs_worth_looking_at_come_first(void **state)
{
    struct turned_figures f[5] = { around(100, 90, 0), around(50, 80, 0), around(40, 99, 0),
                                   around(99, 41, 0), around(10, 10, 0) };
    unsigned chosen[5];

    (void)state;
    assert_int_equal(turned_candidates(f, 5, 3, false, chosen, 4), 4);
    assert_true(chosen[0] == 3 && chosen[1] == 2);
    assert_true(chosen[2] == 0 && chosen[3] == 1);
    assert_int_equal(turned_candidates(f, 5, 3, true, chosen, 3), 2); /* pairs only */
    assert_true(chosen[0] == 2 && chosen[1] == 3);
    for (unsigned i = 0; i < BLOCKS; i++)
        f[2].broken[i] = NAN;
    assert_int_equal(turned_candidates(f, 3, 3, false, chosen, 4), 2);
    assert_true(chosen[0] == 0 && chosen[1] == 1);
    assert_int_equal(turned_candidates(f, 1, 3, false, chosen, 4), 0);
}

static void what_has_no_figures_is_in_no_pair(void **state)
{
    struct turned_figures f[2] = { around(1, 2, 0), around(2, 1, 0) };
    struct turned t;

    (void)state;
    for (unsigned i = 0; i < BLOCKS; i++)
        f[1].broken[i] = NAN;
    assert_false(turned_find(f, 2, 0, false, 1, &t));
    assert_false(turned_find(f, 1, 0, false, 1, &t));
    assert_true(isnan(turned_figure(f[1].broken, BLOCKS)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pair_that_changes_places_is_found),
        cmocka_unit_test(a_closing_gap_is_not_a_turn),
        cmocka_unit_test(noise_turns_nothing_round),
        cmocka_unit_test(the_blocks_of_the_search_do_not_judge),
        cmocka_unit_test(the_pairs_worth_looking_at_come_first),
        cmocka_unit_test(what_has_no_figures_is_in_no_pair),
    };

    return cmocka_run_group_tests_name("turned", tests, NULL, NULL);
}
