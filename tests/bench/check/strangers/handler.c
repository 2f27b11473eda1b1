/*
 * handler.c - homework with a signal handler that only sets a flag.
 *
 * -DLOCKS: it takes a lock, which the thread may hold that raises the signal.
 */
#include <assert.h>
#include <pthread.h>
#include <signal.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t came;
static int sum;

static void handle(int number)
{
    came = number;
#ifdef LOCKS
    pthread_mutex_lock(&mutex);
    sum++;
    pthread_mutex_unlock(&mutex);
#endif
}

static void *work(void *unused)
{
    pthread_mutex_lock(&mutex);
    sum++;
    raise(SIGUSR1);
    assert(came == SIGUSR1);
    pthread_mutex_unlock(&mutex);
    return unused;
}

int main(void)
{
    pthread_t thread;

    signal(SIGUSR1, handle);
    pthread_create(&thread, NULL, work, NULL);
    pthread_join(thread, NULL);
    assert(sum >= 1);
}
