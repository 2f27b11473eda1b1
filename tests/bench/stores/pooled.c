/*
 * pooled.c - pools of connections to real stores: all are lent, one has died, the file has gone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/bench/stores/ready.h"
#ifdef TESTS_SQLITE
#include "bench/stores/counters/sqlite_pooled.h"
#endif
#ifdef TESTS_REDIS
#include "bench/stores/counters/redis_pooled.h"
#endif
#ifdef TESTS_PG
#include "bench/stores/counters/pg_pooled.h"
#include "bench/stores/pg/server.h"
#endif

enum { SHORT_MS = 50 };

/* A pool of one, whose connection is with somebody else: by each way of admission. */
__attribute__((unused)) static void exhaust(const char *name, size_t pool_at)
{
    for (int64_t admission = 0; admission < POOL_ADMISSIONS; admission++) {
        const struct contend_setting settings[] = {
            { "size", 1 }, { "admission", admission }, { "wait_ms", SHORT_MS },
        };
        const struct counter_config config = { .settings = { .list = settings, .count = 3 } };
        const struct counter_ops *ops = ready_store(&family_counter, name);
        char text[TROUBLE_TEXT];
        struct counter_rig r;
        void *item;

        counter_rig_up(&r, ops, &config);
        struct pool *pool = (struct pool *)((char *)r.object + pool_at);
        assert_int_equal(ops->add(r.object, r.handle, 5), 0);
        trouble_take(text);
        assert_int_equal(pool_take(pool, &item), 0);
        assert_int_equal(ops->add(r.object, r.handle, 1), -EAGAIN);
        assert_true(trouble_take(text));
        if (!strstr(text, name) || !strstr(text, "1 connections of the pool"))
            fail_msg("the complaint is: %s", text);
        assert_int_equal(ops->read(r.object, r.handle), COUNTER_UNREADABLE);
        assert_int_equal(pool->refusals, 2);
        pool_give(pool, item);
        assert_int_equal(ops->add(r.object, r.handle, 10), 0);
        assert_int_equal(ops->read(r.object, r.handle), 15); /* a refusal has changed nothing */
        counter_rig_down(&r);
    }
}

#define EXHAUST(SYSTEM)                                                                       \
    static void SYSTEM##_is_exhausted(void **state)                                           \
    {                                                                                         \
        (void)state;                                                                          \
        exhaust(#SYSTEM "_pooled", offsetof(struct counter_##SYSTEM##_pooled, place.pool));   \
    }

#ifdef TESTS_REDIS
EXHAUST(redis)
#endif

#ifdef TESTS_SQLITE
EXHAUST(sqlite)

/* The database is put where it was by a copy, as a restored backup is. */
static void replace_file(const char *folder)
{
    char line[1200];

    snprintf(line, sizeof line,
             "cd '%s' && for f in db-wal db-shm; do [ ! -e $f ] || mv $f old-$f; done && "
             "mv db old && cp old db", folder);
    assert_int_equal(system(line), 0);
}

static void sqlite_notices_that_its_file_was_replaced(void **state)
{
    const struct counter_ops *ops = ready_store(&family_counter, "sqlite_pooled");

    (void)state;
    for (int64_t checks = 0; checks < 2; checks++) {
        const struct contend_setting settings[] = { { "size", 2 }, { "health_check", checks } };
        const struct counter_config config = { .settings = { .list = settings, .count = 2 } };
        struct counter_rig r;

        counter_rig_up(&r, ops, &config);
        struct sqlite_place *place = &((struct counter_sqlite_pooled *)r.object)->place.store;
        assert_int_equal(ops->add(r.object, r.handle, 5), 0);
        assert_int_equal(sqlite3_wal_checkpoint_v2(place->keeper, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                                   NULL, NULL), SQLITE_OK);
        replace_file(place->folder.path);
        assert_int_equal(ops->add(r.object, r.handle, 1), 0);
        /* What is in the file of that name now: the clap is, if somebody has looked. */
        char path[600];
        sqlite3 *db;
        sqlite3_stmt *ask;
        snprintf(path, sizeof path, "%s/db", place->folder.path);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(db, "SELECT n FROM posts", -1, &ask, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(ask), SQLITE_ROW);
        assert_int_equal(sqlite3_column_int64(ask, 0), checks ? 6 : 5);
        sqlite3_finalize(ask);
        sqlite3_close(db);
        counter_rig_down(&r);
    }
}
#endif

#ifdef TESTS_PG
EXHAUST(pg)

static void end_all_connections(void)
{
    char why[PG_CONNECT_WHY];
    int error;
    PGconn *c = pg_server_connect(5000, &error, why);

    assert_non_null(c);
    PQclear(PQexec(c, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                      "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"));
    PQfinish(c);
}

/* Without the check the caller meets each dead connection once, with it none. */
static void pg_replaces_dead_connections(void **state)
{
    enum { SIZE = 3, CLAPS = 8 };
    const struct counter_ops *ops = ready_store(&family_counter, "pg_pooled");

    (void)state;
    for (int64_t checks = 0; checks < 2; checks++) {
        const struct contend_setting settings[] = { { "size", SIZE }, { "health_check", checks } };
        const struct counter_config config = { .settings = { .list = settings, .count = 2 } };
        int done = 0, unknown = 0;
        struct counter_rig r;

        counter_rig_up(&r, ops, &config);
        assert_int_equal(ops->add(r.object, r.handle, 100), 0); /* its statement is prepared */
        end_all_connections();
        for (int i = 0; i < CLAPS; i++) {
            int error = ops->add(r.object, r.handle, 1);
            assert_true(error == 0 || error == -EIO);
            done += error == 0;
            unknown += error == -EIO;
        }
        int64_t sum = ops->read(r.object, r.handle);
        assert_true(sum >= 100 + done && sum <= 100 + done + unknown);
        assert_int_equal(unknown, checks ? 0 : 1); /* the one that is lent first; it is good from then on */
        counter_rig_down(&r);
    }
}
#endif

int main(void)
{
    static const struct CMUnitTest tests[] = {
#ifdef TESTS_SQLITE
        cmocka_unit_test(sqlite_is_exhausted),
        cmocka_unit_test(sqlite_notices_that_its_file_was_replaced),
#endif
#ifdef TESTS_REDIS
        cmocka_unit_test(redis_is_exhausted),
#endif
#ifdef TESTS_PG
        cmocka_unit_test(pg_is_exhausted),
        cmocka_unit_test(pg_replaces_dead_connections),
#endif
        { NULL, NULL, NULL, NULL, NULL },
    };
    size_t count = sizeof tests / sizeof *tests - 1;
    int failed = count ? _cmocka_run_group_tests("pools of stores", tests, count, NULL, NULL) : 0;

    if (count == 0)
        puts("1..0 # SKIP this build has no store");
    stores_end();
    return failed ? 1 : 0;
}
