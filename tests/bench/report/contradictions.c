/*
 * contradictions.c - which stops contradict which promise, for every strategy of the registry.
 */
#include "bench/report/stall.h"
#include "tests/support/support.h"

static struct stall_result seen;
static struct series_item item;
static struct stall_results results = { .results = &seen, .series = { .items = &item, .count = 1 } };

static bool waits_by_right(unsigned declared)
{
    return (declared & CONTEND_PROGRESS_CLASS) == CONTEND_BLOCKING ||
           (declared & (CONTEND_MODULO_MALLOC | CONTEND_MODULO_SYSCALL));
}

/* A blocked role contradicts its promise, unless it may wait; no other one does. */
static void only_a_broken_promise_contradicts(void **state)
{
    unsigned broken = 0, kept = 0;

    (void)state;
    for (const struct family *const *f = families; *f; f++)
        for (size_t i = 0; contestant_exists(&(struct contestant){ .ops = (*f)->at(i) }); i++) {
            struct contestant who = contestant_at(*f, i);
            unsigned flags = contestant_identity(&who)->flags;
            item.who = &who;
            for (unsigned role = 0; role < STALL_ROLES; role++) {
                memset(&seen, 0, sizeof seen);
                assert_false(stall_contradicts(&results, 0, role));
                seen.pair[STAGE_WORKERS][role] = (struct stall_pair){ .trials = 1000, .blocked = 1 };
                bool may = waits_by_right(stall_declared(&item, role)) ||
                           (flags & (CONTEND_EXHIBIT | CONTEND_FLOOR));
                assert_int_equal(stall_contradicts(&results, 0, role), !may);
                assert_false(stall_contradicts(&results, 0, !role) && !may);
                broken += !may;
                kept += may;
            }
        }
    assert_true(broken > 5 && kept > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(only_a_broken_promise_contradicts) };

    return cmocka_run_group_tests_name("contradictions", tests, NULL, NULL);
}
