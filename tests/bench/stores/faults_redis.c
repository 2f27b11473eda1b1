/*
 * faults_redis.c - what stands between a client and a real Redis breaks: connections are reset, an
 * answer is lost after the command was executed, somebody answers who is no Redis, a password is wrong.
 *
 * The complaint names the store, and the sum lies between the claps that were acknowledged and those
 * together with the ones of unknown outcome.
 */
#include <errno.h>
#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/servers/server.h"
#include "tests/bench/stores/proxy.h"
#include "tests/bench/stores/ready.h"

static const struct contend_setting limit = { "timeout_ms", 20000 };
static const struct counter_config config = { .settings = { .list = &limit, .count = 1 } };

static struct server *start(const struct server_options *options)
{
    char error[SERVER_ERROR];
    struct server *s;

    if (!server_is_installed(SERVER_REDIS, error, sizeof error)) {
        print_message("# skipped: %s\n", error);
        skip();
    }
    if (server_start(&s, SERVER_REDIS, options, error, sizeof error) != 0)
        fail_msg("%s", error);
    return s;
}

/* Has the stores take what answers at the proxy's port. */
static void use(const struct proxy *p, const char *password)
{
    char address[128];

    snprintf(address, sizeof address, "redis://%s%s%s127.0.0.1:%d", password ? ":" : "",
             password ? password : "", password ? "@" : "", p->port);
    assert_int_equal(stores_use("redis", address), 0);
}

/* Each connection is reset while nobody uses it: one call is unknown, and the next connects anew. */
static void a_connection_is_reset(void **state)
{
    static const char *const names[] = { "redis_incr", "redis_lua", "redis_watch" };
    struct server *s = start(NULL);
    struct counter_rig r;
    struct proxy proxy;

    (void)state;
    proxy_begin_tcp(&proxy, server_address(s));
    use(&proxy, NULL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        counter_rig_up(&r, ready_store(&family_counter, names[i]), &config);
        assert_int_equal(r.ops->add(r.object, r.handle, 5), 0);
        forget_complaints();
        proxy_reset(&proxy);
        assert_int_equal(r.ops->add(r.object, r.handle, 100), -EIO);
        assert_complaint(names[i], "");
        assert_int_equal(r.ops->add(r.object, r.handle, 7), 0);
        int64_t sum = r.ops->read(r.object, r.handle);
        assert_true(sum == 12 || sum == 112);
        counter_rig_down(&r);
    }
    proxy_end(&proxy);
    server_stop(s);
}

/* It has been executed, and nobody can know: the caller is told so, and the clap is in the sum. */
static void an_answer_is_lost(void **state)
{
    struct server *s = start(NULL);
    struct counter_rig r;
    struct proxy proxy;

    (void)state;
    proxy_begin_tcp(&proxy, server_address(s));
    use(&proxy, NULL);
    counter_rig_up(&r, ready_store(&family_counter, "redis_incr"), &config);
    assert_int_equal(r.ops->add(r.object, r.handle, 5), 0);
    forget_complaints();
    proxy_swallow(&proxy);
    assert_int_equal(r.ops->add(r.object, r.handle, 100), -EIO); /* neither lost nor done */
    assert_complaint("redis_incr", "");
    assert_int_equal(r.ops->read(r.object, r.handle), 105);
    counter_rig_down(&r);
    proxy_end(&proxy);
    server_stop(s);
}

static void somebody_answers_who_is_no_redis(void **state)
{
    const struct counter_ops *ops = ready_store(&family_counter, "redis_incr");
    void *object = support_alloc(ops->size);
    struct proxy proxy;

    (void)state;
    proxy_begin_tcp(&proxy, NULL);
    use(&proxy, NULL);
    forget_complaints();
    assert_int_equal(ops->init(object, &config), -EIO);
    assert_complaint("redis_incr", "Protocol error");
    free(object);
    proxy_end(&proxy);
}

static void a_password_is_wrong(void **state)
{
    static const char *const wrong[] = { "opensesame", NULL };
    const struct server_options locked = { .password = "sesame" };
    const struct counter_ops *ops = ready_store(&family_counter, "redis_incr");
    struct server *s = start(&locked);
    void *object = support_alloc(ops->size);
    struct counter_rig r;
    struct proxy proxy;

    (void)state;
    proxy_begin_tcp(&proxy, server_address(s));
    for (int i = 0; i < 2; i++) {
        use(&proxy, wrong[i]);
        forget_complaints();
        assert_int_equal(ops->init(object, &config), -EACCES);
        assert_complaint("redis_incr", wrong[i] ? "password" : "NOAUTH");
    }
    use(&proxy, "sesame");
    counter_rig_up(&r, ops, &config);
    assert_int_equal(r.ops->add(r.object, r.handle, 5), 0);
    assert_int_equal(r.ops->read(r.object, r.handle), 5);
    counter_rig_down(&r);
    free(object);
    proxy_end(&proxy);
    server_stop(s);
}

