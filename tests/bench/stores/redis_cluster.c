/*
 * redis_cluster.c - a real cluster of three masters whose slots move, whose master is killed, and whose
 * clients are cut off from one of them: what answers, what is lost, and what is unknown.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/redis/cluster.h"
#include "bench/stores/servers/server.h"
#include "locks/parts/hash.h"
#include "locks/parts/platform.h"
#include "tests/bench/stores/proxy.h"
#include "tests/bench/stores/ready.h"

enum { USERS = 240, TIMEOUT_MS = 700, BEFORE = 50000, AFTER = 60000 };

static const struct contend_setting soon[] = { { "timeout_ms", TIMEOUT_MS }, { "parts", 64 } };
static const struct presence_config impatient = { .settings = { .list = soon, .count = 2 } };
static const struct contend_setting patience[] = { { "timeout_ms", 10000 }, { "parts", 64 } };
static const struct presence_config patient = { .settings = { .list = patience, .count = 2 } };

/* The key of the sorted set that a user is in. */
static const char *key_of(const struct map_rig *r, uint64_t user, char key[REDIS_KEY])
{
    const struct redis_cluster_place *p = r->object; /* the object begins with it */
    char stem[REDIS_WORD];

    snprintf(stem, sizeof stem, "{%u}", (unsigned)(presence_hash(user, 0) % p->parts));
    return redis_key(&p->redis, stem, key);
}

/* The number of the node that the handle knows as the owner of the user's slot. */
static unsigned owner_of(const struct map_rig *r, uint64_t user)
{
    const struct redis_cluster_link *l = r->handle; /* the handle begins with it */
    char key[REDIS_KEY];

    return l->owner[redis_slot(key_of(r, user, key))];
}

static void all_beat(const struct map_rig *r, uint64_t now)
{
    for (uint64_t u = 0; u < USERS; u++)
        assert_true(r->ops->heartbeat(r->object, r->handle, u, now) >= 0);
}

/* One command to one member, whose answer is a text or a number, as text. */
static void tell(const char *address, const char *const *words, unsigned count, char answer[64])
{
    char host[64];
    const char *colon = strrchr(address, ':');
    size_t lengths[12];

    snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
    redisContext *c = redisConnect(host, atoi(colon + 1));
    assert_true(c && !c->err);
    for (unsigned i = 0; i < count; i++)
        lengths[i] = strlen(words[i]);
    redisReply *reply = redisCommandArgv(c, (int)count, (const char **)words, lengths);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_ERROR)
        fail_msg("%s %s: %s", words[0], words[1], reply->str);
    if (reply->type == REDIS_REPLY_INTEGER)
        snprintf(answer, 64, "%lld", reply->integer);
    else
        snprintf(answer, 64, "%.60s", reply->str);
    freeReplyObject(reply);
    redisFree(c);
}

