/*
 * quotient_moves.c - rows that move: how full a map may be, and what a round of sweeps may miss.
 *
 * For rows that stay as well: they are refused in lines as full.
 */
#include <errno.h>

#include "presence_map/quotient.h"
#include "tests/support/support.h"

enum { USERS = 4000, REPLACED = 40000, FILL = 85, START = 1000000 /* seconds */, ROUNDS = 40,
       DAY = 86400 };

struct rig {
    struct presence_quotient map;
    struct presence_quotient_handle handle;
    struct support_random random;
    uint64_t users[USERS];
};

/* `old`: rows are kept for a day, and after some hours in units of 2^old seconds; 0: they are not. */
static void rig_up_keeping(struct rig *r, uint64_t users, int64_t old)
{
    const struct contend_setting list[] = { { "id_bits", 48 }, { "fill", FILL }, { "old", old } };
    const struct presence_config config = { .expected = users, .origin = START * UINT64_C(1000),
                                            .retain_ms = old ? DAY * UINT64_C(1000) : 0,
                                            .hash_seed = support_random(&r->random),
                                            .settings = { list, 3, 0, 0 } };

    assert_int_equal(presence_quotient_init(&r->map, &config), 0);
    assert_int_equal(presence_quotient_attach(&r->map, &r->handle), 0);
}

static void rig_up(struct rig *r, uint64_t users)
{
    rig_up_keeping(r, users, 0);
}

static void rig_down(struct rig *r)
{
    struct presence_stats s;

    presence_quotient_stats(&r->map, &s);
    assert_int_equal(s.entries, s.inserts - s.swept - s.left);
    presence_quotient_detach(&r->map, &r->handle);
    assert_int_equal(presence_quotient_fini(&r->map), 0);
}

static int beat(struct rig *r, uint64_t user, uint64_t second)
{
    return presence_quotient_heartbeat(&r->map, &r->handle, user, second * 1000);
}

static uint64_t anybody(struct rig *r)
{
    return support_random(&r->random) >> 16;
}

static int count(void *ctx, uint64_t user, uint64_t last_seen)
{
    (void)user, (void)last_seen;
    ++*(uint64_t *)ctx;
    return 0;
}

/* Users come and go for long in a map of which FILL per cent are taken. */
static void holds_what_it_says(void **state)
{
    static struct rig r;
    uint64_t refused = 0, met = 0;

    (void)state;
    r.random = (struct support_random){ support_seed() };
    rig_up(&r, USERS);
    for (unsigned i = 0; i < USERS + REPLACED; i++) {
        uint64_t *user = &r.users[i < USERS ? i : support_below(&r.random, USERS)];
        if (i >= USERS)
            presence_quotient_leave(&r.map, &r.handle, *user, START * UINT64_C(1000));
        *user = anybody(&r);
        int result = beat(&r, *user, START);
        assert_true(result == PRESENCE_CAME_ONLINE || result == -ENOSPC);
        refused += result == -ENOSPC;
    }
    print_message("# %llu refused\n", (unsigned long long)refused);
    assert_int_equal(refused == 0, chosen_row_moves);
    for (unsigned i = 0; i < USERS && refused == 0; i++)
        assert_int_equal(presence_quotient_last_seen(&r.map, &r.handle, r.users[i]),
                         START * INT64_C(1000));
    assert_int_equal(presence_quotient_for_each_online(&r.map, &r.handle, START * UINT64_C(1000),
                                                       count, &met), 0);
    assert_int_equal(met, presence_quotient_count_online(&r.map, &r.handle, START * UINT64_C(1000)));
    if (refused == 0)
        assert_int_equal(met, USERS);
    rig_down(&r);
}

/* The same among users who have been silent for half a day: their rows, too, may move. */
static void holds_as_many_who_are_old(void **state)
{
    enum { LATE = START + DAY / 2 };
    static struct rig r;
    uint64_t refused = 0;

    (void)state;
    r.random = (struct support_random){ support_seed() };
    rig_up_keeping(&r, USERS, 6);
    for (unsigned i = 0; i < USERS; i++)
        refused += beat(&r, r.users[i] = anybody(&r), START) == -ENOSPC;
    for (unsigned i = 0; i < USERS; i++) {
        presence_quotient_leave(&r.map, &r.handle, r.users[0], LATE * UINT64_C(1000));
        refused += beat(&r, r.users[0] = anybody(&r), LATE) == -ENOSPC;
    }
    print_message("# %llu refused\n", (unsigned long long)refused);
    assert_int_equal(refused == 0, chosen_row_moves);
    for (unsigned i = 1; i < USERS && refused == 0; i++)
        assert_int_equal(presence_quotient_last_seen(&r.map, &r.handle, r.users[i]),
                         (START - START % 64) * INT64_C(1000));
    rig_down(&r);
}

