/*
 * postgres.c - a new database cluster in the server's folder, on a Unix socket only.
 *
 * PostgreSQL refuses to run as root; then it runs as the user "postgres", whom its package makes.
 */
#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/interrupt.h"
#include "bench/stores/servers/kinds.h"

/* Debian keeps the server's programs out of PATH, in a folder for each version: the newest. */
static bool find(const char *program, char *path, size_t size)
{
    char pattern[128];
    glob_t found;
    long best = -1;

    snprintf(pattern, sizeof pattern, "/usr/lib/postgresql/*/bin/%s", program);
    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++) {
            long version = strtol(found.gl_pathv[i] + strlen("/usr/lib/postgresql/"), NULL, 10);
            if (version > best && strlen(found.gl_pathv[i]) < size) {
                best = version;
                snprintf(path, size, "%s", found.gl_pathv[i]);
            }
        }
    globfree(&found);
    return best >= 0 || process_find(program, path, size);
}

static bool installed(char *why, size_t size)
{
    char path[256];

    if (!find("initdb", path, sizeof path) || !find("postgres", path, sizeof path)) {
        snprintf(why, size, "there is no initdb or no postgres (Debian: postgresql)");
        return false;
    }
    if (geteuid() == 0 && !getpwnam("postgres")) {
        snprintf(why, size, "it does not run as root, and there is no user postgres (Debian's "
                            "package postgresql makes one)");
        return false;
    }
    return true;
}

static void as_its_user(struct process_plan *plan)
{
    const struct passwd *user = geteuid() == 0 ? getpwnam("postgres") : NULL;

    if (user) {
        plan->switch_user = true;
        plan->user = user->pw_uid;
        plan->group = user->pw_gid;
    }
}

/* Writes the superuser's password where initdb reads it. */
static int write_password(const char *path, const char *password, const struct process_plan *plan)
{
    FILE *file = fopen(path, "we");

    if (!file)
        return -errno;
    fprintf(file, "%s\n", password);
    if (fchmod(fileno(file), 0600) != 0 ||
        (plan->switch_user && fchown(fileno(file), plan->user, plan->group) != 0)) {
        int failed = errno;
        fclose(file);
        return -failed;
    }
    return fclose(file) == 0 ? 0 : -errno;
}

/*
 * Into the file that ALTER SYSTEM writes: what is on the command line could not be altered by anybody
 * any more, and would hold for as long as the server runs.
 */
static int write_settings(const struct server *s)
{
    char path[SERVER_FOLDER_PATH + 32];
    FILE *file;

    if (s->options.durable)
        return 0;
    snprintf(path, sizeof path, "%s/data/postgresql.auto.conf", s->folder.path);
    file = fopen(path, "ae");
    if (!file)
        return -errno;
    fputs("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n", file);
    return fclose(file) == 0 ? 0 : -errno;
}

/* initdb, waited for. */
static int run(const struct process_plan *plan, char *error, size_t size)
{
    pid_t pid = process_start(plan);

    if (pid < 0) {
        snprintf(error, size, "PostgreSQL could not be started: %s: %s", plan->argv[0],
                 strerror(-pid));
        return pid;
    }
    for (unsigned waited = 0; !process_ended(pid); waited += 5) {
        if (waited > 60000 || interrupt_came()) {
            process_end(pid, SIGKILL, 1000);
            snprintf(error, size, interrupt_came() ? "interrupted while PostgreSQL was started" :
                                                     "initdb did not end within a minute");
            return interrupt_came() ? -EINTR : -ETIMEDOUT;
        }
        process_nap(5);
    }
    return 0;
}

