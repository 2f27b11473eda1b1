/*
 * ready.h - for the tests of single stores: an entry by its name, and what a store complains of.
 */
#ifndef CONTEND_TESTS_BENCH_STORES_READY_H
#define CONTEND_TESTS_BENCH_STORES_READY_H

#include <string.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/stores.h"
#include "tests/support/support.h"

/* The table of the family's entry of that name.  Where it cannot be used the test is skipped. */
static inline const void *ready_store(const struct family *family, const char *name)
{
    char why[STORES_WHY] = "this build has none of its kind";
    const struct store *s;

    for (size_t i = 0; (s = stores_at(i)) != NULL; i++)
        if (s->family == family && strcmp(family->identity(s->ops)->name, name) == 0 &&
            stores_ready(s, why))
            return s->ops;
    print_message("# skipped: %s: %s\n", name, why);
    skip();
    return NULL;
}

static inline void forget_complaints(void)
{
    char text[TROUBLE_TEXT];

    trouble_take(text);
}

/* The complaint that was kept has both words in it. */
static inline void assert_complaint(const char *store, const char *what)
{
    char text[TROUBLE_TEXT] = "";

    assert_true(trouble_take(text));
    if (!strstr(text, store) || !strstr(text, what))
        fail_msg("the complaint does not say both %s and %s: %s", store, what, text);
}

#endif
