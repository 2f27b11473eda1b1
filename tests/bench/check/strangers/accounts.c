/*
 * accounts.c - homework: two accounts, transfers both ways, and a try of the second lock that backs off.
 *
 * Each turn of the loop changes a lock, so that turns differ and there is no end of schedules.
 *
 * -DWAITS: takes the second lock without trying.
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>

struct account {
    pthread_mutex_t mutex;
    int balance;
};

static struct account savings = { PTHREAD_MUTEX_INITIALIZER, 10 }, checking = { PTHREAD_MUTEX_INITIALIZER, 10 };

static void lock_both(struct account *from, struct account *to)
{
    pthread_mutex_lock(&from->mutex);
#ifdef WAITS
    pthread_mutex_lock(&to->mutex);
#else
    while (pthread_mutex_trylock(&to->mutex) != 0) {
        pthread_mutex_unlock(&from->mutex);
        sched_yield();
        pthread_mutex_lock(&from->mutex);
    }
#endif
}

static void transfer(struct account *from, struct account *to, int amount)
{
    lock_both(from, to);
    from->balance -= amount;
    to->balance += amount;
    pthread_mutex_unlock(&to->mutex);
    pthread_mutex_unlock(&from->mutex);
}

static void *save(void *unused)
{
    transfer(&checking, &savings, 3);
    return unused;
}

static void *spend(void *unused)
{
    transfer(&savings, &checking, 5);
    return unused;
}

int main(void)
{
    pthread_t a, b;

    pthread_create(&a, NULL, save, NULL);
    pthread_create(&b, NULL, spend, NULL);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    assert(savings.balance == 8 && checking.balance == 12);
}
