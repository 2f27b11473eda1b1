/*
 * knee.c - the search for the highest rate, on answers whose knee is known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "bench/judge/knee.h"

struct scripted {
    double knee;          /* rates above it fail */
    unsigned lies;        /* so many of the first answers fail at any rate */
    unsigned ends_after;  /* tries, then an error; 0: never */
    unsigned tries;
};

static int tries(void *ctx, double rate)
{
    struct scripted *s = ctx;

    s->tries++;
    if (s->ends_after && s->tries > s->ends_after)
        return -EINTR;
    if (s->lies > 0) {
        s->lies--;
        return 0;
    }
    return rate <= s->knee;
}

static const struct knee_range range = { .first = 64, .least = 1, .most = 65536, .halvings = 3 };

static void finds_it_wherever_it_is(void **state)
{
    (void)state;
    for (double knee = 1; knee < 65536; knee *= 1.07) {
        struct scripted s = { .knee = knee };
        struct knee found;
        assert_int_equal(knee_find(&found, &range, tries, &s), 0);
        assert_true(found.copes <= knee && found.fails > knee);
        assert_true(found.fails / found.copes <= pow(4, 1.0 / 8) * 1.0001);
        assert_true(s.tries < 25);
    }
}

static void says_when_it_is_beyond_the_range(void **state)
{
    struct scripted low = { .knee = 0.5 }, high = { .knee = 1e9 };
    struct knee found;

    (void)state;
    assert_int_equal(knee_find(&found, &range, tries, &low), 0);
    assert_true(found.copes == 0 && found.fails == 1);
    assert_int_equal(knee_find(&found, &range, tries, &high), 0);
    assert_true(found.copes == 65536 && found.fails == 0);
}

/* One disturbed try must not become the verdict. */
static void tries_a_failure_again(void **state)
{
    struct scripted s = { .knee = 1000, .lies = 1 };
    struct knee found;

    (void)state;
    assert_int_equal(knee_find(&found, &range, tries, &s), 0);
    assert_true(found.copes > 800 && found.copes <= 1000);
}

static void keeps_what_was_found_until_an_error(void **state)
{
    struct scripted s = { .knee = 1e9, .ends_after = 3 };
    struct knee found;

    (void)state;
    assert_int_equal(knee_find(&found, &range, tries, &s), -EINTR);
    assert_true(found.copes == 256 && found.fails == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_it_wherever_it_is),
        cmocka_unit_test(says_when_it_is_beyond_the_range),
        cmocka_unit_test(tries_a_failure_again),
        cmocka_unit_test(keeps_what_was_found_until_an_error),
    };

    return cmocka_run_group_tests_name("knee", tests, NULL, NULL);
}
