/*
 * faults_pg.c - a real PostgreSQL that is killed, stopped, full of conflicts or not there.
 *
 * Whatever goes wrong, a call returns within its time limit, the complaint names the store, and the
 * sum lies between the claps that were acknowledged and those together with the ones of unknown
 * outcome.
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/stores/pg/server.h"
#include "bench/stores/pg/transaction.h"
#include "bench/stores/servers/server.h"
#include "tests/bench/stores/proxy.h"
#include "tests/bench/stores/ready.h"

static const uint64_t second_ns = UINT64_C(1000000000);

/* A counter under threads that clap until they are told to stop, and what became of the claps. */
struct party {
    const struct counter_ops *ops;
    void *object;
    _Atomic bool over;
    _Atomic uint64_t done, unknown, refused, slowest_ns;
};

static void *make(const struct counter_ops *ops, int64_t timeout_ms)
{
    const struct contend_setting limit = { "timeout_ms", timeout_ms };
    const struct counter_config config = { .settings = { .list = &limit, .count = 1 } };
    char text[TROUBLE_TEXT] = "";
    void *object = support_alloc(ops->size);

    if (ops->init(object, &config) != 0) {
        trouble_take(text);
        fail_msg("%s", text);
    }
    return object;
}

/* One clap, and what it came to. */
static int clap(struct party *p, void *handle)
{
    uint64_t began = contend_clock_ns();
    int error = p->ops->add(p->object, handle, 1);
    uint64_t took = contend_clock_ns() - began, slowest = atomic_load(&p->slowest_ns);

    while (took > slowest && !atomic_compare_exchange_weak(&p->slowest_ns, &slowest, took))
        ;
    atomic_fetch_add(error == 0 ? &p->done : error == -EIO || error == -ETIMEDOUT ? &p->unknown
                                                                                  : &p->refused, 1);
    return error;
}

static void *clap_on(void *shared)
{
    struct party *p = shared;
    void *handle = support_alloc(p->ops->handle_size);

    bool attached = false;

    /* On a busy machine a thread may begin while the server is away. */
    while (!attached && !atomic_load(&p->over)) {
        attached = p->ops->attach(p->object, handle) == 0;
        if (!attached)
            usleep(20000);
    }
    while (!atomic_load(&p->over))
        if (clap(p, handle) != 0)
            usleep(20000); /* while the server is away */
    if (attached)
        p->ops->detach(p->object, handle);
    free(handle);
    return NULL;
}

static int64_t sum(struct party *p)
{
    void *handle = support_alloc(p->ops->handle_size);

    assert_int_equal(p->ops->attach(p->object, handle), 0);
    int64_t n = p->ops->read(p->object, handle);
    p->ops->detach(p->object, handle);
    free(handle);
    return n;
}

/* The books balance: nothing that was acknowledged is lost, nothing that was refused is there. */
static void settle(struct party *p)
{
    int64_t n = sum(p), done = (int64_t)p->done, unknown = (int64_t)p->unknown;

    if (n < done || n > done + unknown)
        fail_msg("the sum is %lld after %lld claps and %lld of unknown outcome", (long long)n,
                 (long long)done, (long long)unknown);
    assert_int_equal(p->ops->fini(p->object), 0);
    free(p->object);
}

/* Waits until so many claps more have been acknowledged; the limit is for a busy machine. */
static void await_claps(struct party *p, uint64_t more)
{
    uint64_t wanted = atomic_load(&p->done) + more, end = contend_clock_ns() + 60 * second_ns;

    while (atomic_load(&p->done) < wanted && contend_clock_ns() < end)
        usleep(1000);
    assert_true(atomic_load(&p->done) >= wanted);
}

/* This thread kills and starts again, since a server ends with the thread that has started it. */
static void a_killed_server_loses_nothing_acknowledged(void **state)
{
    struct party p = { .ops = ready_store(&family_counter, "pg_atomic") };
    char error[SERVER_ERROR];
    pthread_t threads[2];

    (void)state;
    p.object = make(p.ops, 5000);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, clap_on, &p), 0);
    for (int i = 0; i < 2; i++) {
        await_claps(&p, 50);
        server_kill(pg_server_own(), 0);
        if (server_restart(pg_server_own(), error, sizeof error) != 0)
            fail_msg("%s", error);
    }
    await_claps(&p, 50);
    atomic_store(&p.over, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_true(p.unknown + p.refused > 0);
    assert_complaint("PostgreSQL: ", "");
    settle(&p);
}

