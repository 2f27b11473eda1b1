/*
 * full.c - a disk that is full while a store writes: a small file system in memory, with a file in it
 * that takes half of it and is removed later.
 *
 * Only this process and those that it starts see the file system.  Where it may not be mounted, the
 * tests are skipped with the reason.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bench/stores/ready.h"
#ifdef TESTS_PG
#include "bench/stores/pg/server.h"
#include "bench/stores/servers/server.h"
#endif

enum { BORN = 1000000, BATCH = 64, HALF = 1 << 20 };

static char disk[64]; /* "": it could not be mounted */
static char why[160];

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    if (fd >= 0)
        close(fd);
    return done;
}

/* A view of the file systems of our own; without root in a user namespace, where we stay who we are. */
static bool unshare_mounts(void)
{
    char map[64];
    uid_t user = getuid();
    gid_t group = getgid();

    if (user == 0)
        return unshare(CLONE_NEWNS) == 0;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
        return false;
    snprintf(map, sizeof map, "%u %u 1", user, user);
    bool mapped = write_text("/proc/self/uid_map", map) && write_text("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1", group, group);
    return mapped && write_text("/proc/self/gid_map", map);
}

static void mount_disk(void)
{
    char path[] = "/tmp/contend-full.XXXXXX";

    if (!mkdtemp(path)) {
        snprintf(why, sizeof why, "no folder: %s", strerror(errno));
    } else if (!unshare_mounts() || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
               mount("tmpfs", path, "tmpfs", 0, "size=2m,mode=0777") != 0) {
        snprintf(why, sizeof why, "a small file system may not be mounted here: %s", strerror(errno));
        rmdir(path);
    } else {
        snprintf(disk, sizeof disk, "%s", path);
    }
}

static void unmount_disk(void)
{
    if (!disk[0])
        return;
    umount2(disk, MNT_DETACH);
    rmdir(disk);
}

static void take_half(bool take)
{
    static const char zeroes[HALF];
    char path[96];

    snprintf(path, sizeof path, "%s/filler", disk);
    if (!take) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, zeroes, sizeof zeroes), sizeof zeroes);
    close(fd);
}

static const void *entry(const struct family *family, const char *name)
{
    if (!disk[0]) {
        print_message("# skipped: %s\n", why);
        skip();
    }
    return ready_store(family, name);
}

/* Users beat until the disk is full; those that were acknowledged are there, and no others. */
__attribute__((unused)) static void fill_with_users(struct map_rig *r, const char *name)
{
    uint64_t users[BATCH], next = 0;
    int results[BATCH] = { 0 };
    char text[TROUBLE_TEXT];
    int64_t there = 0;

    trouble_take(text);
    while (next < 1000000 && results[BATCH - 1] >= 0) {
        for (unsigned i = 0; i < BATCH; i++)
            users[i] = next++;
        assert_int_equal(r->ops->heartbeat_many(r->object, r->handle, users, BATCH, BORN, results), 0);
        for (unsigned i = 0; i < BATCH; i++)
            there += results[i] == PRESENCE_CAME_ONLINE;
    }
    for (unsigned i = 0; i < BATCH; i++)
        assert_int_equal(results[i], -ENOSPC); /* a batch is one: all of it, or nothing */
    assert_true(trouble_take(text));
    if (!strstr(text, name))
        fail_msg("no word of %s in: %s", name, text);
    assert_int_equal(r->ops->count_online(r->object, r->handle, BORN), there);
    map_rig_assert_balance(r);
    take_half(false);
    assert_int_equal(r->ops->heartbeat(r->object, r->handle, users[0], BORN), PRESENCE_CAME_ONLINE);
    assert_int_equal(r->ops->count_online(r->object, r->handle, BORN), there + 1);
}

