/*
 * needs.c - needs and debts of every strategy of the registry, against what it declares.
 */
#include "bench/judge/needs.h"
#include "bench/judge/promise.h"
#include "bench/judge/simplicity.h"
#include "tests/support/support.h"

typedef void check_one(const struct contestant *c);

static void for_each(check_one *check)
{
    for (const struct family *const *f = families; *f; f++)
        for (size_t i = 0; (*f)->at(i); i++) {
            struct contestant c = contestant_at(*f, i);
            check(&c);
        }
}

static unsigned blocking, simple;

static void follows_from_its_traits(const struct contestant *c)
{
    const char *library = c->family->needs(c->ops);
    unsigned write, read;

    promise_pair(c, &write, &read);
    bool lock_free = (write & CONTEND_PROGRESS_CLASS) <= CONTEND_LOCK_FREE &&
                     (read & CONTEND_PROGRESS_CLASS) <= CONTEND_LOCK_FREE;
    assert_int_equal(needs_unmet(NEED_LOCK_FREE, c), lock_free ? NEED_NONE : NEED_LOCK_FREE);
    assert_int_equal(needs_unmet(NEED_NO_LIBRARY, c), library ? NEED_NO_LIBRARY : NEED_NONE);
    bool lgpl = library && strcmp(library, "liburcu") == 0;
    assert_int_equal(needs_unmet(NEED_NO_LGPL, c), lgpl ? NEED_NO_LGPL : NEED_NONE);
    bool spins = contestant_identity(c)->flags & CONTEND_SPINS;
    assert_int_equal(needs_unmet(NEED_CROWDED, c), spins ? NEED_CROWDED : NEED_NONE);
    assert_int_equal(needs_unmet(NEED_NONE, c), NEED_NONE);
    /* What makes no difference for a family is not held against it. */
    if (!(needs_of_family(c->family) & NEED_GROW))
        assert_int_equal(needs_unmet(NEED_GROW, c), NEED_NONE);
    blocking += !lock_free;
}

static void needs_follow_from_traits(void **state)
{
    (void)state;
    blocking = 0;
    for_each(follows_from_its_traits);
    assert_true(blocking > 5);
}

static void debts_are_worded(const struct contestant *c)
{
    char words[SIMPLICITY_WORDS];
    unsigned rank = simplicity_rank(c), count = 0;

    simplicity_words(c, words);
    assert_int_equal(rank == 0, strcmp(words, "asks for nothing") == 0);
    for (const char *at = words; (at = strchr(at, ',')); at++) /* "a library, ids and an attach" */
        count++;
    count += strstr(words, " and ") != NULL;
    assert_int_equal(rank ? count + 1 : 0, __builtin_popcount(simplicity_debts(c)));
    assert_int_equal(!!(simplicity_debts(c) & DEBT_LIBRARY), c->family->needs(c->ops) != NULL);
    simple += rank == 0;
}

static void every_debt_is_worded(void **state)
{
    (void)state;
    simple = 0;
    for_each(debts_are_worded);
    assert_true(simple > 0);
}

/* A map whose heartbeats never wait for one another, but for a thread that inserts, is not lock-free. */
static void joining_counts_as_writing(void **state)
{
    unsigned mixed = 0;

    (void)state;
    for (size_t i = 0; family_presence.at(i); i++) {
        struct contestant c = contestant_at(&family_presence, i);
        const struct presence_traits *t = contestant_traits(&c);
        unsigned write, read;
        if ((t->insert & CONTEND_PROGRESS_CLASS) != CONTEND_BLOCKING)
            continue;
        mixed += (t->heartbeat & CONTEND_PROGRESS_CLASS) != CONTEND_BLOCKING;
        promise_pair(&c, &write, &read);
        assert_int_equal(write & CONTEND_PROGRESS_CLASS, CONTEND_BLOCKING);
        assert_int_equal(needs_unmet(NEED_LOCK_FREE, &c), NEED_LOCK_FREE);
    }
    if (contestant_find(&family_presence, "clht").ops)
        assert_true(mixed > 0);
}

static void words_name_needs(void **state)
{
    (void)state;
    for (unsigned i = 0; need_word(i); i++) {
        assert_int_equal(need_named(need_word(i)), 1u << i);
        assert_true(strlen(need_lacks((enum need)(1u << i))) > 5);
    }
    assert_int_equal(need_named("speed"), NEED_NONE);
    assert_string_equal(need_lacks(NEED_GROW), "its capacity is fixed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_follow_from_traits),
        cmocka_unit_test(every_debt_is_worded),
        cmocka_unit_test(joining_counts_as_writing),
        cmocka_unit_test(words_name_needs),
    };

    return cmocka_run_group_tests_name("needs", tests, NULL, NULL);
}
