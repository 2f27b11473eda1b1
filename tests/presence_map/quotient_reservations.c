/*
 * quotient_reservations.c - what others see of a reservation, and how many nonces there are.
 *
 * The checker has the order of steps.  Here is what it cannot see, since it has no vectors, and
 * what takes more threads than it has.
 */
#include <errno.h>

#include "presence_map/quotient.h"
#include "tests/support/support.h"

enum { SECOND = 1000000, USERS = 600, FEW_BITS = 8, SEATS = (1 << FEW_BITS) / 4 / 2 };

static const uint64_t now = SECOND * UINT64_C(1000), late = (SECOND + 31) * UINT64_C(1000);

struct rig {
    struct presence_quotient map;
    struct presence_quotient_handle handle;
};

/* Stamps of 8 bits leave 6 to the nonce. */
static void rig_up(struct rig *r)
{
    static const struct contend_setting list[] = { { "id_bits", 48 }, { "stamp_bits", FEW_BITS } };
    const struct presence_config config = { .expected = USERS, .origin = now,
                                            .hash_seed = support_seed(),
                                            .settings = { .list = list, .count = 2 } };

    assert_int_equal(presence_quotient_init(&r->map, &config), 0);
    assert_int_equal(presence_quotient_attach(&r->map, &r->handle), 0);
}

static void rig_down(struct rig *r)
{
    presence_quotient_detach(&r->map, &r->handle);
    assert_int_equal(presence_quotient_fini(&r->map), 0);
}

/* As a thread that dies in the middle of an insertion. */
static struct quotient_reservation reserve(struct rig *r, uint64_t user)
{
    struct quotient_reservation held = QUOTIENT_UNRESERVED;

    assert_true(quotient_reservation_make(&r->map.table, &r->map.nonces, &r->handle.nonce,
                                          quotient_mix(&r->map.table.q, user), &held));
    assert_non_null(held.place);
    return held;
}

static int meet(void *ctx, uint64_t user, uint64_t last_seen)
{
    assert_true(user % 2);
    assert_int_equal(last_seen, now);
    ++*(unsigned *)ctx;
    return 0;
}

/* Half of the users have a reservation that nobody goes on with, the others a row. */
static void nobody_sees_one(void **state)
{
    static struct rig r;
    struct presence_stats s;
    unsigned met = 0;
    bool complete;

    (void)state;
    rig_up(&r);
    for (uint64_t user = 0; user < USERS; user++)
        if (user % 2)
            assert_int_equal(presence_quotient_heartbeat(&r.map, &r.handle, user, now),
                             PRESENCE_CAME_ONLINE);
        else
            reserve(&r, user);
    for (uint64_t user = 0; user < USERS; user++) {
        assert_int_equal(presence_quotient_is_online(&r.map, &r.handle, user, now), user % 2);
        assert_int_equal(presence_quotient_last_seen(&r.map, &r.handle, user),
                         user % 2 ? (int64_t)now : -ENOENT);
    }
    assert_int_equal(presence_quotient_leave(&r.map, &r.handle, 0, now), 0);
    assert_int_equal(presence_quotient_count_online(&r.map, &r.handle, now), USERS / 2);
    assert_int_equal(presence_quotient_for_each_online(&r.map, &r.handle, now, meet, &met), 0);
    assert_int_equal(met, USERS / 2);
    assert_int_equal(presence_quotient_sweep(&r.map, &r.handle, late, UINT64_MAX, &complete),
                     USERS / 2);
    presence_quotient_stats(&r.map, &s);
    assert_int_equal(s.entries, 0);
    /* Far beyond the span of a stamp, where rows are removed before the horizon is raised. */
    assert_int_equal(presence_quotient_heartbeat(&r.map, &r.handle, 1, 2 * now),
                     PRESENCE_CAME_ONLINE);
    presence_quotient_stats(&r.map, &s);
    assert_int_equal(s.swept, USERS / 2);
    rig_down(&r);
}

/* What a thread has left reserved, the next one makes the row, or removes it for an earlier place. */
static void the_next_one_ends_it(void **state)
{
    static struct rig r;
    struct presence_quotient_handle other;
    unsigned helped = 0;

    (void)state;
    rig_up(&r);
    assert_int_equal(presence_quotient_attach(&r.map, &other), 0);
    for (uint64_t user = 0; user < USERS; user++) {
        struct quotient_reservation held = reserve(&r, user);
        assert_int_equal(presence_quotient_heartbeat(&r.map, &other, user, now),
                         PRESENCE_CAME_ONLINE);
        struct quotient_seen seen = quotient_table_see(&r.map.table, held.place);
        helped += (seen.word & r.map.table.q.key_mask) == held.key;
        /* The thread was only slow: it finds that its insertion was made. */
        assert_false(quotient_reservation_end(&r.map.nonces, &r.map.table.q, &held, 0));
        assert_int_equal(presence_quotient_last_seen(&r.map, &r.handle, user), now);
        assert_int_equal(presence_quotient_heartbeat(&r.map, &r.handle, user, now),
                         PRESENCE_REFRESHED);
    }
    assert_true(helped > USERS / 2);
    assert_int_equal(presence_quotient_count_online(&r.map, &r.handle, now), USERS);
    presence_quotient_detach(&r.map, &other);
    rig_down(&r);
}

