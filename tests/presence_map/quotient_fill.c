/*
 * quotient_fill.c - how full a map of half words may be while users come and go for long, with ids of all
 * their 32 bits: as full as its default says, and not much more.
 */
#include <errno.h>

#include "presence_map/quotient.h"
#include "tests/support/support.h"

/* Stamps of 8 bits, so that the users and not the stamps say how many lines there are. */
enum { USERS = 16000, REPLACED = 20 * USERS, STAMP_BITS = 8, NOW = 1000000000 };

struct rig {
    struct presence_quotient map;
    struct presence_quotient_handle handle;
    struct support_random random;
    uint64_t users[USERS];
};

/* A user who is not there; of 32 bits some would be met twice. */
static uint64_t anybody(struct rig *r)
{
    uint64_t user;

    do
        user = support_random(&r->random) >> 32;
    while (presence_quotient_last_seen(&r->map, &r->handle, user) != -ENOENT);
    return user;
}

/* How many of the insertions are refused, of `users` and then of as many again and again in their places. */
static uint64_t refused(struct rig *r, int64_t fill)
{
    const struct contend_setting list[] = { { "stamp_bits", STAMP_BITS }, { "fill", fill } };
    const struct presence_config config = { .expected = USERS, .origin = NOW,
                                            .hash_seed = support_random(&r->random),
                                            .settings = { list, 2, 0, 0 } };
    uint64_t full = 0;

    assert_int_equal(presence_quotient_init(&r->map, &config), 0);
    assert_int_equal(presence_quotient_attach(&r->map, &r->handle), 0);
    /* The lines are as many as these users need, and ids are of 32 bits. */
    assert_true(r->map.table.q.lines <= USERS * 100 / (QUOTIENT_ROWS * (uint64_t)fill) + 1);
    assert_int_equal(r->map.max_user, UINT32_MAX);
    for (unsigned i = 0; i < USERS + REPLACED; i++) {
        uint64_t *user = &r->users[i < USERS ? i : support_below(&r->random, USERS)];
        if (i >= USERS)
            presence_quotient_leave(&r->map, &r->handle, *user, NOW);
        *user = anybody(r);
        int result = presence_quotient_heartbeat(&r->map, &r->handle, *user, NOW);
        assert_true(result == PRESENCE_CAME_ONLINE || result == -ENOSPC);
        full += result == -ENOSPC;
    }
    return full;
}

static void rig_down(struct rig *r)
{
    presence_quotient_detach(&r->map, &r->handle);
    assert_int_equal(presence_quotient_fini(&r->map), 0);
}

static void holds_what_it_says(void **state)
{
    static struct rig r;

    (void)state;
    r.random = (struct support_random){ support_seed() };
    assert_int_equal(refused(&r, chosen_row_fill), 0);
    for (unsigned i = 0; i < USERS; i++)
        assert_int_equal(presence_quotient_last_seen(&r.map, &r.handle, r.users[i]), NOW);
    assert_int_equal(presence_quotient_count_online(&r.map, &r.handle, NOW), USERS);
    rig_down(&r);
}

/* So that the above says something: what is fuller is not always taken. */
static void refuses_when_it_is_fuller(void **state)
{
    static struct rig r;

    (void)state;
    r.random = (struct support_random){ support_seed() };
    assert_true(refused(&r, 95) > REPLACED / 1000);
    rig_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_it_says),
        cmocka_unit_test(refuses_when_it_is_fuller),
    };

    return cmocka_run_group_tests_name("quotient fill", tests, NULL, NULL);
}