/* P8: new users make others move while a round goes on, and who had expired before is gone after it. */
static void rounds_miss_nobody(void **state)
{
    enum { FEW = 400, LATE = START + 31 };
    static struct rig r;

    (void)state;
    r.random = (struct support_random){ support_seed() };
    for (unsigned round = 0; round < ROUNDS; round++) {
        bool complete = false;
        rig_up(&r, FEW);
        for (unsigned i = 0; i < FEW; i++) {
            r.users[i] = anybody(&r);
            beat(&r, r.users[i], START);
        }
        while (!complete) {
            presence_quotient_sweep(&r.map, &r.handle, LATE * UINT64_C(1000), 16, &complete);
            for (unsigned more = 0; more < 20; more++)
                beat(&r, anybody(&r), LATE); /* some are refused */
        }
        for (unsigned i = 0; i < FEW; i++)
            assert_int_equal(presence_quotient_last_seen(&r.map, &r.handle, r.users[i]), -ENOENT);
        rig_down(&r);
    }
}

/* ---- beside each other ---- */

enum { PERMANENT = 200, PASSING = 200, BEATS = 400000 };

struct street {
    struct rig rig;
    _Atomic bool over;
    _Atomic unsigned strangers; /* threads whose users come and go */
    _Atomic unsigned lost, came, missed, twice, left_over; /* what was seen and must not be */
};

/* Each permanent user is refreshed in turn, and is then seen as of that second. */
static void refresh_all(struct street *s, struct presence_quotient_handle *h)
{
    for (uint64_t i = 0; i < BEATS; i++) {
        uint64_t user = i % PERMANENT, second = START + 1 + i / (BEATS / 20);
        s->came += presence_quotient_heartbeat(&s->rig.map, h, user, second * 1000) !=
                   PRESENCE_REFRESHED;
        s->lost += presence_quotient_last_seen(&s->rig.map, h, user) != (int64_t)second * 1000;
    }
    s->over = true;
}

/* Others come, make the permanent users move, and leave. */
static void come_and_go(struct street *s, struct presence_quotient_handle *h)
{
    uint64_t passing[PASSING] = { 0 };
    struct support_random random = { support_seed() + ++s->strangers }; /* no id twice */

    while (!s->over) {
        uint64_t *user = &passing[support_below(&random, PASSING)];
        uint64_t now = (START + 20) * UINT64_C(1000);
        if (*user)
            presence_quotient_leave(&s->rig.map, h, *user, now);
        s->left_over += *user && presence_quotient_last_seen(&s->rig.map, h, *user) != -ENOENT;
        *user = PERMANENT + (support_random(&random) >> 17);
        if (presence_quotient_heartbeat(&s->rig.map, h, *user, now) == -ENOSPC)
            *user = 0;
    }
}

static int meet(void *ctx, uint64_t user, uint64_t last_seen)
{
    (void)last_seen;
    if (user < PERMANENT)
        ((unsigned char *)ctx)[user]++;
    return 0;
}

static void look_around(struct street *s, struct presence_quotient_handle *h)
{
    while (!s->over) {
        unsigned char met[PERMANENT] = { 0 };
        presence_quotient_for_each_online(&s->rig.map, h, START * UINT64_C(1000), meet, met);
        for (unsigned u = 0; u < PERMANENT; u++) {
            s->missed += met[u] == 0;
            s->twice += met[u] > 1;
        }
    }
}

static void live(struct team *team, unsigned number)
{
    static void (*const parts[])(struct street *, struct presence_quotient_handle *) = {
        refresh_all, come_and_go, look_around, come_and_go,
    };
    struct street *s = team->shared;
    struct presence_quotient_handle h;

    if (presence_quotient_attach(&s->rig.map, &h) != 0)
        abort();
    parts[number](s, &h);
    presence_quotient_detach(&s->rig.map, &h);
}

static void nobody_is_lost(void **state)
{
    static struct street s;

    (void)state;
    s.rig.random = (struct support_random){ support_seed() };
    rig_up(&s.rig, PERMANENT + PASSING);
    for (uint64_t user = 0; user < PERMANENT; user++)
        assert_int_equal(beat(&s.rig, user, START), PRESENCE_CAME_ONLINE);
    struct team team = { .body = live, .shared = &s };
    team_run(&team, 4, 0);
    assert_int_equal(s.came, 0);
    assert_int_equal(s.lost, 0);
    assert_int_equal(s.missed, 0);
    assert_int_equal(s.twice, 0);
    assert_int_equal(s.left_over, 0);
    rig_down(&s.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_it_says),
        cmocka_unit_test(holds_as_many_who_are_old),
        cmocka_unit_test(rounds_miss_nobody),
        cmocka_unit_test(nobody_is_lost),
    };

    return cmocka_run_group_tests_name("quotient moves", tests, NULL, NULL);
}
