/*
 * futex.c - a program that calls futex() by number: sleepers are moved, and a word is changed while one is woken.
 *
 * -DMOVES_NONE: sleepers are woken one by one, and the others never.  -DCOMPARES: the other word is not what it asks for.
 * -DUNSEEN=OPERATION: what has no model.
 */
#include <assert.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef MOVES_NONE
enum { MOVED = 0 };
#else
enum { MOVED = INT_MAX };
#endif
#ifdef COMPARES
enum { FOUND = 1 };
#else
enum { FOUND = 0 };
#endif

static atomic_int gate, lounge, exits;

static void *wait_for_gate(void *unused)
{
    syscall(SYS_futex, &gate, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    return unused;
}

/* A thread that was moved is woken where it sleeps then. */
static void open_gate(void)
{
    atomic_store(&gate, 1);
    assert(syscall(SYS_futex, &gate, FUTEX_CMP_REQUEUE_PRIVATE, 0, (long)MOVED, &lounge, 0) == -1);
    assert(syscall(SYS_futex, &gate, FUTEX_CMP_REQUEUE_PRIVATE, 1, (long)MOVED, &lounge, 1) <= 2);
    syscall(SYS_futex, &lounge, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0);
}

static void *wait_for_exit(void *unused)
{
    while (atomic_load(&exits) == 0)
        syscall(SYS_futex, &lounge, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    return unused;
}

/* Wakes nobody at the gate, and the one in the lounge if that was empty before. */
static void let_out(void)
{
    atomic_store(&exits, 1);
    syscall(SYS_futex, &gate, FUTEX_WAKE_OP_PRIVATE, 0, 1L, &lounge, FUTEX_OP(FUTEX_OP_ADD, 7, FUTEX_OP_CMP_EQ, FOUND));
    assert(lounge == 7);
}

int main(void)
{
    pthread_t first, second;

    pthread_create(&first, NULL, wait_for_gate, NULL);
    pthread_create(&second, NULL, wait_for_gate, NULL);
    open_gate();
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    pthread_create(&first, NULL, wait_for_exit, NULL);
    let_out();
    pthread_join(first, NULL);
#ifdef UNSEEN
    syscall(SYS_futex, &gate, UNSEEN, 0, NULL, NULL, 1);
#endif
    return 0;
}
