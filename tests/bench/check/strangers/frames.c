/*
 * frames.c - variables of functions: lent to what is called, on a stack that grows meanwhile, or on that of a handler.
 *
 * -DRETURNS: one is kept, and written when its function has returned.  -DRETURNS -DATOMIC: the same with an atomic.
 */
#include <alloca.h>
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

enum { ASIDE = 1 << 14, DEPTH = 4 };

static atomic_int *_Atomic top;
static int *kept;
static _Atomic int sum;

static int count_down(int *left)
{
    int *grown = alloca(sizeof *grown * (size_t)*left);

    grown[0] = --*left;
    return *left ? count_down(left) + 1 : grown[0];
}

static void push(int value)
{
    atomic_int node = value;
    int own = value;

    atomic_store(&top, &node);
    kept = &own;
    ++*kept;
    atomic_fetch_add(&node, 1);
    assert(own == value + 1 && node == value + 1);
}

static int *seen;

static void handle(int signal)
{
    *seen = signal;
}

/* The stack of the handler stands above what it writes, in one frame. */
static void handle_aside(void)
{
    char aside[ASIDE];
    int told = 0;
    const stack_t own = { .ss_sp = aside, .ss_size = sizeof aside }, none = { .ss_flags = SS_DISABLE };
    struct sigaction action = { .sa_handler = handle, .sa_flags = SA_ONSTACK };

    seen = &told;
    assert(sigaltstack(&own, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
    raise(SIGUSR1);
    assert(told == SIGUSR1 && sigaltstack(&none, NULL) == 0);
}

static void *work(void *unused)
{
    int left = DEPTH;

    assert(count_down(&left) == DEPTH - 1);
#ifdef RETURNS
    push(1);
#ifdef ATOMIC
    atomic_store(atomic_load(&top), 2);
#else
    *kept = 3;
#endif
#endif
    atomic_fetch_add(&sum, 1);
    return unused;
}

int main(void)
{
    pthread_t thread;

    push(4);
    handle_aside();
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
    assert(sum == 1);
    return 0;
}
