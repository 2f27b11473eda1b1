/* server.c - the servers of this process: started, restarted, stopped, and none forgotten. */
#include "bench/stores/servers/server.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/base/interrupt.h"
#include "bench/base/text.h"
#include "bench/stores/servers/kinds.h"
#include "locks/parts/platform.h"

static const uint64_t patience_ns = UINT64_C(30000000000);
enum { END_PATIENCE_MS = 5000, RESTARTS = 50, STARTS = 4 };

static const struct kind *const kinds[SERVER_KINDS] = {
    [SERVER_REDIS] = &kind_redis,
    [SERVER_REDIS_CLUSTER] = &kind_redis_cluster,
    [SERVER_POSTGRES] = &kind_postgres,
    [SERVER_DYNAMO] = &kind_dynamo,
};

/* Those that run, for exit(); and whose they are: a fork inherits the list, not the servers. */
static pthread_mutex_t running_lock = PTHREAD_MUTEX_INITIALIZER;
static struct server *running;
static pid_t owner;

void command_add(struct command *c, const char *format, ...)
{
    va_list arguments;

    if (c->count + 1 >= KIND_ARGUMENTS || c->used >= sizeof c->text)
        return;
    va_start(arguments, format);
    int n = vsnprintf(c->text + c->used, sizeof c->text - c->used, format, arguments);
    va_end(arguments);
    c->argv[c->count++] = c->text + c->used;
    c->argv[c->count] = NULL;
    c->used += n < 0 ? 0 : (size_t)n + 1;
}

void server_last_words(const struct server *s, int member, char *line, size_t size)
{
    char path[SERVER_FOLDER_PATH + 16], next[512];

    line[0] = '\0';
    snprintf(path, sizeof path, "%s/log.%d", s->folder.path, member);
    FILE *file = fopen(path, "re");
    while (file && fgets(next, sizeof next, file)) {
        next[strcspn(next, "\n")] = '\0';
        if (next[0])
            snprintf(line, size, "%s", text_tame(next));
    }
    if (file)
        fclose(file);
}

static int start_member(struct server *s, int member, char *error, size_t size)
{
    const struct kind *kind = kinds[s->kind];
    char log[SERVER_FOLDER_PATH + 16];
    struct command c = { .count = 0 };

    snprintf(log, sizeof log, "%s/log.%d", s->folder.path, member);
    c.plan = (struct process_plan){ .argv = c.argv, .log = log, .folder = s->folder.path,
                                    .end_signal = kind->signal };
    kind->command(s, member, &c);
    pid_t pid = process_start(&c.plan);
    if (pid < 0) {
        snprintf(error, size, "%s could not be started: %s: %s", kind->name, c.argv[0],
                 strerror(-pid));
        return pid;
    }
    s->members[member].pid = pid;
    server_folder_note(&s->folder, pid);
    return 0;
}

/* Waits until the step says 1, while every member lives. */
static int await(struct server *s, int member, bool first, char *error, size_t size)
{
    const struct kind *kind = kinds[s->kind];
    uint64_t end = contend_clock_ns() + patience_ns;

    for (;;) {
        if ((member >= 0 ? kind->ready(s, member) : kind->complete(s, first)) == 1)
            return 0;
        for (int i = 0; i < s->count; i++)
            if (s->members[i].pid && process_ended(s->members[i].pid)) {
                char said[200];
                s->members[i].pid = 0;
                server_last_words(s, i, said, sizeof said);
                snprintf(error, size, "%s ended as soon as it was started%s%s", kind->name,
                         said[0] ? ".  Its last words: " : ", without a word", said);
                return -EIO;
            }
        if (interrupt_came()) {
            snprintf(error, size, "interrupted while %s was started", kind->name);
            return -EINTR;
        }
        if (contend_clock_ns() > end) {
            snprintf(error, size, "%s did not answer at %s within %u s of its start", kind->name,
                     s->members[member < 0 ? 0 : member].address,
                     (unsigned)(patience_ns / 1000000000));
            return -ETIMEDOUT;
        }
        process_nap(5);
    }
}

/* Starts the members that do not run, and waits for all. */
static int bring_up(struct server *s, bool first, char *error, size_t size)
{
    for (int i = 0; i < s->count; i++) {
        int status = s->members[i].pid ? 0 : start_member(s, i, error, size);
        if (status)
            return status;
    }
    for (int i = 0; i < s->count; i++) {
        int status = await(s, i, first, error, size);
        if (status)
            return status;
    }
    return kinds[s->kind]->complete ? await(s, -1, first, error, size) : 0;
}