/* While a thread is counted at a nonce nobody reserves with it. */
static void helped_nonces_rest(void **state)
{
    static struct rig r;
    struct presence_quotient_handle more[SEATS - 2], *last = &more[SEATS - 3];

    (void)state;
    rig_up(&r);
    struct quotient_reservation held = reserve(&r, 0), helped = held;
    uint32_t rests = r.handle.nonce;
    helped.is_other = true;
    quotient_reservation_adopt(&r.map.nonces, &r.map.table.q, &helped);
    assert_ptr_equal(helped.place, held.place);
    assert_true(quotient_reservation_end(&r.map.nonces, &r.map.table.q, &held, 0));
    held = reserve(&r, 0);
    assert_int_not_equal(r.handle.nonce, rests);
    assert_int_not_equal(held.word, helped.word);
    assert_true(quotient_reservation_end(&r.map.nonces, &r.map.table.q, &held, 0));
    for (unsigned i = 0; i < SEATS - 2; i++) {
        assert_int_equal(presence_quotient_attach(&r.map, &more[i]), 0);
        assert_int_not_equal(more[i].nonce, rests);
    }
    assert_false(quotient_reservation_end(&r.map.nonces, &r.map.table.q, &helped, 0));
    presence_quotient_detach(&r.map, last);
    assert_int_equal(presence_quotient_attach(&r.map, last), 0);
    assert_int_equal(last->nonce, rests);
    for (unsigned i = 0; i < SEATS - 2; i++)
        presence_quotient_detach(&r.map, &more[i]);
    rig_down(&r);
}

/* Half as many threads as nonces may be attached, again and again. */
static void seats_are_counted(void **state)
{
    static struct rig r;
    struct presence_quotient_handle more[SEATS];

    (void)state;
    rig_up(&r);
    assert_int_equal(r.map.nonces.count, 2 * SEATS);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < SEATS - 1; i++)
            assert_int_equal(presence_quotient_attach(&r.map, &more[i]), 0);
        assert_int_equal(presence_quotient_attach(&r.map, &more[SEATS - 1]), -EAGAIN);
        for (unsigned i = 0; i < SEATS - 1; i++)
            presence_quotient_detach(&r.map, &more[i]);
    }
    rig_down(&r);
}

/* ---- beside each other ---- */

enum { HOT = 3, TURNS = 60000 };

static void come_and_go(struct team *team, unsigned number)
{
    struct presence_quotient *m = team->shared;
    struct presence_quotient_handle h;

    if (presence_quotient_attach(m, &h) != 0)
        abort();
    for (unsigned i = 0; i < TURNS; i++)
        if ((i + number) % 3 == 2)
            presence_quotient_leave(m, &h, i % HOT, now);
        else if (presence_quotient_heartbeat(m, &h, i % HOT, now) < 0)
            abort();
    presence_quotient_detach(m, &h);
}

static int count_each(void *ctx, uint64_t user, uint64_t last_seen)
{
    (void)last_seen;
    ((unsigned *)ctx)[user]++;
    return 0;
}

/* Threads that bring the same few users in and out: nobody is there twice, and nothing is left reserved. */
static void few_users_many_threads(void **state)
{
    static struct rig r;
    struct presence_stats s;
    unsigned met[HOT] = { 0 };

    (void)state;
    rig_up(&r);
    struct team team = { .body = come_and_go, .shared = &r.map };
    team_run(&team, 4, 0);
    presence_quotient_for_each_online(&r.map, &r.handle, now, count_each, met);
    for (unsigned user = 0; user < HOT; user++)
        assert_true(met[user] <= 1);
    presence_quotient_stats(&r.map, &s);
    assert_int_equal(s.entries, s.inserts - s.left);
    for (uint64_t line = 0; line < r.map.table.q.lines; line++)
        for (unsigned i = 0; i < QUOTIENT_ROWS; i++) {
            chosen_row word = quotient_reserved_load(&r.map.table.lines[line].rows[i]);
            assert_true(word == 0 || quotient_is_row(&r.map.table.q, word));
        }
    for (uint32_t i = 0; i < r.map.nonces.count; i++) /* one thread is attached, and nobody helps */
        assert_int_equal(atomic_load(&r.map.nonces.states[i]),
                         i == r.handle.nonce ? QUOTIENT_OWNED : 0);
    rig_down(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_sees_one),        cmocka_unit_test(the_next_one_ends_it),
        cmocka_unit_test(helped_nonces_rest),     cmocka_unit_test(seats_are_counted),
        cmocka_unit_test(few_users_many_threads),
    };

    return cmocka_run_group_tests_name("quotient reservations", tests, NULL, NULL);
}
