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

/* Numbers that old headers lack: of an operation, and of futex_waitv() and its like. */
enum { LOCK_PI2 = 13, FUTEX2_WAITV = 449, FUTEX2_FIRST = 454, FUTEX2_LAST = 456 };

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
    static const char *const names[] = {
        [FUTEX_FD] = "FUTEX_FD", [FUTEX_LOCK_PI] = "FUTEX_LOCK_PI", [FUTEX_UNLOCK_PI] = "FUTEX_UNLOCK_PI",
        [FUTEX_TRYLOCK_PI] = "FUTEX_TRYLOCK_PI", [FUTEX_WAIT_REQUEUE_PI] = "FUTEX_WAIT_REQUEUE_PI",
        [FUTEX_CMP_REQUEUE_PI] = "FUTEX_CMP_REQUEUE_PI", [LOCK_PI2] = "FUTEX_LOCK_PI2",
    };
    char what[80];

    if (operation >= 0 && operation < (int)(sizeof names / sizeof *names) && names[operation])
        snprintf(what, sizeof what, "calls syscall() for %s", names[operation]);
    else
        snprintf(what, sizeof what, "calls syscall() for the futex operation %d", operation);
    machine->unmodelled(what, pc);
}

static int twelve_bits(uint32_t word)
{
    enum { BITS = 12, SIGN = 1 << 11, ALL = (1 << BITS) - 1 };

    return (int)((word & ALL) ^ SIGN) - SIGN;
}

static bool compares(uint32_t how, int old, int with)
{
    switch (how) {
    case FUTEX_OP_CMP_EQ: return old == with;
    case FUTEX_OP_CMP_NE: return old != with;
    case FUTEX_OP_CMP_LT: return old < with;
    case FUTEX_OP_CMP_LE: return old <= with;
    case FUTEX_OP_CMP_GT: return old > with;
    default: return old >= with;
    }
}

/* Changes the other word, then wakes on both: three steps here, so that more may come between than in the kernel. */
static long wake_op(void *word, int wake, void *other, int wake_other, uint32_t code, const void *pc)
{
    static const enum machine_rmw operations[] = {
        [FUTEX_OP_SET] = MACHINE_EXCHANGE, [FUTEX_OP_ADD] = MACHINE_ADD, [FUTEX_OP_OR] = MACHINE_OR,
        [FUTEX_OP_ANDN] = MACHINE_AND, [FUTEX_OP_XOR] = MACHINE_XOR };
    uint32_t operation = code >> 28 & 7, how = code >> 24 & 15;
    int operand = twelve_bits(code >> 12);

    if (operation > FUTEX_OP_XOR || how > FUTEX_OP_CMP_GE)
        return by_errno(ENOSYS);
    if (code >> 28 & FUTEX_OP_OPARG_SHIFT)
        operand = (int)(1u << (operand & 31));
    if (operation == FUTEX_OP_ANDN)
        operand = ~operand;
    int old = (int)machine->rmw(other, 4, operations[operation], (uint32_t)operand, __ATOMIC_SEQ_CST, pc);
    int woken = machine->futex_wake(word, wake, pc);
    return woken + (compares(how, old, twelve_bits(code)) ? machine->futex_wake(other, wake_other, pc) : 0);
}

/* Returns the sum of those woken and moved only where it compares. */
static long requeue(const long a[ARGUMENTS], bool compares_first, const void *pc)
{
    uint32_t expected = (uint32_t)a[5];
    int woken, moved;

    if (!machine->futex_requeue)
        machine->unmodelled("calls syscall() for FUTEX_REQUEUE", pc);
    moved = machine->futex_requeue((void *)a[0], (int)a[2], (void *)a[4], (int)a[3], compares_first ? &expected : NULL,
                                   &woken, pc);
    return moved < 0 ? by_errno(EAGAIN) : compares_first ? moved : woken;
}

/* The bits of the sleepers say which of them wake: only where all have all, as nearly everywhere, that is known. */
static void look_at_bits(const long a[ARGUMENTS], const void *pc)
{
    if ((uint32_t)a[5] != FUTEX_BITSET_MATCH_ANY)
        machine->unmodelled("calls syscall() for a futex with some bits of FUTEX_BITSET_MATCH_ANY", pc);
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

    if (operation == FUTEX_WAIT_BITSET || operation == FUTEX_WAKE_BITSET)
        look_at_bits(a, pc);
    switch (operation) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        return by_errno(wait_on_futex(a, operation == FUTEX_WAIT_BITSET, pc));
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return machine->futex_wake(word, (int)a[2], pc);
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
        return requeue(a, operation == FUTEX_CMP_REQUEUE, pc);
    case FUTEX_WAKE_OP:
        return wake_op(word, (int)a[2], (void *)a[4], (int)a[3], (uint32_t)a[5], pc);
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
    if (number == FUTEX2_WAITV || (number >= FUTEX2_FIRST && number <= FUTEX2_LAST))
        machine->unmodelled("calls syscall() for one of the newer futex calls", PC);
    switch (number) {
    case SYS_futex: return call_futex(a, PC);
    case SYS_membarrier: return call_membarrier(a, PC);
    case SYS_sched_yield: machine->relax(PC); return 0;
    case SYS_exit: /* of the one thread that the system knows */
    case SYS_exit_group: machine->quit(MACHINE_EXIT_NOW, (int)a[0] & 0xff, PC);
    default: return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}
