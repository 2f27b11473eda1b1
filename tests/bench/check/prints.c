/* prints.c - failures whose prints are looked at; a macro chooses one. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "check/check.h"
#include "a_file_whose_name_is_rather_long.h"

static _Atomic int lock;
static _Atomic int given;
static int claps;
static struct node {
    int value;
    struct node *next;
} tail, *_Atomic head;

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&lock, 0);
    atomic_init(&given, 0);
    atomic_init(&head, NULL);
    claps = 0;
    tail.value = 7;
}

#if defined(LOST_CLAP)
static void one(void *unused)
{
    (void)unused;
    int seen = claps;
    claps = seen + 1;
}
#define two one
#elif defined(ONE_TOUCHES)
/* Only one thread ever touches `claps`. */
static void one(void *unused)
{
    (void)unused;
    claps = 1;
    atomic_store(&given, 1);
}

static void two(void *unused)
{
    (void)unused;
    long_named_load(&given);
}
#elif defined(ONE_DECIDES)
static void one(void *unused)
{
    (void)unused;
    claps = 1;
    int seen = claps;
    atomic_store(&given, 1);
    atomic_store(&given, 2);
    check_that(seen == 2);
}

static void two(void *unused)
{
    (void)unused;
    atomic_load(&given);
}
#elif defined(LOCAL_OPERANDS)
static void one(void *unused)
{
    struct node mine = { 3, &tail }, *first = &mine;
    int letter = atomic_load(&given);

    (void)unused;
    check_that(letter + first->next->value == 8 || first->value == 4);
}

static void two(void *unused)
{
    (void)unused;
    atomic_store(&given, 5);
}
#elif defined(NAIVE_SPIN)
static void one(void *unused)
{
    (void)unused;
    while (atomic_exchange(&lock, 1))
        sched_yield();
}
#define two one
#elif defined(PAUSED_SPIN)
#include <immintrin.h>

static void one(void *unused)
{
    (void)unused;
    while (atomic_load(&given) == 0)
        _mm_pause();
}
#define two one
#elif defined(VOLATILE_SPIN)
static volatile int raised, letter;

static void one(void *unused)
{
    (void)unused;
    while (!raised)
        ;
    check_that(letter == 7);
}

static void two(void *unused)
{
    (void)unused;
#ifndef FORGETS
    raised = 1;
#endif
    letter = 7;
}
#elif defined(PATIENT_SPIN)
static void one(void *unused)
{
    (void)unused;
    for (int i = 0; i < 20; i++) {
        if (atomic_exchange(&lock, 1) == 0)
            return;
        sched_yield();
    }
    check_that(!"it gives up");
}
#define two one
#elif defined(POINTERS)
static void one(void *unused)
{
    struct node mine = { 1, NULL };

    (void)unused;
    atomic_store(&head, &tail);
    atomic_store(&head, &mine);
}

static void two(void *unused)
{
    (void)unused;
    check_that(atomic_load(&head) == NULL);
}
#elif defined(CRASHES)
static struct node *_Atomic place;

static void one(void *unused)
{
    const struct node *found = atomic_load(&place); /* no other thread touches it */

    (void)unused;
    check_that(found->value == 1);
}

static void two(void *unused)
{
    (void)unused;
}
#elif defined(MEETS)
static pthread_barrier_t meeting;
static pthread_once_t first = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void make(void)
{
    pthread_barrier_init(&meeting, NULL, 2);
}

static void one(void *unused)
{
    const struct timespec soon = { 0, 0 };
    int error;

    (void)unused;
    pthread_once(&first, make);
    pthread_barrier_wait(&meeting);
    pthread_mutex_lock(&mutex);
    error = pthread_cond_timedwait(&changed, &mutex, &soon);
    pthread_mutex_unlock(&mutex);
    check_that(error == 0);
}
#define two one
#elif defined(SEMAPHORE)
static sem_t places;

static void one(void *unused)
{
    (void)unused;
    sem_init(&places, 0, 1);
    sem_destroy(&places);
    sem_wait(&places);
}

static void two(void *unused)
{
    (void)unused;
}
#endif

static void finally(void *unused)
{
    (void)unused;
#if defined(LOST_CLAP) || defined(ONE_TOUCHES)
    check_that(claps == 2);
#endif
}

int main(int argc, char **argv)
{
    static const struct check_test print = { .name = "print", .setup = setup, .threads = { one, two },
                                             .finally = finally };
    static const struct check_test *const tests[] = { &print, NULL };

    return check_main(tests, argc, argv);
}
