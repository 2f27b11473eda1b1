/*
 * nearest.c - "did you mean": of which wrong names, and which it offers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/base/nearest.h"

/* What is offered of four names, with folders or without. */
static const char *hint_for(const char *wanted, const char *const names[4], char hint[NEAREST_HINT])
{
    struct nearest near = { .wanted = wanted };

    for (unsigned i = 0; i < 4; i++)
        nearest_offer(&near, names[i]);
    return nearest_hint(&near, "", hint);
}

static const char *const folders[4] = { "counters/tas", "counters/striped", "locks/striped",
                                        "presence_map/packed" };
static const char *const plain[4] = { "tas", "striped", "per_thread", "packed" };

static void distances_are_known(void **state)
{
    (void)state;
    assert_int_equal(nearest_distance("", ""), 0);
    assert_int_equal(nearest_distance("kitten", "sitting"), 3);
    assert_int_equal(nearest_distance("mutex", ""), 5);
}

static void a_folder_makes_no_name_near(void **state)
{
    char hint[NEAREST_HINT];

    (void)state;
    assert_string_equal(hint_for("counters/xyz", folders, hint), "");
    assert_string_equal(hint_for("presence_map/qqqqqq", folders, hint), "");
    assert_string_equal(hint_for("xyz", plain, hint), "");
}

static void a_slip_is_found_in_its_folder(void **state)
{
    char hint[NEAREST_HINT];

    (void)state;
    assert_string_equal(hint_for("counters/stripd", folders, hint), "; did you mean 'counters/striped'?");
    assert_string_equal(hint_for("locks/stripd", folders, hint), "; did you mean 'locks/striped'?");
    assert_string_equal(hint_for("pre_thread", plain, hint), "; did you mean 'per_thread'?");
}

static void a_wrong_folder_is_found_by_its_name(void **state)
{
    char hint[NEAREST_HINT];

    (void)state;
    assert_string_equal(hint_for("counters/packed", folders, hint),
                        "; did you mean 'presence_map/packed'?");
    assert_string_equal(hint_for("lock/striped", folders, hint), "; did you mean 'locks/striped'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_known),
        cmocka_unit_test(a_folder_makes_no_name_near),
        cmocka_unit_test(a_slip_is_found_in_its_folder),
        cmocka_unit_test(a_wrong_folder_is_found_by_its_name),
    };

    return cmocka_run_group_tests_name("nearest", tests, NULL, NULL);
}