#ifdef TESTS_SQLITE
static void sqlite_keeps_what_it_has_acknowledged(void **state)
{
    const struct presence_ops *ops = entry(&family_presence, "sqlite");
    const char *before = getenv("TMPDIR");
    char *kept = before ? strdup(before) : NULL;
    struct map_rig r;

    (void)state;
    take_half(true);
    setenv("TMPDIR", disk, 1);
    map_rig_up(&r, ops, NULL);
    fill_with_users(&r, "sqlite: SQLite: ");
    map_rig_down(&r);
    if (kept)
        setenv("TMPDIR", kept, 1);
    else
        unsetenv("TMPDIR");
    free(kept);
}

/* Each clap is a page of the log, so that the log is what fills the disk. */
static void sqlite_counts_on_when_there_is_space(void **state)
{
    const struct counter_ops *ops = entry(&family_counter, "sqlite_atomic");
    const char *before = getenv("TMPDIR");
    char *kept = before ? strdup(before) : NULL, text[TROUBLE_TEXT];
    struct counter_rig r;
    int64_t done = 0;
    int error;

    (void)state;
    take_half(true);
    setenv("TMPDIR", disk, 1);
    counter_rig_up(&r, ops, NULL);
    trouble_take(text);
    while ((error = ops->add(r.object, r.handle, 1)) == 0 && done < 100000)
        done++;
    assert_int_equal(error, -ENOSPC);
    assert_true(trouble_take(text));
    assert_non_null(strstr(text, "sqlite_atomic: SQLite: "));
    assert_int_equal(ops->read(r.object, r.handle), done);
    take_half(false);
    assert_int_equal(ops->add(r.object, r.handle, 1), 0);
    assert_int_equal(ops->read(r.object, r.handle), done + 1);
    counter_rig_down(&r);
    if (kept)
        setenv("TMPDIR", kept, 1);
    else
        unsetenv("TMPDIR");
    free(kept);
}
#endif

#ifdef TESTS_PG
static void command(const char *format, const char *word)
{
    char text[256], said[PG_CONNECT_WHY];
    int error;
    PGconn *c = pg_server_connect(5000, &error, said);

    snprintf(text, sizeof text, format, word);
    PGresult *done = PQexec(c, text);
    if (PQresultStatus(done) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", text, PQerrorMessage(c));
    PQclear(done);
    PQfinish(c);
}

/* On the small disk, and the server's user's. */
static void make_folder(char path[96])
{
    struct stat owner;

    snprintf(path, 96, "%s/table", disk);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(stat(server_address(pg_server_own()), &owner), 0);
    assert_int_equal(chown(path, owner.st_uid, owner.st_gid), 0);
}

/* The table alone is on the small disk; the server's own files are not. */
static void postgres_keeps_what_it_has_acknowledged(void **state)
{
    const struct presence_ops *ops = entry(&family_presence, "pg");
    char folder[96];
    struct map_rig r;

    (void)state;
    take_half(true);
    map_rig_up(&r, ops, NULL);
    make_folder(folder);
    command("CREATE TABLESPACE small LOCATION '%s'", folder);
    command("ALTER TABLE %s.online SET TABLESPACE small", ((struct pg_place *)r.object)->schema);
    fill_with_users(&r, "pg: PostgreSQL: ");
    map_rig_down(&r);
    command("DROP TABLESPACE %s", "small");
}
#endif

int main(void)
{
    static const struct CMUnitTest tests[] = {
#ifdef TESTS_SQLITE
        cmocka_unit_test(sqlite_keeps_what_it_has_acknowledged),
        cmocka_unit_test(sqlite_counts_on_when_there_is_space),
#endif
#ifdef TESTS_PG
        cmocka_unit_test(postgres_keeps_what_it_has_acknowledged),
#endif
        { NULL, NULL, NULL, NULL, NULL },
    };
    size_t count = sizeof tests / sizeof *tests - 1;

    mount_disk();
    int failed = count ? _cmocka_run_group_tests("a full disk", tests, count, NULL, NULL) : 0;
    if (count == 0)
        puts("1..0 # SKIP this build has no store that this can be tried with");
    stores_end();
    unmount_disk();
    return failed ? 1 : 0;
}
