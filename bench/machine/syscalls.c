/*
 * syscalls.c - system calls that are made by number: those that order or block threads.
 *
 * Most libraries call futex() so, since the C library has no function for it.  What neither
 * blocks nor orders is passed on to the system.
 */
#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bench/machine/clock_models.h"
#include "bench/machine/machine.h"
#include "bench/machine/models.h"

#define PC __builtin_return_address(0)

enum { ARGUMENTS = 6 };

static long by_errno(int error)
{
    if (error == 0)
        return 0;
    errno = error;
    return -1;
}

/* A call that has no model would block all threads at once, or be no step. */
static _Noreturn void refuse_futex(int operation, const void *pc)
{
    char what[80];

    snprintf(what, sizeof what, "calls syscall(): the futex operation %d has no model", operation);
    machine->misuse(what, pc);
}

/* The limit of FUTEX_WAIT is a length of time, that of the other one a point in it. */
static int wait_on_futex(const long a[ARGUMENTS], bool until, const void *pc)
{
    const struct timespec *limit = (const struct timespec *)a[3];
    int error = machine->futex_wait((void *)a[0], (uint32_t)a[2], limit != NULL, pc);

    if (error == ETIMEDOUT && until)
        time_is_up(limit);
    else if (error == ETIMEDOUT)
        time_is_over(limit);
    return error;
}

static long call_futex(const long a[ARGUMENTS], const void *pc)
{
    void *word = (void *)a[0];
    int operation = (int)a[1] & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);

    switch (operation) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        return by_errno(wait_on_futex(a, operation == FUTEX_WAIT_BITSET, pc));
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return machine->futex_wake(word, (int)a[2], pc);
    default:
        refuse_futex(operation, pc);
    }
}

static long call_membarrier(const long a[ARGUMENTS], const void *pc)
{
    enum { ORDERS = MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |
                    MEMBARRIER_CMD_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE,
           REGISTERS = MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |
                       MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED |
                       MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE };

    if (a[0] == MEMBARRIER_CMD_QUERY)
        return ORDERS | REGISTERS;
    if (a[0] & ORDERS)
        machine->membarrier(pc);
    else if (!(a[0] & REGISTERS))
        return by_errno(EINVAL);
    return 0;
}

long check_syscall(long number, ...)
{
    long a[ARGUMENTS];
    va_list arguments;

    va_start(arguments, number);
    for (int i = 0; i < ARGUMENTS; i++)
        a[i] = va_arg(arguments, long);
    va_end(arguments);
    MACHINE_KEEP_REGISTERS();
    switch (number) {
    case SYS_futex: return call_futex(a, PC);
    case SYS_membarrier: return call_membarrier(a, PC);
    case SYS_sched_yield: machine->relax(PC); return 0;
    default: return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}
