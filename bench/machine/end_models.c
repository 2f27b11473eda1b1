/*
 * end_models.c - calls that end the process, and signals that a program sends to itself.
 *
 * Whatever the checked code does, the process goes on, since it is the checker's as well: its end is an event
 * like any other.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/machine/machine.h"
#include "bench/machine/thread_models.h"

#define PC __builtin_return_address(0)

void check_exit(int status)
{
    machine->quit(MACHINE_EXIT, status, PC);
}

void check_exit_now(int status)
{
    machine->quit(MACHINE_EXIT_NOW, status, PC);
}

void check_quick_exit(int status)
{
    machine->quit(MACHINE_QUICK_EXIT, status, PC);
}

static bool ends_by_default(int signal_number)
{
    switch (signal_number) {
    case 0:
    case SIGCHLD:
    case SIGCONT:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
    case SIGURG:
    case SIGWINCH: return false;
    default: return true;
    }
}

/* Nobody handles it, nor is it blocked or ignored. */
static bool is_deadly(int signal_number)
{
    struct sigaction action;
    sigset_t blocked;

    if (!ends_by_default(signal_number) || sigaction(signal_number, NULL, &action) != 0)
        return false;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    return !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_DFL && !sigismember(&blocked, signal_number);
}

static void tell(int signal_number, const void *pc)
{
    int own = errno;

    machine->note("raise a signal", NULL, pc);
    if (machine->killed && is_deadly(signal_number))
        machine->killed(signal_number, pc);
    errno = own;
}

void check_abort(void)
{
    tell(SIGABRT, PC);
    abort();
}

int check_raise(int signal_number)
{
    tell(signal_number, PC);
    return raise(signal_number);
}

int check_kill(pid_t process, int signal_number)
{
    bool ours = process == getpid();

    if (ours)
        tell(signal_number, PC);
    int error = kill(process, signal_number);
    if (!error && ours && signal_number)
        check_signal_came(PC);
    return error;
}
