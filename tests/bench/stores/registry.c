/*
 * registry.c - the datastores as the tool sees them: a list, and a place behind the strategies.
 */
#include "bench/stores/stores.h"
#include "tests/support/support.h"

static void have_names_and_needs(void **state)
{
    const struct store *s;

    (void)state;
    for (size_t i = 0; (s = stores_at(i)) != NULL; i++) {
        const struct contend_identity *id = s->family->identity(s->ops);
        assert_true(id->flags & CONTEND_REMOTE);
        assert_true(s->system->name[0] && s->system->needs[0]);
        assert_ptr_equal(stores_of(s->ops), s);
        assert_null(family_find(s->family, id->name)); /* not before they are registered */
    }
    assert_null(stores_of(family_find(&family_counter, family_reference(&family_counter))));
}

/* Behind the registry's own entries, each once, and only those that can be used. */
static void are_registered_at_run_time(void **state)
{
    size_t before = 0, after = 0, ready = 0;
    const struct store *s;
    char why[STORES_WHY];

    (void)state;
    while (family_counter.at(before))
        before++;
    assert_int_equal(stores_register(STORES_READY), 0);
    assert_int_equal(stores_register(STORES_READY), 0);
    for (size_t i = 0; (s = stores_at(i)) != NULL; i++) {
        const char *name = s->family->identity(s->ops)->name;
        assert_ptr_equal(family_find(s->family, name), stores_ready(s, why) ? s->ops : NULL);
        ready += s->family == &family_counter && stores_ready(s, why);
    }
    while (family_counter.at(after))
        after++;
    assert_int_equal(after, before + ready);
    for (size_t i = 0; i < before; i++)
        assert_ptr_equal(family_counter.at(i), contend_counter_registry[i]);
    assert_int_equal(family_register(&family_counter, family_counter.at(0)), -EEXIST);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(have_names_and_needs),
        cmocka_unit_test(are_registered_at_run_time),
    };

    return cmocka_run_group_tests_name("stores", tests, NULL, NULL) ? 1 : 0;
}
