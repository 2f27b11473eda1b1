/*
 * presence_windows.c - a window holds a presence map to what its traits promise, and to no more.
 */
#include <string.h>
#include <time.h>

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

static int window_in(const struct cell *cell, const struct presence_ops *ops,
                     struct window_result *r)
{
    const struct contestant who = { .family = &family_presence, .ops = ops };
    struct window_settings s = { .length_ns = 5000000, .warmup_ns = 500000,
                                 .seed = support_seed() };
    int error;

    assert_non_null(cell->workload);
    assert_int_equal(sched_getaffinity(0, sizeof s.allowed, &s.allowed), 0);
    do /* a busy machine may give no thread a turn in so short a window */
        error = window_run(NULL, cell, &who, &s, r);
    while (r->starved);
    return error;
}

static struct cell cell_of(const char *workload)
{
    return (struct cell){ .workload = workload_find(workload), .users = 1000, .threads = 2 };
}

static int window_of(const struct presence_ops *ops, struct window_result *r)
{
    const struct cell cell = cell_of("churn_sweep");

    return window_in(&cell, ops, r);
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

/* Falls asleep once the pace of virtual time is known, and is refused, or finds a user gone. */
static int late_error;

static void late_loop(void *map, void *handle, const uint8_t *ops, const uint64_t *keys, size_t n,
                      uint64_t now, struct presence_outcome *out)
{
    static _Thread_local unsigned calls;

    good->loops.tape(map, handle, ops, keys, n, now, out);
    if (++calls != 50)
        return;
    nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
    if (late_error == -EIO)
        out->failed++;
    else
        out->left++; /* which the map does not know of */
}

/* P22: where stamps wrap, a thread that comes back late has nothing to complain of, but nowhere else. */
static void who_was_without_a_processor_may_be_refused(void **state)
{
    struct presence_ops map = *(const struct presence_ops *)*state;
    const struct contestant who = { .family = &family_presence, .ops = &map };
    struct window_settings s = { .length_ns = 5000000, .warmup_ns = 500000,
                                 .seed = support_seed() };
    struct cell cell = cell_of("heartbeats");
    struct window_result r;

    good = *state;
    traits = *map.traits;
    map.traits_of = tell_traits;
    map.loops.tape = late_loop;
    cell.users = 8; /* so that virtual time is fast */
    if (traits.max_retain < UINT64_MAX)
        return; /* it refuses more than what is refused here */
    assert_int_equal(sched_getaffinity(0, sizeof s.allowed, &s.allowed), 0);
    for (int i = 0; i < 4; i++) {
        bool wraps = i % 2 == 0;
        unsigned tries = 0;
        late_error = i < 2 ? -EIO : -EILSEQ;
        traits.max_retain = wraps ? 60000 : UINT64_MAX;
        do /* on a busy machine it may not come so far, or fall asleep before there is a pace */
            window_run(NULL, &cell, &who, &s, &r);
        while ((r.error == 0 || r.starved != wraps) && tries++ < 50);
        assert_int_equal(r.error, wraps ? -ETIME : late_error);
        assert_true(r.starved == wraps);
    }
}

/* Whether the window left the map out, and for this reason. */
static void assert_left_out(const struct cell *cell, const struct presence_ops *ops,
                            const char *why)
{
    struct window_result r;

    window_in(cell, ops, &r);
    assert_true(r.skipped);
    assert_string_equal(r.why, why);
}

static void maps_that_cannot_are_left_out_with_the_reason(void **state)
{
    const struct presence_ops *whole = *state;
    struct presence_ops map = *whole;
    struct cell fresh = cell_of("churn_fresh"), sparse = cell_of("heartbeats"), narrow = sparse;
    struct cell when = cell_of("last_seen_90_10"), kept = cell_of("retention");
    struct window_result r;

    sparse.ids = IDS_SPARSE64;
    traits = *map.traits;
    map.traits = &traits;
    map.traits_of = tell_traits;
    traits.features = PRESENCE_LAST_SEEN;
    traits.ids = PRESENCE_IDS_64;
    traits.max_user = PRESENCE_NO_USER - 2;
    traits.max_retain = UINT64_MAX;
    traits.id.flags = 0;
    traits.ids = PRESENCE_IDS_DENSE;
    assert_left_out(&fresh, &map, "its ids must be small numbers");
    assert_left_out(&sparse, &map, "its ids must be small numbers");
    traits.ids = PRESENCE_IDS_64;
    traits.max_user = UINT32_MAX;
    assert_left_out(&sparse, &map, "its ids are narrower than 64 bits");
    narrow.ids = IDS_SPARSE32;
    traits.max_user = IDS_SPARSE32_MAX - 1;
    assert_left_out(&narrow, &map, "its ids are narrower than 31 bits");
    traits.features |= PRESENCE_KEEPS_IDS;
    assert_left_out(&fresh, &map, "its capacity counts every id ever seen");
    traits.max_retain = 3629999;
    assert_left_out(&kept, &map, "it keeps a user for at most 3630 s");
    traits.features = 0;
    assert_left_out(&when, &map, "it has no last_seen");
    assert_left_out(&kept, &map, "it has no last_seen");
    map.traits = whole->traits;
    map.traits_of = whole->traits_of;
    window_in(&sparse, &map, &r);
    assert_true(r.error == 0 || r.skipped);
}

/* Every leave but the first of a call is done. */
static void forgetful_loop(void *map, void *handle, const uint8_t *ops, const uint64_t *keys,
                           size_t n, uint64_t now, struct presence_outcome *out)
{
    bool forgot = false;

    for (size_t i = 0; i < n; i++) {
        if (!forgot && ops[i] == PRESENCE_OP_LEAVE)
            forgot = true;
        else
            good->loops.tape(map, handle, &ops[i], &keys[i], 1, now, out);
    }
}

static int keep_nobody(void *map, const struct presence_config *config)
{
    struct presence_config c = *config;

    c.retain_ms = 0;
    return good->init(map, &c);
}

static void fresh_ids_leave_and_kept_users_stay(void **state)
{
    struct presence_ops map = *(const struct presence_ops *)*state;
    struct cell fresh = cell_of("churn_fresh"), kept = cell_of("retention");
    struct window_result r;

    good = *state;
    if (window_in(&fresh, good, &r) == 0) {
        assert_true(r.ops > 0);
        map.loops.tape = forgetful_loop;
        window_in(&fresh, &map, &r);
        assert_true(r.error == -EILSEQ || r.error == -EIO); /* -EIO: its capacity is used up */
        map.loops.tape = good->loops.tape;
    } else {
        assert_true(r.skipped);
    }
    if (window_in(&kept, good, &r) == 0) {
        if (good->traits->features & PRESENCE_SWEEP_MAY_MISS)
            return; /* it need not remove them, kept or not */
        map.init = keep_nobody;
        for (int i = 0; i < 20 && r.error == 0; i++) /* the sweeper may not have had a turn */
            window_in(&kept, &map, &r);
        if (r.error == -ENOTSUP) /* it says itself that it keeps nobody for so long */
            return;
        assert_int_equal(r.error, -EILSEQ);
        assert_non_null(strstr(r.why, "must be kept"));
    } else {
        assert_true(r.skipped);
    }
}

int main(void)
{
    static const struct check checks[] = {
        { "last_seen is asked where it is promised", last_seen_is_asked_where_it_is_promised },
        { "books are read where they are exact", books_are_read_where_they_are_exact },
        { "who was without a processor may be refused",
          who_was_without_a_processor_may_be_refused },
        { "maps that cannot are left out with the reason",
          maps_that_cannot_are_left_out_with_the_reason },
        { "fresh ids leave and kept users stay", fresh_ids_leave_and_kept_users_stay },
    };

    return support_run_maps("presence_windows", checks, sizeof checks / sizeof *checks, 0);
}
