/*
 * servers.c - servers that a run starts: they answer, they end, and none of them is left behind.
 *
 * A test that needs a server which is not installed skips, and says which package it is in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/base/interrupt.h"
#include "bench/stores/servers/ask.h"
#include "bench/stores/servers/folder.h"
#include "bench/stores/servers/process.h"
#include "bench/stores/servers/server.h"

static char parent[] = "/tmp/contend-test.XXXXXX", error[SERVER_ERROR];

static void skip_without(enum server_kind kind)
{
    char why[SERVER_ERROR];

    if (!server_is_installed(kind, why, sizeof why)) {
        print_message("# skipped: %s\n", why);
        skip();
    }
}

static struct server *start(enum server_kind kind, const struct server_options *options)
{
    struct server *s;

    skip_without(kind);
    if (server_start(&s, kind, options, error, sizeof error) != 0)
        fail_msg("%s", error);
    return s;
}

/* What the server says to a line, without the line's end. */
static const char *said(const char *address, const char *line)
{
    static char answer[4096];
    int fd = ask_connect(address);

    assert_true(fd >= 0);
    int got = ask(fd, line, answer, sizeof answer);
    close(fd);
    answer[got > 0 ? got : 0] = '\0';
    answer[strcspn(answer, "\r\n")] = '\0';
    return answer;
}

/* Whether the process is gone within ten seconds; one that waits for its parent counts as gone. */
static bool goes(pid_t pid)
{
    for (int i = 0; i < 2000 && process_birth(pid) != 0; i++) {
        char path[32], text[512] = "";
        snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
        FILE *f = fopen(path, "re");
        size_t got = f ? fread(text, 1, sizeof text - 1, f) : 0;
        if (f)
            fclose(f);
        text[got] = '\0';
        const char *name_end = strrchr(text, ')');
        if (name_end && (name_end[2] == 'Z' || name_end[2] == 'X'))
            return true;
        process_nap(5);
    }
    return process_birth(pid) == 0;
}

/* How many folders of servers there are in the test's own temporary folder. */
static int folders(void)
{
    char line[128];
    int count = -1;

    snprintf(line, sizeof line, "ls -d %s/contend-server.* 2>/dev/null | wc -l", parent);
    FILE *f = popen(line, "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%d", &count), 1);
    pclose(f);
    return count;
}

static void redis_answers_and_is_gone_after(void **state)
{
    struct server *s = start(SERVER_REDIS, NULL);
    pid_t pid = server_pid(s);
    struct stat file;

    (void)state;
    assert_string_equal(said(server_address(s), "PING\r\n"), "+PONG");
    assert_string_equal(said(server_address(s), "SET k v\r\n"), "+OK");
    assert_int_equal(server_address(s)[0], '/');
    assert_int_equal(stat(server_address(s), &file), 0);
    assert_int_equal(file.st_mode & 077, 0); /* for nobody else */
    assert_int_equal(folders(), 1);
    assert_int_equal(getsid(pid), pid); /* a Ctrl-C on the terminal does not reach it */
    for (int i = 0; i < 200; i++)
        said(server_address(s), "EVAL \"for i=1,100000 do end\" 0\r\n");
    double used = server_cpu_seconds(s);
    assert_true(used > 0 && used < 600);
    server_stop(s);
    assert_true(goes(pid));
    assert_int_equal(folders(), 0);
    server_stop(NULL);
}

static void two_do_not_meet(void **state)
{
    struct server *a = start(SERVER_REDIS, NULL), *b = start(SERVER_REDIS, NULL);

    (void)state;
    assert_string_not_equal(server_address(a), server_address(b));
    said(server_address(a), "SET k a\r\n");
    assert_string_equal(said(server_address(b), "GET k\r\n"), "$-1");
    server_stop(a);
    assert_string_equal(said(server_address(b), "PING\r\n"), "+PONG");
    server_stop(b);
}

static void a_killed_server_comes_back_where_it_was(void **state)
{
    const struct server_options durable = { .durable = true };
    char address[256];

    (void)state;
    for (int keeps = 0; keeps < 2; keeps++) {
        struct server *s = start(SERVER_REDIS, keeps ? &durable : NULL);
        snprintf(address, sizeof address, "%s", server_address(s));
        assert_string_equal(said(address, "SET k 7\r\n"), "+OK");
        server_kill(s, 0);
        assert_int_equal(server_pid(s), 0);
        assert_true(ask_connect(address) < 0);
        if (server_restart(s, error, sizeof error) != 0)
            fail_msg("%s", error);
        assert_string_equal(server_address(s), address);
        assert_string_equal(said(address, "GET k\r\n"), keeps ? "$1" : "$-1");
        assert_int_equal(server_restart(s, error, sizeof error), 0); /* which does nothing */
        server_stop(s);
    }
}

