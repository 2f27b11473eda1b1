/*
 * test_classes.c - the judge of the weaker classes is judged: it accepts a weak map that says
 * so, and finds each lie.
 */
#include "tests/presence_map/classes.h"
#include "tests/presence_map/weak.h"
#include "tests/support/support.h"

static void accepts_what_is_declared(void **state)
{
    (void)state;
    assert_null(map_class_flaw(weak_map(WEAK_HONEST, true)));
    assert_null(map_class_flaw(weak_map(WEAK_HONEST, false)));
}

static void finds_every_lie(void **state)
{
    (void)state;
    for (int lie = WEAK_HONEST + 1; lie < WEAK_LIES; lie++)
        if (!map_class_flaw(weak_map((enum weak_lie)lie, lie != WEAK_TELLS_LAST_SEEN)))
            fail_msg("lie %d is believed", lie);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_what_is_declared),
        cmocka_unit_test(finds_every_lie),
    };

    return cmocka_run_group_tests_name("map classes", tests, NULL, NULL);
}
