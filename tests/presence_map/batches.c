/*
 * batches.c - a batch says of each user what a call of its own would have said (P12).
 *
 * Two maps of one kind: one is asked in batches, the other user by user, and both must answer alike.
 * The batches are longer than what maps sort or look ahead at a time, most users are in them several
 * times, and some are not users at all.
 */
#include "tests/support/support.h"

enum { BATCH = 300, USERS = 70, ROUNDS = 12, START = 1000000, TTL = 30000 };

static void make_batch(uint64_t *users, struct support_random *random)
{
    for (int i = 0; i < BATCH; i++)
        users[i] = support_below(random, 50) ? support_below(random, USERS) : PRESENCE_NO_USER;
}

/* The element at which two lists of results differ, or BATCH. */
static int first_difference(const int *a, const int *b)
{
    int i = 0;

    while (i < BATCH && a[i] == b[i])
        i++;
    return i;
}

static void compare(const char *what, const uint64_t *users, const int *many, const int *one)
{
    int i = first_difference(many, one);

    if (i < BATCH)
        fail_msg("%s: element %d, user %llu: %d in the batch, %d by itself", what, i,
                 (unsigned long long)users[i], many[i], one[i]);
}

/* Time goes on by less than a TTL and then by more, and some leave between two batches. */
static void answer_as_calls_do(void **state)
{
    const struct presence_ops *ops = *state;
    const struct presence_config config = { .ttl_ms = TTL, .expected = USERS };
    struct support_random random = { support_seed() };
    struct map_rig batches, calls;
    uint64_t users[BATCH], now = START;
    int many[BATCH], one[BATCH];

    map_rig_up(&batches, ops, &config);
    map_rig_up(&calls, ops, &config);
    for (int round = 0; round < ROUNDS; round++) {
        size_t n = round % 3 ? BATCH : 1 + support_below(&random, BATCH);
        make_batch(users, &random);
        memset(many, 0, sizeof many);
        memset(one, 0, sizeof one);
        assert_int_equal(ops->heartbeat_many(batches.object, batches.handle, users, n, now, many), 0);
        for (size_t i = 0; i < n; i++)
            one[i] = ops->heartbeat(calls.object, calls.handle, users[i], now);
        compare("heartbeat", users, many, one);
        now += round % 4 == 3 ? TTL + 5000 : TTL / 3;
        uint64_t gone = support_below(&random, USERS);
        assert_int_equal(ops->leave(batches.object, batches.handle, gone, now),
                         ops->leave(calls.object, calls.handle, gone, now));
        make_batch(users, &random);
        assert_int_equal(ops->is_online_many(batches.object, batches.handle, users, BATCH, now, many), 0);
        for (int i = 0; i < BATCH; i++)
            one[i] = ops->is_online(calls.object, calls.handle, users[i], now);
        compare("is_online", users, many, one);
    }
    map_rig_assert_balance(&batches);
    map_rig_assert_balance(&calls);
    map_rig_down(&batches);
    map_rig_down(&calls);
}

/* A batch that goes beyond a fixed capacity: who is there is served, the others are refused. */
static void fill_as_calls_do(void **state)
{
    const struct presence_ops *ops = *state;
    const struct presence_config config = { .ttl_ms = TTL, .capacity = 20 };
    struct map_rig batches, calls;
    uint64_t users[BATCH];
    int many[BATCH], one[BATCH];

    for (int i = 0; i < BATCH; i++)
        users[i] = (uint64_t)(i % 150);
    map_rig_up(&batches, ops, &config);
    map_rig_up(&calls, ops, &config);
    assert_int_equal(ops->heartbeat_many(batches.object, batches.handle, users, BATCH, START, many), 0);
    for (int i = 0; i < BATCH; i++)
        one[i] = ops->heartbeat(calls.object, calls.handle, users[i], START);
    compare("heartbeat", users, many, one);
    map_rig_assert_balance(&batches);
    map_rig_down(&batches);
    map_rig_down(&calls);
}

int main(void)
{
    const struct check checks[] = {
        { "batches answer as calls do", answer_as_calls_do },
        { "batches fill a map as calls do", fill_as_calls_do },
    };

    return support_run_maps("batches", checks, sizeof checks / sizeof *checks, 0);
}
