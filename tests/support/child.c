/* child.c - a case in a process of its own. */
#include "tests/support/child.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "locks/parts/platform.h"

int child_run(int (*fn)(void *arg), void *arg)
{
    const struct timespec nap = { 0, 1000000 };
    uint64_t start = contend_clock_ns();
    int status;

    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* not the parent's, which would report a case of its own */
        signal(SIGBUS, SIG_DFL);
        signal(SIGABRT, SIG_DFL);
        _exit(fn(arg));
    }
    if (child < 0)
        return -1;
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (contend_clock_ns() - start > CHILD_SECONDS * UINT64_C(1000000000)) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        nanosleep(&nap, NULL);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