/* Signals the server's processes, those of connections included. */
static void signal_all(const char *name)
{
    char line[160];
    int pid = (int)server_pid(pg_server_own());

    /* One that ends meanwhile makes kill complain. */
    snprintf(line, sizeof line, "kill -%s %d $(cat /proc/%d/task/%d/children) 2>/dev/null || true",
             name, pid, pid, pid);
    assert_int_equal(system(line), 0);
}

static void a_server_that_stands_still_is_not_waited_for_in_vain(void **state)
{
    struct party p = { .ops = ready_store(&family_counter, "pg_atomic") };
    void *handle = support_alloc(p.ops->handle_size);

    (void)state;
    p.object = make(p.ops, 1000);
    assert_int_equal(p.ops->attach(p.object, handle), 0);
    assert_int_equal(clap(&p, handle), 0);
    signal_all("STOP");
    assert_int_equal(clap(&p, handle), -ETIMEDOUT);
    assert_int_not_equal(clap(&p, handle), 0); /* no new connection is to be had either */
    signal_all("CONT");
    assert_complaint("PostgreSQL: ", "");
    /* A second of patience, and what libpq rounds it up to; the rest is for a busy machine. */
    assert_true(p.slowest_ns < 20 * second_ns);
    for (int i = 0; i < 100 && clap(&p, handle) != 0; i++)
        usleep(50000);
    assert_int_equal(clap(&p, handle), 0);
    p.ops->detach(p.object, handle);
    free(handle);
    settle(&p);
}

static void a_connection_that_is_cut_is_replaced(void **state)
{
    struct party p = { .ops = ready_store(&family_counter, "pg_for_update") };
    void *handle = support_alloc(p.ops->handle_size);
    char why[PG_CONNECT_WHY];
    int error;

    (void)state;
    p.object = make(p.ops, 5000);
    assert_int_equal(p.ops->attach(p.object, handle), 0);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(clap(&p, handle), 0);
        PGconn *c = pg_server_connect(5000, &error, why);
        PQclear(PQexec(c, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                          "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"));
        PQfinish(c);
        assert_int_equal(clap(&p, handle), -EAGAIN); /* no commit was sent: nothing has changed */
        assert_complaint("PostgreSQL: ", "");
    }
    assert_int_equal(clap(&p, handle), 0);
    assert_int_equal(p.unknown, 0);
    p.ops->detach(p.object, handle);
    free(handle);
    settle(&p);
}

static void clap_fifty_times(struct team *team, unsigned number)
{
    struct party *p = team->shared;
    void *handle = support_alloc(p->ops->handle_size);

    (void)number;
    if (p->ops->attach(p->object, handle) != 0)
        abort();
    for (int i = 0; i < 50; i++)
        clap(p, handle);
    p->ops->detach(p->object, handle);
    free(handle);
}

static void a_storm_of_refusals_ends(void **state)
{
    struct party p = { .ops = ready_store(&family_counter, "pg_serializable") };
    struct team team = { .body = clap_fifty_times, .shared = &p };

    (void)state;
    p.object = make(p.ops, 60000);
    team_run(&team, 4, 0);
    assert_int_equal(p.done, 200);
    settle(&p);
}

/* Two rows, which two transactions lock in opposite orders. */
enum { FIRST = PG_TRANSACTION_OWN, SECOND };
static const struct pg_plan two_rows = {
    .schema = "CREATE $TABLE two (id bigint PRIMARY KEY, n bigint NOT NULL);"
              "INSERT INTO two VALUES (1, 0), (2, 0)",
    .statements = { PG_TRANSACTION, "UPDATE two SET n = n + 1 WHERE id = 1",
                    "UPDATE two SET n = n + 1 WHERE id = 2" },
};

struct crossing {
    struct pg_place place;
    _Atomic unsigned there, refused, done;
};

static void cross(struct team *team, unsigned number)
{
    struct crossing *x = team->shared;
    unsigned mine = number == 0 ? FIRST : SECOND, other = number == 0 ? SECOND : FIRST;
    struct pg_link l;
    int error = pg_link_open(&x->place, &l);

    for (bool first = true; error == 0 || error == -ESTALE; first = false) {
        error = pg_transaction_begin(&l);
        if (error >= 0)
            error = pg_execute(&l, mine, NULL, 0, NULL, 0);
        atomic_fetch_add(&x->there, first);
        while (atomic_load(&x->there) < 2)
            sched_yield();
        if (error >= 0)
            error = pg_execute(&l, other, NULL, 0, NULL, 0);
        error = pg_transaction_end(&l, error);
        if (error == 0) {
            atomic_fetch_add(&x->done, 1);
            break;
        }
        atomic_fetch_add(&x->refused, error == -ESTALE);
    }
    pg_link_close(&l);
}

