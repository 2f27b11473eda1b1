/* crash.c - see crash.h. */
#include "bench/check/crash.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "bench/check/alive.h"
#include "bench/check/state.h"

enum {
    PATIENCE_S = 5,    /* of processor time without a step, twice */
    LOOK_S = 2,        /* of real time: the process sleeps if it has been without a step, */
    LOOKS = 3,         /* at so many looks in a row, */
    ASLEEP_US = 20000, /* and has used no more than this between two of them */
    NEAR = 256         /* words of the stack, in which the checker's own calls lie */
};

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
    dprintf(STDERR_FILENO, "%s: %s %s in execution %llu, %s memory%s%s\n", run.test->name, who_runs(me),
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

/*
 * Where the code under test was: the instruction, or the call of the checker that is under way,
 * whose return address is then on the stack.
 */
static const void *place_of(const ucontext_t *at)
{
#if defined(__x86_64__)
    const uintptr_t *sp = (const uintptr_t *)at->uc_mcontext.gregs[REG_RSP];
    uintptr_t ip = (uintptr_t)at->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    const uintptr_t *sp = (const uintptr_t *)at->uc_mcontext.sp;
    uintptr_t ip = (uintptr_t)at->uc_mcontext.pc;
#else
    const uintptr_t *sp = NULL;
    uintptr_t ip = 0;
#endif
    const uintptr_t *end = (const uintptr_t *)(run.stacks + (size_t)(run.me + 1) * STATE_STACK);

    for (const uintptr_t *word = sp; ip && word < end && word < sp + NEAR; word++)
        if (*word == (uintptr_t)run.last_pc)
            return run.last_pc;
    return ip ? (const void *)(ip + 1) : run.last_pc; /* source_line() takes what follows a call */
}

/* Known of one processor alone; of others it is an access. */
static bool is_write(const ucontext_t *at)
{
#if defined(__x86_64__)
    enum { WRITES = 2 };

    return at->uc_mcontext.gregs[REG_ERR] & WRITES;
#else
    (void)at;
    return false;
#endif
}

/* Somebody else has sent it to the checker, whatever runs in it. */
static bool is_from_outside(const siginfo_t *info)
{
    return info->si_code <= 0 && info->si_pid != getpid();
}

void crash_raised(int signal_number, const void *pc)
{
    char line[64], me[WHO];

    source_line(pc, line, sizeof line);
    run.fault = (struct blamed){ .here = pc };
    fail(CHECK_CRASH, "%s is killed by a signal that it raises itself (%s) at %s", who_runs(me),
         strsignal(signal_number), line);
}

/*
 * A verdict like any other: the execution ends, and its fibers are abandoned.  The signal is not
 * blocked meanwhile (SA_NODEFER), so that leaving its handler for good is harmless.
 */
static void killed(int signal_number, siginfo_t *info, void *context)
{
    char line[64], me[WHO];

    if (!under_way() || is_from_outside(info)) {
        signal(signal_number, SIG_DFL);
        raise(signal_number);
        return;
    }
    const void *pc = signal_number == SIGSEGV && stack_is_used_up(info) ? run.last_pc : place_of(context);
    source_line(pc, line, sizeof line);
    run.fault = (struct blamed){ .here = pc };
    if (signal_number == SIGSEGV && stack_is_used_up(info))
        fail(CHECK_CRASH, "%s has used up its stack of %d KiB; its last step was at %s", who_runs(me),
             (STATE_STACK - STATE_GUARD) >> 10, line);
    if (info->si_code <= 0 && signal_number != SIGABRT)
        crash_raised(signal_number, pc);
    if (signal_number == SIGSEGV && info->si_code == SEGV_ACCERR)
        fail(CHECK_CRASH, "%s at %s %s the address %p, which is protected against that (%s)", who_runs(me), line,
             is_write(context) ? "writes to" : "uses", info->si_addr, strsignal(signal_number));
    if (signal_number == SIGSEGV || signal_number == SIGBUS)
        fail(CHECK_CRASH, "%s at %s uses the address %p, where nothing is (%s)", who_runs(me), line,
             info->si_addr, strsignal(signal_number));
    fail(CHECK_CRASH, "%s is killed by a signal (%s) at %s", who_runs(me), strsignal(signal_number),
         line);
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

/* A call that blocks and has no model stops all threads at once, and uses no processor time. */
static void look_for_sleep(int unused)
{
    static uint64_t seen_begun, seen_us;
    static unsigned seen_accesses, looks;
    struct timespec used;

    (void)unused;
    alive_tell(LOOK_S);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    uint64_t us = (uint64_t)used.tv_sec * 1000000 + (uint64_t)used.tv_nsec / 1000;
    bool asleep = under_way() && seen_begun == run.begun && seen_accesses == run.accesses &&
                  us - seen_us < ASLEEP_US;
    looks = asleep ? looks + 1 : 0;
    if (looks == LOOKS) {
        tell("sleeps without a step that the checker sees (a call that blocks and has no model?)");
        _exit(1);
    }
    seen_begun = run.begun;
    seen_accesses = run.accesses;
    seen_us = us;
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
    static char stack[256 << 10];
    const stack_t other = { .ss_sp = stack, .ss_size = sizeof stack };
    const struct itimerval each = { { PATIENCE_S, 0 }, { PATIENCE_S, 0 } };
    const struct itimerval often = { { LOOK_S, 0 }, { LOOK_S, 0 } };
    struct sigaction action = { .sa_sigaction = killed,
                                .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

    sigaltstack(&other, NULL);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        sigaction(deadly[i], &action, NULL);
    action = (struct sigaction){ .sa_handler = look_for_steps, .sa_flags = SA_ONSTACK | SA_RESTART };
    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &each, NULL);
    action.sa_handler = look_for_sleep;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    atexit(ended);
    at_quick_exit(ended);
}
