/*
 * faults.c - what a caller sees of a store that is stopped, killed, restarted or kept busy: an error
 * that names the store, within the time-out; and afterwards no clap that was acknowledged is missing.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "locks/parts/platform.h"
#include "tests/bench/stores/ready.h"
#ifdef TESTS_SQLITE
#include "bench/stores/sqlite/place.h"
#endif
#ifdef TESTS_REDIS
#include "bench/stores/redis/host.h"
#include "bench/stores/servers/server.h"
#endif

enum { TIMEOUT_MS = 300, PATIENCE_S = 60 };

static const struct contend_setting soon = { "timeout_ms", TIMEOUT_MS };
static const struct counter_config impatient = { .settings = { .list = &soon, .count = 1 } };

static uint64_t ms_since(uint64_t begun)
{
    return (contend_clock_ns() - begun) / 1000000;
}

#ifdef TESTS_SQLITE
/* The entry's object begins with its place: another writer holds the file for longer than a call waits. */
static void sqlite_is_kept_busy(void **state)
{
    const struct counter_ops *ops = NULL;
    char path[256], name[64];
    struct counter_rig r;
    const struct store *s;
    sqlite3 *other;

    (void)state;
    for (size_t i = 0; (s = stores_at(i)) != NULL; i++) {
        ops = s->ops;
        if (s->family != &family_counter || s->system != &sqlite_system)
            continue;
        forget_complaints();
        counter_rig_up(&r, ops, &impatient);
        assert_int_equal(ops->add(r.object, r.handle, 5), 0);
        snprintf(path, sizeof path, "%s/db", ((struct sqlite_place *)r.object)->folder.path);
        snprintf(name, sizeof name, "%s", ops->traits->id.name);
        assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        uint64_t begun = contend_clock_ns();
        assert_int_equal(ops->add(r.object, r.handle, 1), -ETIMEDOUT);
        assert_true(ms_since(begun) < PATIENCE_S * 1000);
        assert_complaint(name, "SQLite");
        assert_int_equal(ops->read(r.object, r.handle), 5); /* readers wait for nobody */
        assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(other);
        assert_int_equal(ops->add(r.object, r.handle, 1), 0);
        assert_int_equal(ops->read(r.object, r.handle), 6); /* what failed has changed nothing */
        counter_rig_down(&r);
    }
}

enum { STORM_THREADS = 3, STORM_CLAPS = 40, HELD_MS = 150 };

struct storm {
    const struct counter_ops *ops;
    void *object;
    sqlite3 *other; /* the first thread's: it holds the file for longer than a call waits */
    _Atomic int64_t done, busy;
    _Atomic unsigned running; /* threads that clap */
    _Atomic bool held;        /* it has begun, so that they may */
};