static void a_deadlock_is_found_and_one_of_them_begins_anew(void **state)
{
    struct crossing x = { .there = 0 };
    struct team team = { .body = cross, .shared = &x };

    (void)state;
    ready_store(&family_counter, "pg_atomic");
    assert_int_equal(pg_place_make(&x.place, "two_rows", &two_rows, NULL), 0);
    team_run(&team, 2, 0);
    assert_int_equal(x.done, 2);
    assert_true(x.refused >= 1);
    assert_int_equal(pg_place_ask(&x.place, "SELECT sum(n) FROM two"), 4);
    pg_place_end(&x.place);
}

/* What a setting of the server is, for each connection from now on. */
static void assert_shows(const char *setting, const char *wanted)
{
    char why[PG_CONNECT_WHY], text[64];
    int error;
    PGconn *c = pg_server_connect(5000, &error, why);

    snprintf(text, sizeof text, "SHOW %s", setting);
    PGresult *r = PQexec(c, text);
    assert_int_equal(PQntuples(r), 1);
    if (strcmp(PQgetvalue(r, 0, 0), wanted) != 0)
        fail_msg("%s is %s instead of %s", setting, PQgetvalue(r, 0, 0), wanted);
    PQclear(r);
    PQfinish(c);
}

/* The server's own words, back and forth: an option that is only accepted would change nothing. */
static void options_reach_the_server(void **state)
{
    const struct counter_ops *ops = ready_store(&family_counter, "pg_atomic");
    void *object = support_alloc(ops->size), *handle = support_alloc(ops->handle_size);

    (void)state;
    for (int64_t on = 0; on < 4; on++) {
        const struct contend_setting settings[] = { { "fsync", on % 2 }, { "synchronous", on / 2 } };
        const struct counter_config config = { .settings = { .list = settings, .count = 2 } };
        assert_int_equal(ops->init(object, &config), 0);
        assert_int_equal(ops->attach(object, handle), 0);
        assert_shows("fsync", on % 2 ? "on" : "off");
        assert_shows("full_page_writes", on % 2 ? "on" : "off");
        /* Of the object's connections only; a handle begins with its link. */
        PGresult *r = PQexec(((struct pg_link *)handle)->connection, "SHOW synchronous_commit");
        assert_string_equal(PQgetvalue(r, 0, 0), on / 2 ? "on" : "off");
        PQclear(r);
        assert_int_equal(ops->add(object, handle, 1), 0);
        ops->detach(object, handle);
        assert_int_equal(ops->fini(object), 0);
    }
    free(handle);
    free(object);
}

/* From here on somebody else's server: each case names one. */
static struct server *locked;

static int init_at(const char *address, char text[TROUBLE_TEXT])
{
    const struct counter_ops *ops = ready_store(&family_counter, "pg_atomic");
    void *object = support_alloc(ops->size);

    text[0] = '\0';
    trouble_take(text);
    assert_int_equal(pg_use(address), 0);
    int error = ops->init(object, NULL);
    if (error)
        trouble_take(text);
    else
        assert_int_equal(ops->fini(object), 0);
    free(object);
    return error;
}

static void a_wrong_address_is_named(void **state)
{
    char text[TROUBLE_TEXT];

    (void)state;
    ready_store(&family_counter, "pg_atomic");
    assert_int_equal(pg_use("postgresql://[/"), -EINVAL);
    assert_int_equal(init_at("postgresql://127.0.0.1:1/none", text), -EAGAIN);
    assert_non_null(strstr(text, "PostgreSQL: "));
    assert_non_null(strstr(text, "127.0.0.1"));
}

