/* apart.c - fork, wait, and say how it ended. */
#include "bench/base/apart.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/base/interrupt.h"

bool apart_is_alone(void)
{
    DIR *tasks = opendir("/proc/self/task");
    unsigned count = 0;

    for (struct dirent *e; tasks && (e = readdir(tasks));)
        count += e->d_name[0] != '.';
    if (tasks)
        closedir(tasks);
    return count == 1;
}

void *apart_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

void apart_free(void *memory, size_t size)
{
    if (memory)
        munmap(memory, size);
}

/* Waits until the copy has closed its end of the pipe, by ending. */
static void await(int pipe, pid_t pid)
{
    enum { LOOK_MS = 100 };
    struct pollfd end = { .fd = pipe, .events = POLLIN };

    for (bool told = false; poll(&end, 1, LOOK_MS) <= 0;)
        if (!told && interrupt_came())
            told = kill(pid, SIGINT) == 0;
}

static int judge(int status, int *result, char why[APART_WHY])
{
    if (WIFEXITED(status)) {
        *result = WEXITSTATUS(status);
        return 0;
    }
    snprintf(why, APART_WHY, "its process was ended by signal %d (%s)", WTERMSIG(status),
             strsignal(WTERMSIG(status)));
    return -ECHILD;
}

int apart_call(int (*work)(void *ctx), void *ctx, int *result, char why[APART_WHY])
{
    pid_t parent = getpid();
    int ends[2], status = 0;

    if (!apart_is_alone())
        return -EDEADLK;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    pid_t pid = fork();
    if (pid == 0) {
        /* The terminal's Ctrl-C is the parent's, which passes it on; and the copy never outlives it. */
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        _exit(getppid() == parent ? work(ctx) : 1);
    }
    int error = pid < 0 ? -errno : 0;
    close(ends[1]);
    if (!error)
        await(ends[0], pid);
    close(ends[0]);
    if (error)
        return error;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return judge(status, result, why);
}