static void a_password_is_asked_for(void **state)
{
    const struct server_options locked = { .password = "sesame" };
    struct server *s = start(SERVER_REDIS, &locked);

    (void)state;
    assert_memory_equal(said(server_address(s), "GET k\r\n"), "-NOAUTH", 7);
    assert_string_equal(said(server_address(s), "AUTH sesame\r\n"), "+OK");
    server_stop(s);
}

static void three_masters_share_the_slots(void **state)
{
    struct server *s = start(SERVER_REDIS_CLUSTER, NULL);
    pid_t pids[SERVER_MEMBERS];
    int moved = 0;

    (void)state;
    assert_int_equal(server_members(s), SERVER_MEMBERS);
    for (int i = 0; i < SERVER_MEMBERS; i++) {
        const char *answer = said(server_member_address(s, i), "GET k\r\n");
        pids[i] = server_member_pid(s, i);
        moved += strncmp(answer, "-MOVED ", 7) == 0;
        assert_true(strncmp(answer, "-MOVED ", 7) == 0 || strcmp(answer, "$-1") == 0);
    }
    assert_int_equal(moved, SERVER_MEMBERS - 1);
    server_kill(s, 1);
    if (server_restart(s, error, sizeof error) != 0)
        fail_msg("%s", error);
    assert_int_equal(server_member_pid(s, 0), pids[0]);
    assert_int_not_equal(server_member_pid(s, 1), pids[1]);
    pids[1] = server_member_pid(s, 1);
    server_stop(s);
    for (int i = 0; i < SERVER_MEMBERS; i++)
        assert_true(goes(pids[i]));
    assert_int_equal(folders(), 0);
}

static void postgres_listens_and_is_gone_after(void **state)
{
    struct server *s = start(SERVER_POSTGRES, NULL);
    char path[256];
    pid_t pid = server_pid(s);

    (void)state;
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", server_address(s));
    int fd = ask_connect(path);
    assert_true(fd >= 0);
    close(fd);
    server_kill(s, 0);
    if (server_restart(s, error, sizeof error) != 0)
        fail_msg("%s", error);
    fd = ask_connect(path);
    assert_true(fd >= 0);
    close(fd);
    pid = server_pid(s);
    /* Each connection is a process to start: in time it is a tick of 10 ms. */
    for (int i = 0; i < 10000 && server_cpu_seconds(s) <= 0; i++) {
        fd = ask_connect(path);
        if (fd >= 0)
            close(fd);
    }
    assert_true(server_cpu_seconds(s) > 0);
    server_stop(s);
    assert_true(goes(pid));
    assert_int_equal(folders(), 0);
}

static void dynalite_answers_and_is_gone_after(void **state)
{
    struct server *s = start(SERVER_DYNAMO, NULL);
    pid_t pid = server_pid(s);

    (void)state;
    assert_memory_equal(said(server_address(s), "GET / HTTP/1.0\r\n\r\n"), "HTTP/1.1 200", 12);
    server_stop(s);
    assert_true(goes(pid));
    assert_int_equal(folders(), 0);
}

/* A process that starts a server, tells its id, and then does what `ending` says. */
enum ending { IS_KILLED, CALLS_EXIT, STOPS_ITS_SERVER_AND_IS_KILLED };

static pid_t other_process(enum server_kind kind, enum ending ending, pid_t *server)
{
    int tell[2];

    assert_int_equal(pipe(tell), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct server *s;
        char why[SERVER_ERROR];
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* should a case fail before it is killed */
        pid_t its = server_start(&s, kind, NULL, why, sizeof why) == 0 ? server_pid(s) : -1;
        if (its > 0 && ending == STOPS_ITS_SERVER_AND_IS_KILLED)
            kill(its, SIGSTOP);
        if (write(tell[1], &its, sizeof its) != sizeof its)
            _exit(1);
        if (ending == CALLS_EXIT)
            exit(0);
        for (;;)
            pause();
    }
    close(tell[1]);
    assert_int_equal(read(tell[0], server, sizeof *server), sizeof *server);
    close(tell[0]);
    assert_true(*server > 0);
    return pid;
}

