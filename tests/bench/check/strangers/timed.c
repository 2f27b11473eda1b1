/*
 * timed.c - homework that waits with a limit of time, for each kind of lock, and never yields.
 *
 * -DTRUSTS: takes a wait that has timed out for one that got the lock.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static sem_t permits;
static int sum, guests;

static void add(const struct timespec *until)
{
    int error = pthread_mutex_timedlock(&mutex, until);

    assert(error == 0 || error == ETIMEDOUT);
#ifdef TRUSTS
    sum++;
#else
    if (error == 0)
        sum++;
#endif
    if (error == 0)
        pthread_mutex_unlock(&mutex);
}

static void look(const struct timespec *until)
{
    if (pthread_rwlock_timedwrlock(&rwlock, until) == 0) {
        guests++;
        pthread_rwlock_unlock(&rwlock);
    }
    if (pthread_rwlock_timedrdlock(&rwlock, until) == 0) {
        assert(guests >= 0);
        pthread_rwlock_unlock(&rwlock);
    }
}

static void *visit(void *unused)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    add(&until);
    look(&until);
    if (sem_timedwait(&permits, &until) == 0)
        sem_post(&permits);
    else
        assert(errno == ETIMEDOUT || errno == EINTR);
    pthread_mutex_lock(&mutex);
    pthread_cond_signal(&came);
    pthread_mutex_unlock(&mutex);
    return unused;
}

int main(void)
{
    const struct timespec until = { 1, 0 };
    pthread_t a, b;

    printf("NOISE of C\n");
    sem_init(&permits, 0, 1);
    pthread_create(&a, NULL, visit, NULL);
    pthread_create(&b, NULL, visit, NULL);
    pthread_mutex_lock(&mutex);
    pthread_cond_timedwait(&came, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    assert(sum <= 2);
    sem_destroy(&permits);
}
