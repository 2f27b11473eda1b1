/*
 * without.c - counters where the kernel knows of no restartable sequences say what they do instead.
 *
 * The environment keeps glibc from registering them: glibc.pthread.rseq=0.
 */
#include <string.h>

#include "locks/parts/rseq.h"
#include "tests/support/support.h"

static bool falls_back(const struct counter_ops *ops)
{
    struct counter_rig r;

    counter_rig_up(&r, ops, NULL);
    bool other = strcmp(r.traits.id.title, ops->traits->id.title) != 0;
    counter_rig_down(&r);
    return other;
}

static void some_fall_back_and_say_so(void **state)
{
    unsigned count = 0;

    (void)state;
    assert_null(contend_rseq_area());
    for (size_t i = 0; contend_counter_registry[i]; i++)
        count += falls_back(contend_counter_registry[i]);
    assert_true(count > 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = { cmocka_unit_test(some_fall_back_and_say_so) };

    return cmocka_run_group_tests_name("counters without", cases, NULL, NULL) != 0;
}
