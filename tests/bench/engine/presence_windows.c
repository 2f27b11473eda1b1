/*
 * presence_windows.c - a window holds a presence map to what its traits promise, and to no more.
 */
#include <string.h>

#include "bench/engine/window.h"
#include "tests/support/support.h"

static const struct presence_ops *good;
static struct presence_traits traits;

static void tell_traits(void *map, struct presence_traits *out)
{
    (void)map;
    *out = traits;
}

static int64_t tell_nothing(void *map, void *handle, uint64_t user)
{
    (void)map, (void)handle, (void)user;
    return -ENOTSUP;
}

/* An entry came back beside a removal, and nobody counted it. */
static void miss_one(void *map, struct presence_stats *out)
{
    good->stats(map, out);
    out->inserts--;
}

static int window_of(const struct presence_ops *ops, struct window_result *r)
{
    const struct contestant who = { .family = &family_presence, .ops = ops };
    const struct cell cell = { .workload = workload_find("churn_sweep"), .users = 1000,
                               .threads = 2 };
    struct window_settings s = { .length_ns = 5000000, .warmup_ns = 500000,
                                 .seed = support_seed() };
    int error;

    assert_non_null(cell.workload);
    assert_int_equal(sched_getaffinity(0, sizeof s.allowed, &s.allowed), 0);
    do /* a busy machine may give no thread a turn in so short a window */
        error = window_run(NULL, &cell, &who, &s, r);
    while (r->starved);
    return error;
}

static void last_seen_is_asked_where_it_is_promised(void **state)
{
    struct presence_ops map = *(const struct presence_ops *)*state;
    struct window_result r;

    traits = *map.traits;
    map.traits_of = tell_traits;
    map.last_seen = tell_nothing;
    traits.features |= PRESENCE_LAST_SEEN;
    assert_int_equal(window_of(&map, &r), -EILSEQ);
    assert_non_null(strstr(r.why, "users that answer"));
    traits.features &= ~(unsigned)PRESENCE_LAST_SEEN;
    assert_int_equal(window_of(&map, &r), 0);
}

static void books_are_read_where_they_are_exact(void **state)
{
    struct presence_ops map = *(const struct presence_ops *)*state;
    struct window_result r;

    good = *state;
    traits = *map.traits;
    map.traits_of = tell_traits;
    map.stats = miss_one;
    traits.features &= ~(unsigned)PRESENCE_STORES;
    traits.id.flags &= ~(unsigned)CONTEND_REAL_TIME;
    assert_int_equal(window_of(&map, &r), -EILSEQ);
    assert_non_null(strstr(r.why, "entries = inserts"));
    traits.features |= PRESENCE_STORES;
    assert_int_equal(window_of(&map, &r), 0);
    traits.features &= ~(unsigned)PRESENCE_STORES;
    traits.id.flags |= CONTEND_REAL_TIME;
    assert_int_equal(window_of(&map, &r), 0);
}

int main(void)
{
    static const struct check checks[] = {
        { "last_seen is asked where it is promised", last_seen_is_asked_where_it_is_promised },
        { "books are read where they are exact", books_are_read_where_they_are_exact },
    };

    return support_run_maps("presence_windows", checks, sizeof checks / sizeof *checks, 0);
}
