/*
 * rounds.c - a stranger's homework: ten threads at a time, in two rounds, and a sum under a mutex.
 *
 * -DRACES: the second round adds without the mutex.  -DJOINS_TWICE: a thread of the first round is joined
 * once more when another one may have its place.
 */
#include <assert.h>
#include <pthread.h>
#include <stdbool.h>

enum { WORKERS = 10, ROUNDS = 2 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_t workers[ROUNDS][WORKERS];
static _Thread_local int own;
static int sum;

struct order {
    int number;
    bool unlocked;
};

static void *work(void *argument)
{
    const struct order *order = argument;

    own++;
    assert(own == 1);
    if (!order->unlocked)
        pthread_mutex_lock(&mutex);
    sum += order->number;
    if (!order->unlocked)
        pthread_mutex_unlock(&mutex);
    return pthread_equal(pthread_self(), workers[0][0]) ? &sum : NULL;
}

int main(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        struct order order = { round + 1, false };
#ifdef RACES
        order.unlocked = round == 1;
#endif
        pthread_mutex_lock(&mutex); /* until all numbers are known */
        for (int i = 0; i < WORKERS; i++)
            assert(pthread_create(&workers[round][i], NULL, work, &order) == 0);
        pthread_mutex_unlock(&mutex);
#ifdef JOINS_TWICE
        if (round == 1)
            pthread_join(workers[0][0], NULL);
#endif
        for (int i = 0; i < WORKERS; i++) {
            void *is_the_first;
            pthread_join(workers[round][i], &is_the_first);
            assert((is_the_first != NULL) == (round == 0 && i == 0));
        }
    }
    assert(sum == 3 * WORKERS);
}