static void none_outlives_its_process(void **state)
{
    static const enum server_kind kinds[] = { SERVER_REDIS, SERVER_POSTGRES, SERVER_DYNAMO };
    char why[SERVER_ERROR];
    pid_t server;

    (void)state;
    skip_without(SERVER_REDIS);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!server_is_installed(kinds[i], why, sizeof why))
            continue;
        pid_t pid = other_process(kinds[i], IS_KILLED, &server);
        assert_int_equal(folders(), 1);
        assert_int_equal(server_folder_sweep(), 0); /* its owner lives */
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        assert_true(goes(server));
        assert_int_equal(server_folder_sweep(), 1);
        assert_int_equal(folders(), 0);
    }
    waitpid(other_process(SERVER_REDIS, CALLS_EXIT, &server), NULL, 0);
    assert_true(goes(server));
    assert_int_equal(folders(), 0);
}

/* PostgreSQL handles its last signal itself, so one that stands still cannot: the sweep ends it. */
static void the_next_run_ends_what_stands_still(void **state)
{
    pid_t server;

    (void)state;
    skip_without(SERVER_POSTGRES);
    pid_t pid = other_process(SERVER_POSTGRES, STOPS_ITS_SERVER_AND_IS_KILLED, &server);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_true(process_birth(server) != 0);
    assert_int_equal(server_folder_sweep(), 1);
    assert_true(goes(server));
    assert_int_equal(folders(), 0);
}

static void what_is_missing_is_named(void **state)
{
    char path[4096];
    struct server *s = NULL;

    (void)state;
    snprintf(path, sizeof path, "%s", getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    int status = server_start_redis(&s, error, sizeof error);
    setenv("PATH", path, 1);
    assert_int_equal(status, -ENOENT);
    assert_null(s);
    assert_string_equal(error, "Redis could not be started: there is no redis-server (Debian: "
                               "redis-server)");
}

static void what_fails_says_why(void **state)
{
    const struct server_options nowhere = { .folder = "/nonexistent" };
    struct server *s = NULL;

    (void)state;
    skip_without(SERVER_REDIS);
    assert_int_equal(server_start(&s, SERVER_REDIS, &nowhere, error, sizeof error), -ENOENT);
    assert_non_null(strstr(error, "/nonexistent"));
    interrupt_catch();
    raise(SIGINT);
    int status = server_start_redis_cluster(&s, error, sizeof error);
    interrupt_release();
    assert_int_equal(status, -EINTR);
    assert_null(s);
    assert_non_null(strstr(error, "interrupted"));
    assert_int_equal(folders(), 0);
}

static void a_folder_of_others_is_left_alone(void **state)
{
    char path[256];
    struct server_folder own;

    (void)state;
    assert_int_equal(server_folder_make(&own, NULL), 0);
    assert_int_equal(server_folder_note(&own, getpid()), 0);
    assert_int_equal(server_folder_sweep(), 0);
    assert_int_equal(folders(), 1);
    close(own.lock); /* as if its owner were gone; the process that it names must be the same one */
    snprintf(path, sizeof path, "%s/pids", own.path);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fprintf(f, "%d 12345\n", (int)getpid());
    fclose(f);
    assert_int_equal(server_folder_sweep(), 1);
    assert_int_equal(folders(), 0);
    snprintf(path, sizeof path, "%s/contend-other.1", parent);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(server_folder_sweep(), 0);
    assert_int_equal(rmdir(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redis_answers_and_is_gone_after),
        cmocka_unit_test(two_do_not_meet),
        cmocka_unit_test(a_killed_server_comes_back_where_it_was),
        cmocka_unit_test(a_password_is_asked_for),
        cmocka_unit_test(three_masters_share_the_slots),
        cmocka_unit_test(postgres_listens_and_is_gone_after),
        cmocka_unit_test(dynalite_answers_and_is_gone_after),
        cmocka_unit_test(none_outlives_its_process),
        cmocka_unit_test(the_next_run_ends_what_stands_still),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(what_fails_says_why),
        cmocka_unit_test(a_folder_of_others_is_left_alone),
    };

    /* A folder of its own, so that others who run at the same time do not count. */
    if (!mkdtemp(parent) || chmod(parent, 0711) != 0)
        return 1;
    setenv("TMPDIR", parent, 1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    rmdir(parent);
    return failed ? 1 : 0;
}