/* A thread that claps until it is told to stop, and what became of its claps. */
struct clapper {
    const struct counter_ops *ops;
    void *object;
    _Atomic bool over;
    _Atomic int64_t done, unknown;
};

static void *clap_on(void *shared)
{
    struct clapper *c = shared;
    void *handle = support_alloc(c->ops->handle_size);

    if (c->ops->attach(c->object, handle) != 0)
        abort();
    while (!atomic_load(&c->over)) {
        int error = c->ops->add(c->object, handle, 1);
        if (error == 0)
            atomic_fetch_add(&c->done, 1);
        else if (error == -EIO || error == -ETIMEDOUT)
            atomic_fetch_add(&c->unknown, 1);
        if (error)
            usleep(5000); /* while the server is away */
    }
    c->ops->detach(c->object, handle);
    free(handle);
    return NULL;
}

/* A server that syncs each command to its file is killed in the middle: nothing acknowledged is lost. */
static void a_durable_server_is_killed(void **state)
{
    const struct server_options durable = { .durable = true, .folder = "/dev/shm" };
    struct server *s = start(&durable);
    struct clapper c = { .ops = ready_store(&family_counter, "redis_incr") };
    char error[SERVER_ERROR], address[128];
    struct counter_rig r;
    pthread_t thread;

    (void)state;
    snprintf(address, sizeof address, "unix:%s", server_address(s));
    assert_int_equal(stores_use("redis", address), 0);
    counter_rig_up(&r, c.ops, &config);
    c.object = r.object;
    assert_int_equal(pthread_create(&thread, NULL, clap_on, &c), 0);
    for (int round = 1; round <= 2; round++) {
        int64_t before = atomic_load(&c.done);
        while (atomic_load(&c.done) < before + 30)
            usleep(1000);
        server_kill(s, 0);
        if (server_restart(s, error, sizeof error) != 0)
            fail_msg("%s", error);
    }
    int64_t before = atomic_load(&c.done);
    while (atomic_load(&c.done) < before + 30)
        usleep(1000);
    atomic_store(&c.over, true);
    pthread_join(thread, NULL);
    /* This handle's own connection is of before the kills: its first call finds that out. */
    int64_t sum = r.ops->read(r.object, r.handle);
    if (sum == COUNTER_UNREADABLE)
        sum = r.ops->read(r.object, r.handle);
    if (sum < c.done || sum > c.done + c.unknown)
        fail_msg("the sum is %lld after %lld claps and %lld of unknown outcome", (long long)sum,
                 (long long)c.done, (long long)c.unknown);
    counter_rig_down(&r);
    server_stop(s);
}

static long long number(redisContext *c, const char *command)
{
    redisReply *reply = redisCommand(c, command);
    long long n = reply && reply->type == REDIS_REPLY_INTEGER ? reply->integer : -1;

    freeReplyObject(reply);
    return n;
}

/* Nothing of others is touched, and keys that could be taken for ours are a reason to refuse. */
static void foreign_data_are_left_alone(void **state)
{
    static const char *const names[] = { "redis_incr", "redis_lua" };
    struct server *s = start(NULL);
    char address[256];
    struct counter_rig r;

    (void)state;
    snprintf(address, sizeof address, "unix:%s", server_address(s));
    assert_int_equal(stores_use("redis", address), 0);
    redisContext *c = redisConnectUnix(server_address(s));
    assert_int_equal(number(c, "INCRBY contend:7.0:theirs 7"), 7);
    assert_int_equal(number(c, "INCRBY theirs 7"), 7);
    forget_complaints();
    const struct counter_ops *ops = ready_store(&family_counter, names[0]);
    void *object = support_alloc(ops->size);
    assert_int_equal(ops->init(object, &config), -EEXIST);
    assert_complaint(names[0], "contend:7.0:theirs");
    free(object);
    assert_int_equal(number(c, "DEL contend:7.0:theirs"), 1);
    for (size_t i = 0; i < 2; i++) { /* one beside the other is fine: both are ours */
        struct counter_rig other;
        counter_rig_up(&r, ready_store(&family_counter, names[i]), &config);
        assert_int_equal(r.ops->add(r.object, r.handle, 5), 0);
        counter_rig_up(&other, ready_store(&family_counter, names[1 - i]), &config);
        assert_int_equal(other.ops->add(other.object, other.handle, 6), 0);
        assert_int_equal(r.ops->read(r.object, r.handle), 5);
        counter_rig_down(&other);
        counter_rig_down(&r);
    }
    assert_int_equal(number(c, "DBSIZE"), 1);
    assert_int_equal(number(c, "INCRBY theirs 1"), 8);
    redisFree(c);
    server_stop(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_is_reset),
        cmocka_unit_test(an_answer_is_lost),
        cmocka_unit_test(somebody_answers_who_is_no_redis),
        cmocka_unit_test(a_password_is_wrong),
        cmocka_unit_test(foreign_data_are_left_alone),
        cmocka_unit_test(a_durable_server_is_killed),
    };
    int failed = cmocka_run_group_tests_name("faults of Redis", tests, NULL, NULL);

    stores_end();
    return failed ? 1 : 0;
}