/* Ends all members and removes the folder. */
static void take_down(struct server *s)
{
    for (int i = 0; i < s->count; i++)
        if (s->members[i].pid)
            process_end(s->members[i].pid, kinds[s->kind]->signal, END_PATIENCE_MS);
    server_folder_remove(&s->folder);
    free(s);
}

static void stop_all(void)
{
    while (owner == getpid() && running)
        server_stop(running);
}

static void enlist(struct server *s)
{
    static bool listening;

    pthread_mutex_lock(&running_lock);
    if (owner != getpid()) /* after a fork: the parent's servers are the parent's */
        running = NULL;
    owner = getpid();
    s->next = running;
    running = s;
    if (!listening)
        listening = atexit(stop_all) == 0;
    pthread_mutex_unlock(&running_lock);
}

/* A port that was free a moment ago may be somebody's since. */
static bool port_was_taken(const char *error)
{
    return strstr(error, "Failed listening") || strstr(error, "EADDRINUSE");
}

static int start_once(struct server **out, enum server_kind kind, const struct server_options *options,
                      char *error, size_t size)
{
    char why[200];
    int status;

    *out = NULL;
    if (!kinds[kind]->installed(why, sizeof why)) {
        snprintf(error, size, "%s could not be started: %s", kinds[kind]->name, why);
        return -ENOENT;
    }
    struct server *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(error, size, "%s could not be started: no memory", kinds[kind]->name);
        return -ENOMEM;
    }
    s->kind = kind;
    s->count = kinds[kind]->members;
    if (options)
        s->options = *options;
    if (s->options.password) {
        snprintf(s->password, sizeof s->password, "%s", s->options.password);
        s->options.password = s->password;
    }
    server_folder_sweep();
    status = server_folder_make(&s->folder, s->options.folder);
    if (status) {
        snprintf(error, size, "%s could not be started: no folder could be made below %s: %s",
                 kinds[kind]->name, s->options.folder ? s->options.folder : "TMPDIR or /tmp",
                 strerror(-status));
        free(s);
        return status;
    }
    status = kinds[kind]->prepare(s, error, size);
    if (status == 0)
        status = bring_up(s, true, error, size);
    if (status) {
        take_down(s);
        return status;
    }
    enlist(s);
    *out = s;
    return 0;
}

int server_start(struct server **out, enum server_kind kind, const struct server_options *options,
                 char *error, size_t size)
{
    int status = -EIO;

    for (int attempt = 0; attempt < STARTS; attempt++) {
        status = start_once(out, kind, options, error, size);
        if (status != -EIO || !port_was_taken(error))
            break;
    }
    return status;
}

/* Notices which members have ended. */
static void look_after(struct server *s)
{
    for (int i = 0; i < s->count; i++)
        if (s->members[i].pid && process_ended(s->members[i].pid))
            s->members[i].pid = 0;
}

void server_kill(struct server *s, int member)
{
    if (s->members[member].pid)
        process_end(s->members[member].pid, SIGKILL, END_PATIENCE_MS);
    s->members[member].pid = 0;
}

int server_restart(struct server *s, char *error, size_t size)
{
    int status;

    /* PostgreSQL does not start while a process of the one before is there: then once more. */
    for (int attempt = 0; attempt < RESTARTS; attempt++) {
        look_after(s);
        status = bring_up(s, false, error, size);
        if (status != -EIO)
            break;
        process_nap(100);
    }
    return status;
}

void server_stop(struct server *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&running_lock);
    struct server **at = &running;
    while (*at && *at != s)
        at = &(*at)->next;
    if (*at)
        *at = s->next;
    pthread_mutex_unlock(&running_lock);
    take_down(s);
}

bool server_is_installed(enum server_kind kind, char *why, size_t size)
{
    return kinds[kind]->installed(why, size);
}

const char *server_kind_name(enum server_kind kind)
{
    return kinds[kind]->name;
}

const char *server_address(const struct server *s)
{
    return s->members[0].address;
}

int server_members(const struct server *s)
{
    return s->count;
}

const char *server_member_address(const struct server *s, int member)
{
    return s->members[member].address;
}

pid_t server_pid(const struct server *s)
{
    return s->members[0].pid;
}

pid_t server_member_pid(const struct server *s, int member)
{
    return s->members[member].pid;
}

double server_cpu_seconds(const struct server *s)
{
    double sum = 0;

    for (int i = 0; i < s->count; i++)
        if (s->members[i].pid)
            sum += process_cpu_seconds(s->members[i].pid);
    return sum;
}
