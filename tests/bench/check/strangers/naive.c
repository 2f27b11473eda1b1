/*
 * naive.c - a program whose loops wait without saying so: Peterson's lock as it stands in books, a spin
 * lock, a flag, polls of a mutex, and a loop that gives up after forty turns.
 *
 * -DNEVER_SETS: nobody sets the flag.  -DNEVER_UNLOCKS: the spin lock is kept.  -DRELAXED: the spin lock is
 * let go with the wrong order.  -DTRUSTS: the loop that gives up is taken for one that does not.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

enum { PATIENCE = 40 };

#ifdef RELAXED
#define UNLOCK_ORDER memory_order_relaxed
#else
#define UNLOCK_ORDER memory_order_release
#endif

static atomic_int wants[2], turn, flag;
static atomic_flag spin = ATOMIC_FLAG_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int in_section, in_spin, ready, late;

static void peterson(int me)
{
    atomic_store(&wants[me], 1);
    atomic_store(&turn, 1 - me);
    while (atomic_load(&wants[1 - me]) && atomic_load(&turn) == 1 - me)
        ;
    in_section++;
    atomic_store(&wants[me], 0);
}

static void spin_lock(void)
{
    while (atomic_flag_test_and_set_explicit(&spin, memory_order_acquire))
        ;
    in_spin++;
#ifndef NEVER_UNLOCKS
    atomic_flag_clear_explicit(&spin, UNLOCK_ORDER);
#endif
}

static int is_ready(void)
{
    while (pthread_mutex_trylock(&mutex) != 0)
        ;
    int is = ready;
    pthread_mutex_unlock(&mutex);
    return is;
}

static void *wait_for_all(void *unused)
{
    spin_lock();
    peterson(0);
    while (!is_ready())
        ;
    while (!atomic_load_explicit(&flag, memory_order_acquire))
        ;
    return unused;
}

static void *set_all(void *unused)
{
    int turns = 0;

    spin_lock();
    while (turns < PATIENCE && !atomic_load(&flag))
        turns++;
    late = turns;
#ifdef TRUSTS
    assert(turns < PATIENCE);
#endif
    pthread_mutex_lock(&mutex);
    ready = 1;
    pthread_mutex_unlock(&mutex);
    peterson(1);
#ifndef NEVER_SETS
    atomic_store_explicit(&flag, 1, memory_order_release);
#endif
    return unused;
}

int main(void)
{
    pthread_t one, other;

    pthread_create(&one, NULL, wait_for_all, NULL);
    pthread_create(&other, NULL, set_all, NULL);
    pthread_join(one, NULL);
    pthread_join(other, NULL);
    assert(in_section == 2 && in_spin == 2 && late <= PATIENCE);
    return 0;
}
