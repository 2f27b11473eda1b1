/*
 * peers.c - the peers' shims do what the contract says, as far as workloads ask it of them: alone by
 * the rules, and beside others by a window's books.
 */
#include <string.h>

#include "bench/engine/tape.h"
#include "bench/engine/window.h"
#include "bench/peers/peers.h"
#include "tests/support/support.h"

enum { TTL = PRESENCE_DEFAULT_TTL_MS, RETAIN = 1000 };

static const struct presence_ops *peer(size_t i)
{
    return peers_at(&family_presence, i);
}

static void rules_are_kept(const struct presence_ops *p)
{
    struct presence_config config = { .expected = 100, .retain_ms = RETAIN };
    struct presence_stats stats;
    void *map = contend_alloc(p->align, p->size);
    void *me = contend_alloc(p->handle_align, p->handle_size);
    const uint64_t user = UINT64_C(1) << 60, t = 1000000;
    int results[3];

    assert_true(map && me);
    assert_int_equal(p->init(map, &config), 0);
    assert_int_equal(p->attach(map, me), 0);
    assert_int_equal(p->fini(map), -EBUSY);
    assert_int_equal(p->heartbeat(map, me, PRESENCE_NO_USER, t), -EINVAL);
    assert_int_equal(p->heartbeat(map, me, user, 0), -EINVAL);
    assert_int_equal(p->is_online(map, me, user, t), 0);
    assert_int_equal(p->last_seen(map, me, user), -ENOENT);
    assert_int_equal(p->heartbeat(map, me, user, t), PRESENCE_CAME_ONLINE);
    assert_int_equal(p->heartbeat(map, me, user, t + 5), PRESENCE_REFRESHED);
    assert_int_equal(p->heartbeat(map, me, user, t + 4), PRESENCE_STALE);
    assert_int_equal(p->last_seen(map, me, user), t + 5);
    assert_int_equal(p->is_online(map, me, user, t + 5 + TTL), 1);
    assert_int_equal(p->is_online(map, me, user, t + 6 + TTL), 0);
    assert_int_equal(p->leave(map, me, user, t + 4), 0);
    assert_int_equal(p->heartbeat(map, me, user, t + 6 + TTL), PRESENCE_CAME_ONLINE);
    assert_int_equal(p->leave(map, me, user, t + 6 + TTL), 1);
    assert_int_equal(p->leave(map, me, user, t + 6 + TTL), 0);
    assert_int_equal(p->last_seen(map, me, user), -ENOENT);
    for (uint64_t u = 0; u < 1000; u++) /* beyond what was expected */
        assert_int_equal(p->heartbeat(map, me, u, t + u), PRESENCE_CAME_ONLINE);
    assert_int_equal(p->is_online_many(map, me, (uint64_t[]){ 0, 999, 1000 }, 3, t + TTL + 1, results), 0);
    assert_true(results[0] == 0 && results[1] == 1 && results[2] == 0);
    if (p->sweep) {
        bool complete = false;
        assert_int_equal(p->count_online(map, me, t + 10 + TTL), 990);
        assert_int_equal(p->sweep(map, me, t + 10 + TTL + RETAIN, UINT64_MAX, &complete), 10);
        assert_true(complete && p->last_seen(map, me, 9) == -ENOENT &&
                    p->last_seen(map, me, 10) == (int64_t)t + 10);
    }
    p->detach(map, me);
    p->stats(map, &stats);
    assert_int_equal(stats.entries, p->sweep ? 990 : 1000);
    assert_int_equal(stats.entries, stats.inserts - stats.swept - stats.left);
    assert_true(stats.bytes > 1000 * sizeof(uint64_t));
    assert_int_equal(p->fini(map), 0);
    free(map);
    free(me);
}

static void alone_they_keep_the_rules(void **state)
{
    (void)state;
    if (!peer(0))
        skip();
    for (size_t i = 0; peer(i); i++)
        rules_are_kept(peer(i));
}

/* Each window holds the map to its books; NULL where a workload cannot be had is no crash. */
static void beside_others_their_books_are_right(void **state)
{
    static const char *const names[] = { "churn", "churn_sweep", "churn_fresh", "retention",
                                         "heartbeats_batch" };
    struct window_settings s = { .length_ns = 5000000, .warmup_ns = 500000, .seed = support_seed() };
    struct window_result r;

    (void)state;
    if (!peer(0))
        skip();
    assert_int_equal(sched_getaffinity(0, sizeof s.allowed, &s.allowed), 0);
    for (size_t i = 0; peer(i); i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            const struct contestant who = { .family = &family_presence, .ops = peer(i), .peer = true };
            const struct cell cell = { .workload = workload_find(names[k]), .users = 500, .threads = 2,
                                       .ids = IDS_SPARSE64 };
            assert_non_null(cell.workload);
            do /* a busy machine may give no thread a turn in so short a window */
                window_run(NULL, &cell, &who, &s, &r);
            while (r.starved);
            assert_true(r.error == 0 || r.skipped);
            assert_int_equal(r.skipped, (cell.workload->sweeper && !peer(i)->sweep) ||
                                            (cell.workload->fresh &&
                                             peer(i)->traits->features & PRESENCE_KEEPS_IDS));
        }
}

static int free_tapes(void **state)
{
    (void)state;
    tape_free_all();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone_they_keep_the_rules),
        cmocka_unit_test(beside_others_their_books_are_right),
    };

    return cmocka_run_group_tests_name("peers", tests, NULL, free_tapes) ? 1 : 0;
}
