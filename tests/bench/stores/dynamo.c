/*
 * dynamo.c - what is DynamoDB's own: an item that has expired is there, and is returned; a server
 * that is away, or is none, is told.
 */
#include <string.h>
#include <unistd.h>

#include "bench/stores/dynamo/place.h"
#include "bench/stores/parts/trouble.h"
#include "bench/stores/servers/server.h"
#include "bench/stores/stores.h"
#include "tests/support/support.h"

enum { TTL = 30000, BORN = 1000000 };

static const void *entry(const struct family *family, const char *name)
{
    const struct store *s;
    char why[STORES_WHY] = "built without libcurl";

    for (size_t i = 0; (s = stores_at(i)) != NULL; i++)
        if (s->family == family && strcmp(family->identity(s->ops)->name, name) == 0 &&
            stores_ready(s, why))
            return s->ops;
    print_message("# skipped: %s\n", why);
    skip();
    return NULL;
}

static int meet(void *ctx, uint64_t user, uint64_t seen)
{
    assert_true(user == 2 && seen == BORN + TTL);
    ++*(unsigned *)ctx;
    return 0;
}

static void existence_is_not_liveness(void **state)
{
    const struct presence_ops *ops = entry(&family_presence, "dynamo");
    const struct presence_config config = { .ttl_ms = TTL };
    const uint64_t users[3] = { 1, PRESENCE_NO_USER, 3 };
    uint64_t late = BORN + TTL + 1;
    struct presence_stats stats;
    struct map_rig r;
    unsigned met = 0;
    int results[3];
    bool complete;

    (void)state;
    map_rig_up(&r, ops, &config);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 1, BORN), PRESENCE_CAME_ONLINE);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 1, BORN - 1), PRESENCE_STALE);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 1, BORN), PRESENCE_REFRESHED);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 2, BORN + TTL), PRESENCE_CAME_ONLINE);
    assert_int_equal(ops->is_online(r.object, r.handle, 1, BORN + TTL), 1);
    assert_int_equal(ops->is_online(r.object, r.handle, 1, late), 0);
    assert_int_equal(ops->last_seen(r.object, r.handle, 1), BORN); /* the item is there */
    assert_int_equal(ops->count_online(r.object, r.handle, late), 1);
    assert_int_equal(ops->for_each_online(r.object, r.handle, late, meet, &met), 0);
    assert_int_equal(met, 1);
    ops->stats(r.object, &stats);
    assert_int_equal(stats.entries, 2);
    assert_int_equal(ops->sweep(r.object, r.handle, late, UINT64_MAX, &complete), 1);
    assert_true(complete);
    assert_int_equal(ops->last_seen(r.object, r.handle, 1), -ENOENT);
    assert_int_equal(ops->leave(r.object, r.handle, 2, BORN), 0); /* it was seen later */
    assert_int_equal(ops->leave(r.object, r.handle, 2, late), 1);
    assert_int_equal(ops->heartbeat_many(r.object, r.handle, users, 3, late, results), 0);
    assert_int_equal(results[0], PRESENCE_CAME_ONLINE);
    assert_int_equal(results[1], -EINVAL);
    assert_int_equal(results[2], PRESENCE_CAME_ONLINE);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

static int init_at(const char *address, char text[TROUBLE_TEXT])
{
    const struct counter_ops *ops = entry(&family_counter, "dynamo_atomic");
    void *object = support_alloc(ops->size);

    text[0] = '\0';
    trouble_take(text);
    assert_int_equal(dynamo_use(address), 0);
    int error = ops->init(object, NULL);
    assert_true(error < 0);
    assert_true(trouble_take(text));
    free(object);
    return error;
}

static void a_wrong_address_is_named(void **state)
{
    char text[TROUBLE_TEXT];

    (void)state;
    entry(&family_counter, "dynamo_atomic");
    assert_int_equal(dynamo_use("localhost"), -EINVAL);
    assert_int_equal(init_at("http://127.0.0.1:1", text), -EAGAIN);
    assert_non_null(strstr(text, "dynamo_atomic: DynamoDB: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(existence_is_not_liveness),
        cmocka_unit_test(a_wrong_address_is_named),
    };
    int failed = cmocka_run_group_tests_name("DynamoDB", tests, NULL, NULL);

    stores_end();
    return failed ? 1 : 0;
}
