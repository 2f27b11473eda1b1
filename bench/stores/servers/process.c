/* process.c - fork, execute, signal, reap, and two files of /proc. */
#include "bench/stores/servers/process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/shortage.h"

void process_nap(unsigned ms)
{
    struct timespec left = { ms / 1000, (long)(ms % 1000) * 1000000 };

    nanosleep(&left, NULL);
}

bool process_find(const char *program, char *path, size_t size)
{
    const char *at = getenv("PATH");

    while (at && *at) {
        size_t length = strcspn(at, ":");
        int written = snprintf(path, size, "%.*s/%s", (int)length, at, program);
        struct stat file;
        if (length > 0 && written > 0 && (size_t)written < size && stat(path, &file) == 0 &&
            S_ISREG(file.st_mode) && access(path, X_OK) == 0)
            return true;
        at += length + (at[length] == ':');
    }
    return false;
}

/* The child, between fork and exec: only calls that are safe where there were other threads. */
static _Noreturn void become(const struct process_plan *plan, pid_t parent, int report)
{
    struct sigaction usual = { .sa_handler = SIG_DFL };
    sigset_t none;
    int error = 0;

    /* What the starter ignores or blocks would be inherited. */
    for (int s = 1; s < NSIG; s++)
        sigaction(s, &usual, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    int in = open("/dev/null", O_RDONLY);
    int out = open(plan->log, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        error = errno;
    /* What else is open is the starter's: a pipe held open would keep its reader waiting. */
    if (!error && report != 3) {
        if (dup2(report, 3) < 0)
            error = errno;
        report = 3;
        fcntl(report, F_SETFD, FD_CLOEXEC);
    }
    for (int fd = 4; fd < 1024 && !error; fd++)
        close(fd);
    if (!error && plan->switch_user && (setgroups(1, &plan->group) != 0 ||
                                        setgid(plan->group) != 0 || setuid(plan->user) != 0))
        error = errno;
    if (!error && chdir(plan->folder) != 0)
        error = errno;
    /* After the change of the user, which clears it; and the starter may have died before. */
    if (!error && prctl(PR_SET_PDEATHSIG, plan->end_signal) != 0)
        error = errno;
    if (!error && getppid() != parent)
        _exit(1);
    if (!error) {
        execv(plan->argv[0], (char *const *)plan->argv);
        error = errno;
    }
    (void)!write(report, &error, sizeof error);
    _exit(127);
}

pid_t process_start(const struct process_plan *plan)
{
    int report[2], error = 0;
    pid_t parent = getpid();

    if (pipe2(report, O_CLOEXEC) != 0)
        return -errno;
    pid_t pid = fork();
    if (pid == 0)
        become(plan, parent, report[1]);
    if (pid < 0)
        error = errno;
    close(report[1]);
    ssize_t got = 0;
    if (pid > 0)
        while ((got = read(report[0], &error, sizeof error)) < 0 && errno == EINTR)
            ;
    close(report[0]);
    if (pid > 0 && got == sizeof error) /* nothing comes if it was executed */
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
    shortage_note(-error); /* the limits of threads are those of processes */
    return error ? -error : pid;
}

bool process_ended(pid_t pid)
{
    return waitpid(pid, NULL, WNOHANG) != 0;
}

void process_end(pid_t pid, int signal, unsigned patience_ms)
{
    kill(pid, signal);
    kill(pid, SIGCONT);
    for (unsigned waited = 0; !process_ended(pid); waited += 5) {
        if (waited >= patience_ms) {
            kill(pid, SIGKILL);
            while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
            return;
        }
        process_nap(5);
    }
}

/* Fields of /proc/PID/stat behind the name, counted as proc(5) does: the state is the third. */
enum { FIELD_PARENT = 4, FIELD_USER = 14, FIELD_CHILDREN_SYSTEM = 17, FIELD_BIRTH = 22, FIELDS };

static bool read_stat(pid_t pid, uint64_t field[FIELDS])
{
    char path[32], text[1024];

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = '\0';
    const char *at = strrchr(text, ')'); /* of the name, which may contain anything */
    if (!at || strlen(at) < 4)
        return false;
    at += 3;
    for (int i = 4; i < FIELDS; i++) {
        char *end;
        field[i] = strtoull(at, &end, 10);
        if (end == at)
            return false;
        at = end;
    }
    return true;
}

uint64_t process_birth(pid_t pid)
{
    uint64_t field[FIELDS];

    return read_stat(pid, field) ? field[FIELD_BIRTH] : 0;
}

double process_cpu_seconds(pid_t pid)
{
    uint64_t field[FIELDS], ticks = 0;
    DIR *all = opendir("/proc");

    if (!all)
        return 0;
    for (const struct dirent *e; (e = readdir(all));) {
        pid_t other = isdigit((unsigned char)e->d_name[0]) ? (pid_t)strtol(e->d_name, NULL, 10) : 0;
        if (other <= 0 || !read_stat(other, field) ||
            (other != pid && field[FIELD_PARENT] != (uint64_t)pid))
            continue;
        for (int i = FIELD_USER; i <= FIELD_CHILDREN_SYSTEM; i++)
            ticks += field[i];
    }
    closedir(all);
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}
