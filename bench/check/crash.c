/* crash.c - see crash.h. */
#include "bench/check/crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "bench/check/state.h"

enum { PATIENCE_S = 5 };

static bool under_way(void)
{
    return machine == &explorer_driver;
}

/*
 * Prints the thread, its last step and where it was made.  Also called from signal handlers:
 * calls that are not safe there are acceptable in a process that is about to end, and an
 * alarm ends it if one of them hangs.
 */
static void tell(const char *what)
{
    char line[64] = "", me[WHO];

    signal(SIGALRM, SIG_DFL);
    alarm(5);
    if (self()->pc)
        source_line(self()->pc, line, sizeof line);
    fflush(stdout);
    fprintf(stderr, "%s: %s %s in execution %llu, %s memory%s%s\n", run.test->name, who_runs(me),
            what, (unsigned long long)run.result->executions + 1,
            run.weak ? "weak" : "sequentially consistent", line[0] ? "; its last step was at " : "",
            line);
    alarm(0);
}

/* The lower part of each fiber's stack must not be touched: see schedule_execute(). */
static bool stack_is_used_up(const siginfo_t *info)
{
    uintptr_t at = (uintptr_t)info->si_addr, from = (uintptr_t)run.stacks;

    return at - from < STATE_THREADS * (uintptr_t)STATE_STACK &&
           (at - from) % STATE_STACK < STATE_GUARD;
}

static void killed(int signal_number, siginfo_t *info, void *unused)
{
    char what[96];

    (void)unused;
    if (under_way()) {
        if (signal_number == SIGSEGV && stack_is_used_up(info))
            snprintf(what, sizeof what, "has used up its stack of %d KiB",
                     (STATE_STACK - STATE_GUARD) >> 10);
        else
            snprintf(what, sizeof what, "is killed by a signal (%s)", strsignal(signal_number));
        tell(what);
    }
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void look_for_steps(int unused)
{
    static uint64_t seen_begun;
    static unsigned seen_accesses;

    (void)unused;
    if (under_way() && seen_begun == run.begun && seen_accesses == run.accesses) {
        tell("runs without a step that the checker sees (a loop without atomics?)");
        _exit(1);
    }
    seen_begun = run.begun;
    seen_accesses = run.accesses;
}

static void ended(void)
{
    if (!under_way())
        return;
    tell("calls exit()");
    _exit(1);
}

void crash_watch(void)
{
    static const int deadly[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
    static char stack[64 << 10];
    const stack_t other = { .ss_sp = stack, .ss_size = sizeof stack };
    const struct itimerval each = { { PATIENCE_S, 0 }, { PATIENCE_S, 0 } };
    struct sigaction action = { .sa_sigaction = killed, .sa_flags = SA_SIGINFO | SA_ONSTACK };

    sigaltstack(&other, NULL);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        sigaction(deadly[i], &action, NULL);
    action = (struct sigaction){ .sa_handler = look_for_steps, .sa_flags = SA_ONSTACK | SA_RESTART };
    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &each, NULL);
    atexit(ended);
}
