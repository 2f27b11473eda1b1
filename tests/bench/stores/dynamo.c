/*
 * dynamo.c - what is DynamoDB's own: an item that has expired is there, and is returned; a server
 * that is away, or is none, is told.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/dynamo/place.h"
#include "bench/stores/servers/server.h"
#include "tests/bench/stores/proxy.h"
#include "tests/bench/stores/ready.h"

enum { TTL = 30000, BORN = 1000000 };

static int meet(void *ctx, uint64_t user, uint64_t seen)
{
    assert_true(user == 2 && seen == BORN + TTL);
    ++*(unsigned *)ctx;
    return 0;
}

static void existence_is_not_liveness(void **state)
{
    const struct presence_ops *ops = ready_store(&family_presence, "dynamo");
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
    const struct counter_ops *ops = ready_store(&family_counter, "dynamo_atomic");
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
    ready_store(&family_counter, "dynamo_atomic");
    assert_int_equal(dynamo_use("localhost"), -EINVAL);
    assert_int_equal(init_at("http://127.0.0.1:1", text), -EAGAIN);
    assert_non_null(strstr(text, "dynamo_atomic: DynamoDB: "));
}

/* The bound, the total, and a post that is gone: each with the bound in the way and without. */
static void claps_are_bounded_within_one_item(void **state)
{
    enum { READERS = 8 };
    const struct claps_ops *ops = ready_store(&family_claps, "dynamo");
    struct claps_config config = { .posts = 2, .readers = READERS };
    struct claps_rig r;
    void *object;

    (void)state;
    claps_rig_up(&r, ops, &config);
    assert_int_equal(ops->clap(r.object, r.handle, 0, 1, 30), 30);
    assert_int_equal(ops->clap(r.object, r.handle, 0, 1, 30), 20);
    assert_int_equal(ops->clap(r.object, r.handle, 0, 1, 1), 0);
    assert_int_equal(ops->clap(r.object, r.handle, 0, 2, 5000), 50);
    assert_int_equal(ops->unclap(r.object, r.handle, 0, 1, 7), 7);
    assert_int_equal(ops->unclap(r.object, r.handle, 0, 3, 7), 0);
    assert_int_equal(ops->unclap(r.object, r.handle, 0, 1, 1000), 43);
    assert_int_equal(ops->given(r.object, r.handle, 0, 1), 0);
    assert_int_equal(ops->given(r.object, r.handle, 0, 2), 50);
    assert_int_equal(ops->total(r.object, r.handle, 0), 50);
    assert_int_equal(ops->clap(r.object, r.handle, 0, READERS, 1), -ERANGE);
    assert_int_equal(ops->remove(r.object, r.handle, 0), 50);
    assert_int_equal(ops->remove(r.object, r.handle, 0), -ENOENT);
    assert_int_equal(ops->clap(r.object, r.handle, 0, 1, 1), -ENOENT);
    assert_int_equal(ops->unclap(r.object, r.handle, 0, 2, 1), -ENOENT);
    assert_int_equal(ops->given(r.object, r.handle, 0, 2), -ENOENT);
    assert_int_equal(ops->total(r.object, r.handle, 0), -ENOENT);
    assert_int_equal(ops->total(r.object, r.handle, 1), 0); /* the other one is there */
    claps_rig_down(&r);
    config.readers = ops->traits->max_readers + 1; /* more than an item can hold */
    object = support_alloc(ops->size);
    assert_int_equal(ops->init(object, &config), -ERANGE);
    free(object);
}

struct applause {
    const struct claps_ops *ops;
    void *object;
    _Atomic int64_t granted;
};

static void applaud(struct team *team, unsigned number)
{
    struct applause *a = team->shared;
    void *handle = support_alloc(a->ops->handle_size);

    if (a->ops->attach(a->object, handle) != 0)
        abort();
    for (unsigned i = 0; i < 12; i++) { /* of one reader, and of another one's */
        int n = a->ops->clap(a->object, handle, 0, (number + i) % 2, 7);
        if (n < 0)
            abort();
        atomic_fetch_add(&a->granted, n);
    }
    a->ops->detach(a->object, handle);
    free(handle);
}

static void claps_at_once_are_all_there(void **state)
{
    const struct claps_ops *ops = ready_store(&family_claps, "dynamo");
    const struct claps_config config = { .posts = 1, .readers = 2 };
    struct applause a = { .ops = ops };
    struct team team = { .body = applaud, .shared = &a };
    struct claps_rig r;

    (void)state;
    claps_rig_up(&r, ops, &config);
    a.object = r.object;
    team_run(&team, 3, 0);
    assert_int_equal(a.granted, 2 * CLAPS_LIMIT); /* both readers are at the bound */
    assert_int_equal(ops->total(r.object, r.handle, 0), 2 * CLAPS_LIMIT);
    claps_rig_down(&r);
}

/* It keeps everything in memory: a new object works again, and the old one's table is gone. */
static void a_killed_server_is_told_and_comes_back(void **state)
{
    const struct counter_ops *ops = ready_store(&family_counter, "dynamo_conditional");
    char text[TROUBLE_TEXT], error[SERVER_ERROR];
    struct counter_rig r;

    (void)state;
    counter_rig_up(&r, ops, NULL);
    assert_int_equal(ops->add(r.object, r.handle, 10), 0);
    trouble_take(text);
    server_kill(dynamo_server_own(), 0);
    /* Its first request is a look, so that nothing is unknown. */
    assert_int_equal(ops->add(r.object, r.handle, 1), -EAGAIN);
    assert_true(trouble_take(text));
    assert_non_null(strstr(text, "dynamo_conditional: DynamoDB: "));
    assert_int_equal(ops->read(r.object, r.handle), COUNTER_UNREADABLE);
    assert_int_equal(server_restart(dynamo_server_own(), error, sizeof error), 0);
    assert_true(ops->add(r.object, r.handle, 1) < 0); /* it has forgotten the table, and says so */
    trouble_take(text);
    counter_rig_down(&r);
    trouble_take(text);
    counter_rig_up(&r, ops, NULL);
    assert_int_equal(ops->add(r.object, r.handle, 7), 0);
    assert_int_equal(ops->read(r.object, r.handle), 7);
    counter_rig_down(&r);
}