static void hold_now_and_then(struct storm *s)
{
    while (atomic_load(&s->running) > 0) {
        assert_int_equal(sqlite3_exec(s->other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
        atomic_store(&s->held, true);
        do /* until somebody has waited in vain, however busy the machine is */
            nanosleep(&(struct timespec){ 0, HELD_MS * 1000000L }, NULL);
        while (atomic_load(&s->busy) == 0 && atomic_load(&s->running) > 0);
        assert_int_equal(sqlite3_exec(s->other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
        nanosleep(&(struct timespec){ 0, 5000000L }, NULL);
    }
}

static void clap_in_the_storm(struct team *team, unsigned number)
{
    struct storm *s = team->shared;
    void *handle = support_alloc(s->ops->handle_size);

    if (number == 0)
        hold_now_and_then(s);
    if (number > 0 && s->ops->attach(s->object, handle) != 0)
        abort();
    while (number > 0 && !atomic_load(&s->held))
        nanosleep(&(struct timespec){ 0, 1000000L }, NULL);
    for (unsigned i = 0; number > 0 && i < STORM_CLAPS; i++) {
        int error = s->ops->add(s->object, handle, 1);
        if (error && error != -ETIMEDOUT && error != -EAGAIN)
            abort();
        atomic_fetch_add(error ? &s->busy : &s->done, 1);
    }
    if (number > 0) {
        s->ops->detach(s->object, handle);
        atomic_fetch_sub(&s->running, 1);
    }
    free(handle);
}

/* SQLITE_BUSY again and again: each clap is there or was refused, and nothing is half of one. */
static void sqlite_survives_a_storm(void **state)
{
    static const struct contend_setting least = { "timeout_ms", 100 };
    static const struct counter_config config = { .settings = { .list = &least, .count = 1 } };
    const struct store *s;
    char path[256];

    (void)state;
    for (size_t i = 0; (s = stores_at(i)) != NULL; i++) {
        const struct contend_identity *id = s->family->identity(s->ops);
        struct storm storm = { .ops = s->ops };
        struct team team = { .body = clap_in_the_storm, .shared = &storm };
        struct counter_rig r;
        if (s->family != &family_counter || s->system != &sqlite_system || id->flags & CONTEND_EXHIBIT ||
            strstr(id->name, "pooled"))
            continue;
        counter_rig_up(&r, storm.ops, &config);
        storm.object = r.object;
        atomic_init(&storm.running, STORM_THREADS - 1);
        snprintf(path, sizeof path, "%s/db", ((struct sqlite_place *)r.object)->folder.path);
        assert_int_equal(sqlite3_open(path, &storm.other), SQLITE_OK);
        sqlite3_busy_timeout(storm.other, PATIENCE_S * 1000);
        forget_complaints();
        team_run(&team, STORM_THREADS, 0);
        assert_true(storm.busy > 0);
        assert_complaint(id->name, "SQLite");
        assert_int_equal(storm.done + storm.busy, (STORM_THREADS - 1) * STORM_CLAPS);
        assert_int_equal(r.ops->read(r.object, r.handle), storm.done);
        sqlite3_close(storm.other);
        assert_int_equal(r.ops->add(r.object, r.handle, 1), 0);
        counter_rig_down(&r);
    }
}

/* As many pages as the file has, and no more: the disk is full. */
static void sqlite_is_full(void **state)
{
    const struct presence_ops *ops = NULL;
    const struct store *s;
    struct map_rig r;
    int answer = 0;
    uint64_t user = 0;

    (void)state;
    for (size_t i = 0; (s = stores_at(i)) != NULL && !ops; i++)
        if (s->family == &family_presence && s->system == &sqlite_system)
            ops = s->ops;
    map_rig_up(&r, ops, NULL);
    sqlite3 *db = ((struct sqlite_link *)r.handle)->db;
    assert_int_equal(sqlite3_exec(db, "PRAGMA max_page_count = 8", NULL, NULL, NULL), SQLITE_OK);
    forget_complaints();
    for (; user < 100000 && answer >= 0; user++)
        answer = ops->heartbeat(r.object, r.handle, user, 1000000);
    assert_int_equal(answer, -ENOSPC);
    assert_complaint("sqlite", "full");
    user--;
    assert_int_equal(ops->count_online(r.object, r.handle, 1000000), (int64_t)user);
    map_rig_assert_balance(&r);
    assert_int_equal(sqlite3_exec(db, "PRAGMA max_page_count = 100000", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ops->heartbeat(r.object, r.handle, user, 1000000), PRESENCE_CAME_ONLINE);
    map_rig_down(&r);
}
#endif

#ifdef TESTS_REDIS
/* A server that does not answer: the call ends in time, its outcome is unknown, the next one works. */
static void redis_stands_still(void **state)
{
    struct counter_rig r;

    (void)state;
    counter_rig_up(&r, ready_store(&family_counter, "redis_incr"), &impatient);
    assert_int_equal(r.ops->add(r.object, r.handle, 10), 0);
    pid_t pid = server_pid(redis_host_server());
    forget_complaints();
    assert_int_equal(kill(pid, SIGSTOP), 0);
    uint64_t begun = contend_clock_ns();
    int answer = r.ops->add(r.object, r.handle, 1);
    uint64_t took = ms_since(begun);
    assert_int_equal(kill(pid, SIGCONT), 0);
    assert_int_equal(answer, -ETIMEDOUT);
    assert_true(took >= TIMEOUT_MS && took < PATIENCE_S * 1000);
    assert_complaint("redis_incr", "no answer");
    while ((answer = r.ops->add(r.object, r.handle, 100)) == -ETIMEDOUT && ms_since(begun) < PATIENCE_S * 1000)
        ;
    assert_int_equal(answer, 0);
    int64_t sum = r.ops->read(r.object, r.handle);
    /* The first and the last are acknowledged; of what is unknown each may be in or not. */
    assert_true(sum >= 110 && sum % 10 <= 1);
    counter_rig_down(&r);
}

/* It is killed and started again: without persistence it has forgotten all, as it says; and works. */
static void redis_is_killed_and_comes_back(void **state)
{
    char error[SERVER_ERROR];
    struct counter_rig r;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        counter_rig_up(&r, ready_store(&family_counter, i ? "redis_lua" : "redis_incr"), &impatient);
        assert_int_equal(r.ops->add(r.object, r.handle, 10), 0);
        struct server *s = redis_host_server();
        forget_complaints();
        assert_int_equal(kill(server_pid(s), SIGKILL), 0);
        int answer = r.ops->add(r.object, r.handle, 1);
        assert_true(answer == -EIO || answer == -ETIMEDOUT);
        assert_complaint(i ? "redis_lua" : "redis_incr", "Redis");
        assert_int_equal(r.ops->read(r.object, r.handle), COUNTER_UNREADABLE);
        assert_int_equal(server_restart(s, error, sizeof error), 0);
        assert_int_equal(r.ops->add(r.object, r.handle, 7), 0); /* over a new connection */
        assert_int_equal(r.ops->read(r.object, r.handle), 7);
        counter_rig_down(&r);
    }
}

/* A pool whose connections died while nobody used them: with the health check no caller meets one. */
static void a_pool_replaces_dead_connections(void **state)
{
    static const struct contend_setting checked[] = { { "timeout_ms", 1000 }, { "health_check", 1 } };
    static const struct counter_config config = { .settings = { .list = checked, .count = 2 } };
    char error[SERVER_ERROR];
    struct counter_rig r;

    (void)state;
    counter_rig_up(&r, ready_store(&family_counter, "redis_pooled"), &config);
    struct server *s = redis_host_server();
    assert_int_equal(kill(server_pid(s), SIGKILL), 0);
    assert_int_equal(server_restart(s, error, sizeof error), 0);
    for (int i = 1; i <= 8; i++) {
        assert_int_equal(r.ops->add(r.object, r.handle, 1), 0);
        assert_int_equal(r.ops->read(r.object, r.handle), i);
    }
    counter_rig_down(&r);
}

static void refuses_what_is_no_address(void **state)
{
    static const char *const bad[] = { "", "localhost", "redis://", "redis://h:0", "redis://h:70000",
                                       "redis://user@h", "unix:relative", "http://h:1" };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(stores_use("redis", bad[i]), -EINVAL);
    assert_int_equal(stores_use("no such system", "redis://h"), -ENOENT);
}

/* The last one: it leaves the process with somebody else's server, which is not there. */
static void an_address_where_nobody_is(void **state)
{
    const struct counter_ops *ops = ready_store(&family_counter, "redis_incr");
    void *object = support_alloc(ops->size);

    (void)state;
    forget_complaints();
    assert_int_equal(stores_use("redis", "unix:/nowhere/redis.sock"), 0);
    assert_true(ops->init(object, &impatient) < 0);
    assert_complaint("redis_incr", "/nowhere/redis.sock");
    free(object);
}
#endif

int main(void)
{
    static const struct CMUnitTest tests[] = {
#ifdef TESTS_SQLITE
        cmocka_unit_test(sqlite_is_kept_busy),
        cmocka_unit_test(sqlite_survives_a_storm),
        cmocka_unit_test(sqlite_is_full),
#endif
#ifdef TESTS_REDIS
        cmocka_unit_test(redis_stands_still),
        cmocka_unit_test(redis_is_killed_and_comes_back),
        cmocka_unit_test(a_pool_replaces_dead_connections),
        cmocka_unit_test(refuses_what_is_no_address),
        cmocka_unit_test(an_address_where_nobody_is),
#endif
        { NULL, NULL, NULL, NULL, NULL },
    };
    size_t count = sizeof tests / sizeof *tests - 1;
    int failed = count ? _cmocka_run_group_tests("faults of stores", tests, count, NULL, NULL) : 0;

    if (count == 0)
        puts("1..0 # SKIP this build has no store");
    stores_end();
    return failed ? 1 : 0;
}