static int prepare(struct server *s, char *error, size_t size)
{
    static const char *const folders[] = { "data", "socket" };
    char path[SERVER_FOLDER_PATH + 32] = "initdb", log[SERVER_FOLDER_PATH + 16];
    struct command c = { .count = 0 };
    int status;

    snprintf(log, sizeof log, "%s/log.0", s->folder.path);
    c.plan = (struct process_plan){ .argv = c.argv, .log = log, .folder = s->folder.path,
                                    .end_signal = SIGKILL };
    as_its_user(&c.plan);
    /* Its user must find what is below, and needs to see nothing else of it. */
    bool made = !c.plan.switch_user || chmod(s->folder.path, 0711) == 0;
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", s->folder.path, folders[i]);
        made = made && mkdir(path, 0700) == 0 &&
               (!c.plan.switch_user || chown(path, c.plan.user, c.plan.group) == 0);
    }
    if (!made) {
        status = -errno;
        snprintf(error, size, "PostgreSQL could not be started: %s: %s", path, strerror(errno));
        return status;
    }
    if (snprintf(s->members[0].address, KIND_ADDRESS, "%s", path) >= KIND_ADDRESS) {
        snprintf(error, size, "PostgreSQL could not be started: %s is too long for a socket", path);
        return -ENAMETOOLONG;
    }
    find("initdb", path, sizeof path);
    command_add(&c, "%s", path);
    command_add(&c, "--pgdata=%s/data", s->folder.path);
    command_add(&c, "--no-sync"), command_add(&c, "--no-instructions");
    command_add(&c, "--username=%s", SERVER_POSTGRES_USER);
    command_add(&c, "--encoding=UTF8"), command_add(&c, "--locale=C");
    command_add(&c, "--auth=%s", s->options.password ? "scram-sha-256" : "trust");
    if (s->options.password) {
        snprintf(path, sizeof path, "%s/password", s->folder.path);
        status = write_password(path, s->options.password, &c.plan);
        if (status) {
            snprintf(error, size, "PostgreSQL could not be started: %s: %s", path,
                     strerror(-status));
            return status;
        }
        command_add(&c, "--pwfile=%s", path);
    }
    status = run(&c.plan, error, size);
    snprintf(path, sizeof path, "%s/data/PG_VERSION", s->folder.path);
    if (status == 0 && access(path, R_OK) != 0) {
        char said[200];
        server_last_words(s, 0, said, sizeof said);
        snprintf(error, size, "PostgreSQL could not be started: initdb made no database: %s", said);
        return -EIO;
    }
    if (status == 0)
        status = write_settings(s);
    if (status)
        snprintf(error, size, "PostgreSQL could not be started: its settings: %s", strerror(-status));
    return status;
}

static void command(const struct server *s, int member, struct command *c)
{
    char path[256] = "postgres";

    (void)member;
    as_its_user(&c->plan);
    find("postgres", path, sizeof path);
    command_add(c, "%s", path);
    command_add(c, "-D"), command_add(c, "%s/data", s->folder.path);
    command_add(c, "-k"), command_add(c, "%s", s->members[0].address);
    command_add(c, "-c"), command_add(c, "listen_addresses=");
    command_add(c, "-c"), command_add(c, "max_connections=120");
    command_add(c, "-c"), command_add(c, "shared_buffers=64MB");
    command_add(c, "-c"), command_add(c, "logging_collector=off");
    /* Files in the folder rather than in /dev/shm, where a killed server would leave them. */
    command_add(c, "-c"), command_add(c, "dynamic_shared_memory_type=mmap");
}

/* The last line of its file says "ready" once it takes connections: what pg_ctl looks at too. */
static int ready(const struct server *s, int member)
{
    char path[SERVER_FOLDER_PATH + 32], line[256];
    long pid = 0;
    bool is_ready = false;

    snprintf(path, sizeof path, "%s/data/postmaster.pid", s->folder.path);
    FILE *file = fopen(path, "re");
    for (int i = 1; file && fgets(line, sizeof line, file); i++) {
        if (i == 1)
            pid = strtol(line, NULL, 10);
        if (i == 8)
            is_ready = strncmp(line, "ready", 5) == 0;
    }
    if (file)
        fclose(file);
    return is_ready && pid == (long)s->members[member].pid; /* not that of the one before */
}

const struct kind kind_postgres = {
    .name = "PostgreSQL",
    .members = 1,
    .signal = SIGQUIT, /* at once, with all its processes; nothing of it is wanted any more */
    .installed = installed,
    .prepare = prepare,
    .command = command,
    .ready = ready,
};