static void a_server_that_stands_still_is_not_waited_for_in_vain(void **state)
{
    enum { LIMIT_MS = 1000, PATIENCE = 20 };
    const struct contend_setting soon = { "timeout_ms", LIMIT_MS };
    const struct counter_config config = { .settings = { .list = &soon, .count = 1 } };
    const struct counter_ops *ops = ready_store(&family_counter, "dynamo_atomic");
    char text[TROUBLE_TEXT];
    struct counter_rig r;

    (void)state;
    counter_rig_up(&r, ops, &config);
    assert_int_equal(ops->add(r.object, r.handle, 10), 0);
    trouble_take(text);
    assert_int_equal(kill(server_pid(dynamo_server_own()), SIGSTOP), 0);
    int answer = ops->add(r.object, r.handle, 1);
    assert_int_equal(kill(server_pid(dynamo_server_own()), SIGCONT), 0);
    assert_int_equal(answer, -ETIMEDOUT);
    assert_true(trouble_take(text));
    assert_non_null(strstr(text, "DynamoDB: "));
    for (int i = 0; i < PATIENCE && (answer = ops->add(r.object, r.handle, 100)) != 0; i++)
        assert_int_equal(answer, -ETIMEDOUT);
    assert_int_equal(answer, 0);
    int64_t sum = ops->read(r.object, r.handle);
    assert_true(sum >= 110 && sum % 10 <= 1); /* acknowledged, and perhaps those that are unknown */
    counter_rig_down(&r);
}

/*
 * The server has the request, and the connection is cut instead of an answer: over one that has been in
 * use, after which HTTP clients repeat requests.  Each that was sent is there once.
 */
static void a_lost_answer_is_unknown_and_not_repeated(void **state)
{
    const struct counter_ops *ops = ready_store(&family_counter, "dynamo_atomic");
    char text[TROUBLE_TEXT], address[128], error[SERVER_ERROR];
    struct server *s;
    struct counter_rig r;
    struct proxy proxy;

    (void)state;
    if (server_start_dynamo(&s, error, sizeof error) != 0)
        fail_msg("%s", error);
    proxy_begin(&proxy, server_address(s), "dynamo.sock");
    snprintf(address, sizeof address, "unix:%s", proxy.path);
    assert_int_equal(dynamo_use(address), 0);
    counter_rig_up(&r, ops, NULL);
    assert_int_equal(ops->add(r.object, r.handle, 10), 0);
    trouble_take(text);
    proxy_swallow(&proxy);
    assert_int_equal(ops->add(r.object, r.handle, 1), -EIO); /* neither lost nor done */
    assert_true(trouble_take(text));
    assert_non_null(strstr(text, "dynamo_atomic: DynamoDB: the connection was closed"));
    assert_int_equal(ops->add(r.object, r.handle, 100), 0); /* over a new connection */
    assert_int_equal(ops->read(r.object, r.handle), 111);
    counter_rig_down(&r);
    proxy_end(&proxy);
    server_stop(s);
}

/* What a server says that does not know the key: dynalite takes any. */
static void a_wrong_key_is_refused(void **state)
{
    static const char body[] =
        "{\"__type\":\"com.amazon.coral.service#UnrecognizedClientException\","
        "\"message\":\"The security token included in the request is invalid.\"}";
    char text[TROUBLE_TEXT], address[128], answer[512];
    struct proxy proxy;

    (void)state;
    ready_store(&family_counter, "dynamo_atomic");
    snprintf(answer, sizeof answer,
             "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.0\r\n"
             "Connection: close\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    proxy_pretend(&proxy, answer, "dynamo.sock");
    snprintf(address, sizeof address, "unix:%s", proxy.path);
    assert_int_equal(init_at(address, text), -EACCES);
    assert_non_null(strstr(text, "security token"));
    proxy_end(&proxy);
}

static void what_is_no_dynamo_is_told(void **state)
{
    char text[TROUBLE_TEXT], address[128];
    struct proxy proxy;

    (void)state;
    ready_store(&family_counter, "dynamo_atomic");
    proxy_begin(&proxy, NULL, "dynamo.sock"); /* it answers every message by nonsense */
    snprintf(address, sizeof address, "unix:%s", proxy.path);
    assert_int_equal(init_at(address, text), -EIO);
    assert_non_null(strstr(text, "dynamo_atomic: DynamoDB: "));
    proxy_end(&proxy);
}

int main(void)
{
    /* The last ones leave the process with somebody else's server. */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(existence_is_not_liveness),
        cmocka_unit_test(claps_are_bounded_within_one_item),
        cmocka_unit_test(claps_at_once_are_all_there),
        cmocka_unit_test(a_server_that_stands_still_is_not_waited_for_in_vain),
        cmocka_unit_test(a_killed_server_is_told_and_comes_back),
        cmocka_unit_test(a_wrong_address_is_named),
        cmocka_unit_test(a_lost_answer_is_unknown_and_not_repeated),
        cmocka_unit_test(a_wrong_key_is_refused),
        cmocka_unit_test(what_is_no_dynamo_is_told),
    };
    int failed = cmocka_run_group_tests_name("DynamoDB", tests, NULL, NULL);

    stores_end();
    return failed ? 1 : 0;
}
