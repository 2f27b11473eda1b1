/* launch.c - children that run windows. */
#include "bench/measure/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/base/apart.h"
#include "bench/base/memory.h"
#include "bench/base/random.h"
#include "bench/base/shortage.h"
#include "bench/engine/tape.h"
#include "locks/parts/platform.h"

extern char **environ;

struct request {
    unsigned cell, contestant;
    struct window_settings settings;
};

/* All of it, or false: the other end is gone. */
static bool send_all(int fd, const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

static bool receive_all(int fd, void *data, size_t size)
{
    char *at = data;

    while (size > 0) {
        ssize_t n = recv(fd, at, size, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

/* A figure that differs if two plans differ in any name. */
static uint64_t fingerprint(const struct plan *plan)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    char name[PLAN_NAME];

    for (unsigned c = 0; c < plan->count; c++)
        for (unsigned k = 0; k < plan->cells[c].count; k++)
            for (const char *at = plan_name(&plan->cells[c], k, name); *at; at++)
                h = (h ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    return h;
}

/* ---- the parent ---- */

/* A child of this process's memory.  It returns nowhere: what is buffered here is the parent's. */
static int copy(struct launcher *l, int socket, const cpu_set_t *allowed)
{
    if (!apart_is_alone())
        return EDEADLK;
    pid_t pid = fork();
    if (pid == 0) {
        close(l->fd);
        sched_setaffinity(0, sizeof *allowed, allowed);
        _exit(launch_serve(l->plan, l->inner, socket) ? 1 : 0);
    }
    l->pid = pid;
    return pid < 0 ? errno : 0;
}

/* Starts a child with that socket as its LAUNCH_FD, on the processors that are allowed. */
static int spawn(struct launcher *l, int socket, const cpu_set_t *allowed)
{
    posix_spawn_file_actions_t files;
    cpu_set_t own;
    bool pinned = sched_getaffinity(0, sizeof own, &own) == 0;
    pid_t pid = -1;
    int error = posix_spawn_file_actions_init(&files);

    if (error)
        return error;
    error = posix_spawn_file_actions_adddup2(&files, socket, LAUNCH_FD);
    if (!error) /* what the parent prints is the only output */
        error = posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (!error)
        error = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    /* The calling thread may have been pinned, and the child inherits that. */
    sched_setaffinity(0, sizeof *allowed, allowed);
    if (!error)
        error = posix_spawn(&pid, "/proc/self/exe", &files, NULL, l->argv, environ);
    if (pinned)
        sched_setaffinity(0, sizeof own, &own);
    posix_spawn_file_actions_destroy(&files);
    l->pid = error ? -1 : pid;
    return error;
}

/* Ends the child; what it says of how it ended. */
static int stop(struct launcher *l)
{
    int status = 0;

    if (l->fd >= 0)
        close(l->fd);
    if (l->pid >= 0)
        while (waitpid(l->pid, &status, 0) < 0 && errno == EINTR)
            continue;
    l->pid = l->fd = -1;
    return status;
}

static void give_up(struct launcher *l, const char *why)
{
    stop(l);
    l->gave_up = true;
    snprintf(l->why, sizeof l->why, "%s", why);
}

/*
 * A child that has made the same plan; else all of them are given up, unless others have
 * answered: then this one's end is what its window reports.
 */
static bool start(struct launcher *l, const cpu_set_t *allowed)
{
    uint64_t print = 0;
    int ends[2], error;

    if (l->gave_up)
        return false;
    /* The dup2 to LAUNCH_FD clears the flag for the child; a socket that is LAUNCH_FD would keep it. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        give_up(l, strerror(errno));
        return false;
    }
    if (ends[1] == LAUNCH_FD) {
        int moved = fcntl(ends[1], F_DUPFD_CLOEXEC, LAUNCH_FD + 1);
        close(ends[1]);
        ends[1] = moved;
    }
    l->fd = ends[0];
    error = ends[1] < 0 ? EMFILE : (l->argv ? spawn : copy)(l, ends[1], allowed);
    if (ends[1] >= 0)
        close(ends[1]);
    if (error) {
        give_up(l, error == EDEADLK ? "a library runs threads in this one, which a copy would lack"
                                    : strerror(error));
        return false;
    }
    bool answered = receive_all(l->fd, &print, sizeof print);
    if (!answered && l->launches > 0)
        return true;
    if (!answered || print != fingerprint(l->plan)) {
        give_up(l, "a new process could not make the same plan");
        return false;
    }
    l->launches++;
    return true;
}

static void renew(void *ctx)
{
    stop(ctx);
}

/* The cell's and the contestant's places in the plan. */
static struct request request_for(const struct plan *plan, const struct cell *cell,
                                  const struct contestant *who)
{
    struct request r = { .cell = 0 };

    while (&plan->cells[r.cell].cell != cell)
        r.cell++;
    r.contestant = (unsigned)(who - plan->cells[r.cell].contestants);
    return r;
}

static void blame(struct window_result *out, int status)
{
    *out = (struct window_result){ .error = -EIO };
    if (WIFSIGNALED(status))
        snprintf(out->why, sizeof out->why, "the process of this window was ended by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(out->why, sizeof out->why, "the process of this window ended with status %d",
                 WEXITSTATUS(status));
}

static int run(void *ctx, const struct cell *cell, const struct contestant *who,
               const struct window_settings *settings, struct window_result *out)
{
    struct launcher *l = ctx;
    struct request request = request_for(l->plan, cell, who);

    request.settings = *settings;
    if (l->fd < 0 && !start(l, &settings->allowed))
        return l->inner->run(l->inner->ctx, cell, who, settings, out);
    if (!send_all(l->fd, &request, sizeof request) || !receive_all(l->fd, out, sizeof *out))
        blame(out, stop(l));
    if (out->error == -EAGAIN) /* the child has made no thread; its notes are its own */
        shortage_note(out->error);
    return out->error;
}

void launcher_begin(struct launcher *l, const struct plan *plan, const struct window_engine *inner,
                    char *const *argv)
{
    *l = (struct launcher){ .plan = plan, .inner = inner, .argv = argv, .pid = -1, .fd = -1 };
    l->engine = (struct window_engine){ .run = run, .renew = renew, .ctx = l };
}

void launcher_end(struct launcher *l)
{
    stop(l);
}

bool launcher_shared(const struct launcher *l, char caveat[LAUNCH_CAVEAT])
{
    snprintf(caveat, LAUNCH_CAVEAT,
             "Blocks shared a process%s%s: the intervals leave out what varies from launch to launch.",
             l->gave_up ? ", since no other could be made: " : "", l->why);
    return l->launches == 0 || l->gave_up;
}

/* ---- the child ---- */

/* See launch.h.  What is taken is never returned, or the kernel would hand it out next. */
static void take_other_pages(void)
{
    enum { MOST_PAGES = 8192, HEAP_STEPS = 256, HEAP_STEP = 16 };
    static char *heap;
    struct random r = random_seeded(contend_clock_ns(), (uint64_t)getpid());
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = (1 + random_below(&r, MOST_PAGES)) * page;

    heap = malloc(HEAP_STEP * (1 + random_below(&r, HEAP_STEPS)));
    if (heap)
        heap[0] = 1;
    if (!memory_grants(bytes))
        return;
    char *taken = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (taken == MAP_FAILED)
        return;
    madvise(taken, bytes, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < bytes; at += page)
        taken[at] = 1;
}

int launch_serve(const struct plan *plan, const struct window_engine *inner, int fd)
{
    uint64_t print = fingerprint(plan);
    struct request request;
    struct window_result result;

    /* Ctrl-C is the parent's affair: it ends after a window.  A child never outlives it. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    take_other_pages();
    if (!send_all(fd, &print, sizeof print))
        return -EPROTO;
    while (receive_all(fd, &request, sizeof request)) {
        if (request.cell >= plan->count || request.contestant >= plan->cells[request.cell].count)
            return -EPROTO;
        const struct plan_cell *cell = &plan->cells[request.cell];
        inner->run(inner->ctx, &cell->cell, &cell->contestants[request.contestant],
                   &request.settings, &result);
        if (!send_all(fd, &result, sizeof result))
            return -EPROTO;
    }
    tape_free_all();
    return 0;
}