/* A slot is moved while it is in use: ASK while the key is on its way, MOVED after; nothing is lost. */
static void follows_a_slot_that_moves(void **state)
{
    char key[REDIS_KEY], slot[REDIS_WORD], ids[2][64], answer[64], port[REDIS_WORD];
    static const char *const my_id[] = { "CLUSTER", "MYID" };
    struct map_rig r;

    (void)state;
    map_rig_up(&r, ready_store(&family_presence, "redis_cluster"), &patient);
    struct redis_cluster_link *l = r.handle;
    all_beat(&r, BEFORE);
    assert_int_equal(l->followed, 0); /* it has asked the owners at once */
    const char *from = l->nodes.addresses[owner_of(&r, 7)];
    const char *to = l->nodes.addresses[(owner_of(&r, 7) + 1) % l->nodes.count];
    key_of(&r, 7, key);
    redis_word((int64_t)redis_slot(key), slot);
    const char *const slot_of[] = { "CLUSTER", "KEYSLOT", key };
    tell(from, slot_of, 3, answer);
    assert_string_equal(answer, slot);
    tell(from, my_id, 2, ids[0]);
    tell(to, my_id, 2, ids[1]);
    const char *const importing[] = { "CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0] };
    const char *const migrating[] = { "CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1] };
    snprintf(port, sizeof port, "%s", strrchr(to, ':') + 1);
    const char *const migrate[] = { "MIGRATE", "127.0.0.1", port, key, "0", "5000" };
    const char *const belongs[] = { "CLUSTER", "SETSLOT", slot, "NODE", ids[1] };
    tell(to, importing, 5, answer);
    tell(from, migrating, 5, answer);
    tell(from, migrate, 6, answer);
    assert_int_equal(r.ops->is_online(r.object, r.handle, 7, BEFORE), 1); /* ASK */
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 7, AFTER), PRESENCE_REFRESHED);
    assert_true(l->followed >= 2);
    assert_string_equal(l->nodes.addresses[owner_of(&r, 7)], from); /* ASK teaches nothing */
    uint64_t asked = l->followed;
    tell(to, belongs, 5, answer);
    tell(from, belongs, 5, answer);
    assert_int_equal(r.ops->last_seen(r.object, r.handle, 7), AFTER); /* MOVED */
    assert_int_equal(l->followed, asked + 1);
    assert_string_equal(l->nodes.addresses[owner_of(&r, 7)], to);
    assert_int_equal(r.ops->last_seen(r.object, r.handle, 7), AFTER);
    assert_int_equal(l->followed, asked + 1); /* it has learned it */
    assert_int_equal(r.ops->count_online(r.object, r.handle, AFTER), USERS);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/* Batches follow as well, one by one. */
static void batches_follow(void **state)
{
    uint64_t users[USERS];
    int results[USERS];
    struct map_rig r;

    (void)state;
    map_rig_up(&r, ready_store(&family_presence, "redis_cluster"), &patient);
    struct redis_cluster_link *l = r.handle;
    for (unsigned i = 0; i < USERS; i++)
        users[i] = i;
    /* As if it knew nothing: all are asked for at the first member, and two thirds have moved. */
    memset(l->owner, 0, sizeof l->owner);
    assert_int_equal(r.ops->heartbeat_many(r.object, r.handle, users, USERS, BEFORE, results), 0);
    for (unsigned i = 0; i < USERS; i++)
        assert_int_equal(results[i], PRESENCE_CAME_ONLINE);
    assert_true(l->followed > 0);
    memset(l->owner, 1, sizeof l->owner);
    assert_int_equal(r.ops->is_online_many(r.object, r.handle, users, USERS, BEFORE, results), 0);
    for (unsigned i = 0; i < USERS; i++)
        assert_int_equal(results[i], 1);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
}

/* Its users cannot be asked for, the others answer; when it is back, its users are to beat again. */
static void a_master_is_killed(void **state)
{
    char error[SERVER_ERROR];
    unsigned away = 0;
    struct map_rig r;

    (void)state;
    map_rig_up(&r, ready_store(&family_presence, "redis_cluster"), &patient);
    all_beat(&r, BEFORE);
    struct server *s = redis_cluster_server();
    const struct redis_cluster_link *l = r.handle;
    unsigned dead = 0;
    while (strcmp(l->nodes.addresses[dead], server_member_address(s, 1)) != 0)
        dead++;
    forget_complaints();
    server_kill(s, 1);
    for (uint64_t u = 0; u < USERS; u++) {
        int answer = r.ops->heartbeat(r.object, r.handle, u, AFTER);
        if (owner_of(&r, u) != dead)
            assert_int_equal(answer, PRESENCE_REFRESHED);
        else /* the first is unknown, as its connection broke; the others have changed nothing */
            assert_true(answer == -EAGAIN || (answer == -EIO && away == 0));
        away += owner_of(&r, u) == dead;
    }
    assert_true(away > 0 && away < USERS);
    assert_complaint("redis_cluster", "");
    assert_true(r.ops->count_online(r.object, r.handle, AFTER) < 0); /* which needs all of them */
    if (server_restart(s, error, sizeof error) != 0)
        fail_msg("%s", error);
    for (uint64_t u = 0; u < USERS; u++)
        assert_int_equal(r.ops->is_online(r.object, r.handle, u, AFTER), owner_of(&r, u) != dead);
    assert_int_equal(r.ops->count_online(r.object, r.handle, AFTER), USERS - away);
    all_beat(&r, AFTER);
    assert_int_equal(r.ops->count_online(r.object, r.handle, AFTER), USERS);
    map_rig_down(&r);
}

/* Calls of its users end when their time is up, unknown; the others answer; nothing acknowledged is lost. */
static void a_partition_cuts_clients_off(void **state)
{
    struct proxy proxies[SERVER_MEMBERS];
    int ports[SERVER_MEMBERS], tried = 0;
    char error[SERVER_ERROR], address[64];
    struct server_options options = { .announce = ports };
    struct server *s;
    struct map_rig r;

    (void)state;
    const struct presence_ops *ops = ready_store(&family_presence, "redis_cluster");
    for (int i = 0; i < SERVER_MEMBERS; i++) {
        proxy_begin_tcp(&proxies[i], "");
        ports[i] = proxies[i].port;
    }
    if (server_start(&s, SERVER_REDIS_CLUSTER, &options, error, sizeof error) != 0)
        fail_msg("%s", error);
    for (int i = 0; i < SERVER_MEMBERS; i++)
        proxy_aim(&proxies[i], atoi(strrchr(server_member_address(s, i), ':') + 1));
    snprintf(address, sizeof address, "redis://127.0.0.1:%d", ports[0]);
    assert_int_equal(redis_cluster_use(address), 0);
    map_rig_up(&r, ops, &impatient);
    all_beat(&r, BEFORE);
    const struct redis_cluster_link *l = r.handle;
    unsigned cut = 0;
    while (atoi(strrchr(l->nodes.addresses[cut], ':') + 1) != ports[1])
        cut++;
    forget_complaints();
    proxy_drop(&proxies[1]);
    uint64_t began = contend_clock_ns();
    for (uint64_t u = 0; u < USERS; u++) {
        bool away = owner_of(&r, u) == cut;
        if (away && tried++ >= 3)
            continue;
        int answer = r.ops->heartbeat(r.object, r.handle, u, AFTER);
        if (away)
            assert_int_equal(answer, -ETIMEDOUT);
        else if (answer == -ETIMEDOUT) /* a busy machine; the time-out is short */
            assert_true(contend_clock_ns() - began > TIMEOUT_MS * UINT64_C(1000000));
        else
            assert_int_equal(answer, PRESENCE_REFRESHED);
    }
    assert_true(tried > 3);
    assert_true(contend_clock_ns() - began >= 3 * TIMEOUT_MS * UINT64_C(1000000));
    assert_complaint("redis_cluster", "");
    proxy_heal(&proxies[1]);
    for (uint64_t u = 0; u < USERS; u++) {
        int64_t seen = -ETIMEDOUT;
        for (int i = 0; i < 100 && seen < 0 && seen != -ENOENT; i++)
            seen = r.ops->last_seen(r.object, r.handle, u);
        assert_true(seen == BEFORE || seen == AFTER);
    }
    map_rig_down(&r);
    server_stop(s);
    for (int i = 0; i < SERVER_MEMBERS; i++)
        proxy_end(&proxies[i]);
}

/* The cluster's own default: without all slots nobody answers; what is refused has changed nothing. */
static void full_coverage_refuses_everybody(void **state)
{
    const struct server_options options = { .full_coverage = true };
    char error[SERVER_ERROR], address[64];
    const struct presence_ops *ops = ready_store(&family_presence, "redis_cluster");
    struct server *s;
    struct map_rig r;

    (void)state;
    if (server_start(&s, SERVER_REDIS_CLUSTER, &options, error, sizeof error) != 0)
        fail_msg("%s", error);
    snprintf(address, sizeof address, "redis://%s", server_address(s));
    assert_int_equal(redis_cluster_use(address), 0);
    map_rig_up(&r, ops, &patient);
    all_beat(&r, BEFORE);
    const struct redis_cluster_link *l = r.handle;
    uint64_t other = 0;
    while (strcmp(l->nodes.addresses[owner_of(&r, other)], server_address(s)) != 0)
        other++;
    server_kill(s, 1);
    int answer = PRESENCE_REFRESHED;
    for (unsigned i = 0; i < 600 && answer >= 0; i++) { /* until the others have noticed */
        usleep(50000);
        answer = r.ops->heartbeat(r.object, r.handle, other, BEFORE);
    }
    assert_int_equal(answer, -EAGAIN);
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, other, AFTER), -EAGAIN);
    if (server_restart(s, error, sizeof error) != 0)
        fail_msg("%s", error);
    assert_int_equal(r.ops->last_seen(r.object, r.handle, other), BEFORE);
    map_rig_down(&r);
    server_stop(s);
}

static void refuses_what_is_no_address(void **state)
{
    static const char *const bad[] = { "", "redis://", "redis://h", "redis://h:0", "redis://h:70000",
                                       "redis://:password@h:1", "unix:/path", "h:1" };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(stores_use("Redis Cluster", bad[i]), -EINVAL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(follows_a_slot_that_moves),
        cmocka_unit_test(batches_follow),
        cmocka_unit_test(a_master_is_killed),
        /* The last ones: they take a cluster that is not the stores' own. */
        cmocka_unit_test(full_coverage_refuses_everybody),
        cmocka_unit_test(a_partition_cuts_clients_off),
    };
    int failed = cmocka_run_group_tests_name("a Redis Cluster", tests, NULL, NULL);

    stores_end();
    return failed ? 1 : 0;
}