static void a_wrong_password_is_refused(void **state)
{
    const struct server_options options = { .password = "sesame" };
    char error[SERVER_ERROR], address[256], text[TROUBLE_TEXT];

    (void)state;
    ready_store(&family_counter, "pg_atomic");
    if (server_start(&locked, SERVER_POSTGRES, &options, error, sizeof error) != 0)
        fail_msg("%s", error);
    snprintf(address, sizeof address, "host=%s user=contend dbname=postgres password=barley",
             server_address(locked));
    assert_int_equal(init_at(address, text), -EACCES);
    assert_non_null(strstr(text, "password"));
    snprintf(address, sizeof address, "host=%s user=contend dbname=postgres password=sesame",
             server_address(locked));
    assert_int_equal(init_at(address, text), 0);
}

/* Nothing of others is touched, and their schemas under our name are not mixed with ours. */
static void foreign_data_are_left_alone(void **state)
{
    char address[256], text[TROUBLE_TEXT];

    (void)state;
    assert_non_null(locked);
    snprintf(address, sizeof address, "host=%s user=contend dbname=postgres password=sesame",
             server_address(locked));
    PGconn *c = PQconnectdb(address);
    PQclear(PQexec(c, "CREATE TABLE theirs AS SELECT 7 AS n; CREATE SCHEMA contend_0_0"));
    assert_int_equal(init_at(address, text), -EEXIST);
    assert_non_null(strstr(text, "contend_"));
    PQclear(PQexec(c, "DROP SCHEMA contend_0_0"));
    assert_int_equal(init_at(address, text), 0);
    PGresult *r = PQexec(c, "SELECT n, (SELECT count(*) FROM pg_namespace"
                            " WHERE starts_with(nspname, 'contend_')) FROM theirs");
    assert_string_equal(PQgetvalue(r, 0, 0), "7");
    assert_string_equal(PQgetvalue(r, 0, 1), "0"); /* ours are gone with their objects */
    PQclear(r);
    PQfinish(c);
}

/* What it sends, over a connection that is cut once the server has had the message. */
static void a_lost_answer_is_unknown_and_not_lost(void **state)
{
    struct party p = { .ops = ready_store(&family_counter, "pg_atomic") };
    void *handle = support_alloc(p.ops->handle_size);
    char path[256], address[256];
    struct proxy proxy;

    (void)state;
    assert_non_null(locked);
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", server_address(locked));
    proxy_begin(&proxy, path, ".s.PGSQL.5432");
    snprintf(address, sizeof address, "host=%s user=contend dbname=postgres password=sesame",
             proxy.folder);
    assert_int_equal(pg_use(address), 0);
    p.object = make(p.ops, 5000);
    assert_int_equal(p.ops->attach(p.object, handle), 0);
    assert_int_equal(clap(&p, handle), 0);
    proxy_swallow(&proxy);
    assert_int_equal(clap(&p, handle), -EIO);
    assert_int_equal(clap(&p, handle), 0); /* over a new connection */
    p.ops->detach(p.object, handle);
    free(handle);
    assert_int_equal(p.done, 2);
    assert_int_equal(p.unknown, 1);
    assert_int_equal(sum(&p), 3); /* the one without an answer has taken effect */
    settle(&p);
    proxy_end(&proxy);
}

static void what_is_no_postgres_is_told(void **state)
{
    char address[256], text[TROUBLE_TEXT];
    struct proxy proxy;

    (void)state;
    proxy_begin(&proxy, NULL, ".s.PGSQL.5432"); /* it answers every message by nonsense */
    snprintf(address, sizeof address, "host=%s user=contend dbname=postgres", proxy.folder);
    assert_int_equal(init_at(address, text), -EAGAIN);
    assert_non_null(strstr(text, "PostgreSQL: "));
    proxy_end(&proxy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_server_loses_nothing_acknowledged),
        cmocka_unit_test(a_server_that_stands_still_is_not_waited_for_in_vain),
        cmocka_unit_test(a_connection_that_is_cut_is_replaced),
        cmocka_unit_test(a_storm_of_refusals_ends),
        cmocka_unit_test(a_deadlock_is_found_and_one_of_them_begins_anew),
        cmocka_unit_test(options_reach_the_server),
        cmocka_unit_test(a_wrong_address_is_named),
        cmocka_unit_test(a_wrong_password_is_refused),
        cmocka_unit_test(foreign_data_are_left_alone),
        cmocka_unit_test(a_lost_answer_is_unknown_and_not_lost),
        cmocka_unit_test(what_is_no_postgres_is_told),
    };
    int failed = cmocka_run_group_tests_name("faults of PostgreSQL", tests, NULL, NULL);

    stores_end();
    server_stop(locked);
    return failed ? 1 : 0;
}
