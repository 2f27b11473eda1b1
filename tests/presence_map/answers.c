/*
 * answers.c - what the maps under locks make of a lock's answers, and of one that wants a
 * handle for itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "presence_map/locked.h"
#include "presence_map/striped.h"

enum { PARTS = 4, USERS = 100, NOW = 100000 };

static struct presence_striped map;
static struct presence_striped_handle me;

static const struct contend_setting four = { "stripes", PARTS };
static const struct presence_config config = { .settings = { .list = &four, .count = 1 } };

static int begin(void **state)
{
    (void)state;
    moody_count = 0;
    return presence_striped_init(&map, &config) || presence_striped_attach(&map, &me);
}

static int end(void **state)
{
    (void)state;
    presence_striped_detach(&map, &me);
    return presence_striped_fini(&map) || moody_attached;
}

static void next(int answer)
{
    moody_answers[0] = answer;
    moody_next = 0;
    moody_count = 1;
}

/* Every operation meets every stripe with that stripe's handle; moody aborts otherwise. */
static void each_stripe_has_its_handle(void **state)
{
    bool complete = false;

    (void)state;
    assert_int_equal(moody_attached, PARTS);
    for (uint64_t u = 0; u < USERS; u++)
        assert_int_equal(presence_striped_heartbeat(&map, &me, u, NOW), PRESENCE_CAME_ONLINE);
    for (uint64_t u = 0; u < USERS; u++)
        assert_int_equal(presence_striped_is_online(&map, &me, u, NOW), 1);
    assert_int_equal(presence_striped_last_seen(&map, &me, 3), NOW);
    assert_int_equal(presence_striped_leave(&map, &me, 3, NOW), 1);
    assert_int_equal(presence_striped_count_online(&map, &me, NOW), USERS - 1);
    int64_t some = presence_striped_sweep(&map, &me, NOW + 60000, 10, &complete);
    assert_in_range(some, 1, 10);
    assert_int_equal(presence_striped_sweep(&map, &me, NOW + 60000, UINT64_MAX, &complete),
                     USERS - 1 - some);
    assert_true(complete);
}

/* A handle that cannot be had for all stripes is had for none. */
static void attach_gives_back(void **state)
{
    struct presence_striped_handle other;

    (void)state;
    moody_attaches_allowed = moody_attached + PARTS - 1;
    assert_int_equal(presence_striped_attach(&map, &other), -EAGAIN);
    assert_int_equal(moody_attached, PARTS);
    moody_attaches_allowed = 1000;
    assert_int_equal(presence_striped_attach(&map, &other), 0);
    presence_striped_detach(&map, &other);
}

static void refusals_change_nothing(void **state)
{
    bool complete = true;

    (void)state;
    next(-EBUSY);
    assert_int_equal(presence_striped_sweep(&map, &me, NOW, UINT64_MAX, &complete), -EBUSY);
    assert_false(complete);
    next(-EBUSY);
    assert_int_equal(presence_striped_heartbeat(&map, &me, 1, NOW), -EBUSY);
    assert_int_equal(presence_striped_last_seen(&map, &me, 1), -ENOENT);
    assert_int_equal(presence_striped_heartbeat(&map, &me, 1, NOW), PRESENCE_CAME_ONLINE);
    next(-ETIMEDOUT);
    assert_int_equal(presence_striped_is_online(&map, &me, 1, NOW), -ETIMEDOUT);
    next(-EBUSY);
    assert_int_equal(presence_striped_leave(&map, &me, 1, NOW), -EBUSY);
    next(-EBUSY);
    assert_int_equal(presence_striped_sweep(&map, &me, NOW + 60000, 5, &complete), -EBUSY);
    next(-EBUSY);
    assert_int_equal(presence_striped_count_online(&map, &me, NOW), -EBUSY);
    assert_int_equal(presence_striped_is_online(&map, &me, 1, NOW), 1);
}

/* A table that a dead thread may have left half changed answers nothing any more. */
static void a_torn_part_stays_shut(void **state)
{
    struct presence_stats s;
    unsigned dead = 0;

    (void)state;
    for (uint64_t u = 0; u < USERS; u++)
        presence_striped_heartbeat(&map, &me, u, NOW);
    next(-EOWNERDEAD);
    assert_int_equal(presence_striped_heartbeat(&map, &me, 1, NOW), -EOWNERDEAD);
    assert_int_equal(presence_striped_heartbeat(&map, &me, 1, NOW), -EOWNERDEAD);
    assert_int_equal(presence_striped_is_online(&map, &me, 1, NOW), -EOWNERDEAD);
    assert_int_equal(presence_striped_last_seen(&map, &me, 1), -EOWNERDEAD);
    assert_int_equal(presence_striped_count_online(&map, &me, NOW), -EOWNERDEAD);
    for (uint64_t u = 0; u < USERS; u++)
        dead += presence_striped_is_online(&map, &me, u, NOW) != 1;
    assert_in_range(dead, 1, USERS - 1); /* the other stripes go on */
    next(-EBUSY);
    presence_striped_stats(&map, &s); /* insists, and looks all the same */
    assert_int_equal(s.entries, USERS);
}

