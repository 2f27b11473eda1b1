/*
 * lent.c - homework whose threads count in a thread-local variable, and lend it while they live.
 *
 * -DLATE: main() reads it after the join, when it has ended with its thread.
 */
#include <assert.h>
#include <pthread.h>

static _Thread_local int count = 5;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int sum;

static void add(const int *lent)
{
    pthread_mutex_lock(&mutex);
    sum += *lent;
    pthread_mutex_unlock(&mutex);
}

static void *work(void *unused)
{
    assert(count == 5);
    count++;
    add(&count);
    return unused ? unused : &count;
}

int main(void)
{
    pthread_t threads[2];
    void *lent = &count;

    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], i ? &lent : NULL);
#ifndef LATE
    lent = &count;
#endif
    assert(sum == 12 && *(int *)lent >= 5);
}
