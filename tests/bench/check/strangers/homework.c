/*
 * homework.c - a program that knows nothing of the checker: threads, results, once, a barrier, a
 * recursive mutex, thread-specific data, a timed wait, and assert().
 *
 * -DRACES: the sum is added to without the mutex.  -DTIMES_OUT: a timed wait is taken for granted.
 * -DTOO_FEW: the barrier waits for one thread more than there is.  -DMAIN_EXITS: main() ends by
 * pthread_exit(), as it may.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { WORKERS = 2 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_barrier_t barrier;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, nested;
static pthread_key_t key;
static int made, sum;

static void make(void)
{
    pthread_mutexattr_t attributes;

    made++;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&nested, &attributes);
    pthread_mutexattr_destroy(&attributes);
    pthread_key_create(&key, free);
}

static void add(int n)
{
    pthread_mutex_lock(&nested);
    pthread_mutex_lock(&nested);
#ifndef RACES
    pthread_mutex_lock(&mutex);
#endif
    pthread_mutex_unlock(&nested);
    pthread_mutex_unlock(&nested);
    sum += n;
#ifndef RACES
    pthread_mutex_unlock(&mutex);
#endif
}

static void *work(void *argument)
{
    int *number = malloc(sizeof *number);

    *number = *(int *)argument;
    pthread_once(&once, make);
    pthread_setspecific(key, number);
    pthread_barrier_wait(&barrier);
    struct timespec until = { 1, 0 };
    int error = pthread_mutex_timedlock(&mutex, &until);
#ifdef TIMES_OUT
    assert(error == 0);
#else
    assert(error == 0 || error == ETIMEDOUT);
#endif
    if (error == 0)
        pthread_mutex_unlock(&mutex);
    add(*(int *)pthread_getspecific(key));
    if (*number == 2)
        pthread_exit(argument);
    return argument;
}

int main(void)
{
    pthread_t threads[WORKERS];
    int numbers[WORKERS] = { 1, 2 };
    void *result;

#ifdef TOO_FEW
    pthread_barrier_init(&barrier, NULL, WORKERS + 1);
#else
    pthread_barrier_init(&barrier, NULL, WORKERS);
#endif
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0)
            exit(1);
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(threads[i], &result);
        assert(result == &numbers[i]);
    }
    assert(made == 1);
    assert(sum == 3);
    pthread_barrier_destroy(&barrier);
    printf("the sum is %d\n", sum);
    fprintf(stderr, "HEARD ONCE\n");
#ifdef MAIN_EXITS
    pthread_exit(NULL);
#endif
    return 0;
}