/* How many of the users still have an entry. */
static unsigned count_seen(void)
{
    unsigned seen = 0;

    for (uint64_t u = 0; u < USERS; u++)
        seen += presence_striped_last_seen(&map, &me, u) >= 0;
    return seen;
}

static void beat_all(void)
{
    for (uint64_t u = 0; u < USERS; u++)
        presence_striped_heartbeat(&map, &me, u, NOW);
}

/* Also when the first who hears of the death only counts. */
static void a_count_does_not_hide_a_death(void **state)
{
    struct presence_stats s;
    unsigned dead = 0;

    (void)state;
    beat_all();
    next(-EOWNERDEAD);
    presence_striped_stats(&map, &s);
    for (uint64_t u = 0; u < USERS; u++)
        dead += presence_striped_heartbeat(&map, &me, u, NOW) == -EOWNERDEAD;
    assert_in_range(dead, 1, USERS - 1);
}

/* A part whose lock refuses is left out of a whole round, and what the others lost is told. */
static void a_sweep_goes_round_a_refusal(void **state)
{
    enum { SECOND = 1 };
    bool complete = true;

    (void)state;
    beat_all();
    next(0);
    moody_answers[SECOND] = -EBUSY;
    moody_count = SECOND + 1;
    int64_t removed = presence_striped_sweep(&map, &me, NOW + 60000, UINT64_MAX, &complete);
    assert_in_range(removed, 1, USERS - 1);
    assert_false(complete);
    assert_int_equal(count_seen(), USERS - removed);
    assert_int_equal(presence_striped_sweep(&map, &me, NOW + 60000, UINT64_MAX, &complete),
                     USERS - removed);
    assert_true(complete);
}

/* Nor does a refusal in the middle of a round hide what was removed before it. */
static void a_round_tells_what_it_removed(void **state)
{
    enum { SECOND = 1 };
    bool complete = true;

    (void)state;
    beat_all();
    next(0);
    moody_answers[SECOND] = -EBUSY;
    moody_count = SECOND + 1;
    int64_t removed = presence_striped_sweep(&map, &me, NOW + 60000, 1000000, &complete);
    assert_in_range(removed, 1, USERS - 1);
    assert_false(complete);
    assert_int_equal(count_seen(), USERS - removed);
}

/* A part that is lost keeps no other part from being swept, in rounds of either kind. */
static void a_round_leaves_a_torn_part_behind(void **state)
{
    const uint64_t budgets[] = { UINT64_MAX, 1000000 };
    struct presence_stats s;
    bool complete;

    (void)state;
    beat_all();
    next(-EOWNERDEAD);
    assert_int_equal(presence_striped_sweep(&map, &me, NOW, 5, &complete), -EOWNERDEAD);
    uint32_t torn = (uint32_t)map.stripes[0].used;
    for (unsigned b = 0; b < 2; b++) {
        beat_all();
        for (unsigned turn = 0; turn < 2 * PARTS; turn++)
            presence_striped_sweep(&map, &me, NOW + 60000, budgets[b], &complete);
        presence_striped_stats(&map, &s);
        assert_int_equal(s.entries, torn);
        assert_int_equal(s.entries, s.inserts - s.swept - s.left);
    }
    assert_int_equal(presence_striped_sweep(&map, &me, NOW + 60000, UINT64_MAX, &complete),
                     -EOWNERDEAD);
    assert_false(complete);
}

/* One table and one lock: a round that was refused is not complete. */
static void a_refused_table_is_not_swept(void **state)
{
    struct presence_locked one;
    struct presence_locked_handle h;
    bool complete = true;

    (void)state;
    assert_int_equal(presence_locked_init(&one, NULL), 0);
    assert_int_equal(presence_locked_attach(&one, &h), 0);
    next(-EBUSY);
    assert_int_equal(presence_locked_sweep(&one, &h, NOW, UINT64_MAX, &complete), -EBUSY);
    assert_false(complete);
    assert_int_equal(presence_locked_sweep(&one, &h, NOW, UINT64_MAX, &complete), 0);
    assert_true(complete);
    presence_locked_detach(&one, &h);
    assert_int_equal(presence_locked_fini(&one), 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test_setup_teardown(each_stripe_has_its_handle, begin, end),
        cmocka_unit_test_setup_teardown(attach_gives_back, begin, end),
        cmocka_unit_test_setup_teardown(refusals_change_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_torn_part_stays_shut, begin, end),
        cmocka_unit_test_setup_teardown(a_count_does_not_hide_a_death, begin, end),
        cmocka_unit_test_setup_teardown(a_sweep_goes_round_a_refusal, begin, end),
        cmocka_unit_test_setup_teardown(a_round_tells_what_it_removed, begin, end),
        cmocka_unit_test_setup_teardown(a_round_leaves_a_torn_part_behind, begin, end),
        cmocka_unit_test(a_refused_table_is_not_swept),
    };

    return cmocka_run_group_tests_name("a lock's answers, maps", cases, NULL, NULL) != 0;
}
