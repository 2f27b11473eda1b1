/*
 * recursive.c - a program that knows nothing of the checker: waits with recursive mutexes and such as are checked for
 * errors, and timed locks of them.
 *
 * -DTWICE: a thread that waits for the flag holds the mutex once more, which the wait does not give up.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <threads.h>
#include <time.h>

static pthread_mutex_t nested, strict;
static pthread_cond_t raised = PTHREAD_COND_INITIALIZER, said = PTHREAD_COND_INITIALIZER;
static mtx_t c11;
static cnd_t changed;
static bool flag, word, change;
static int sum;

static const struct timespec until = { 1, 0 };

static void make(pthread_mutex_t *m, int type)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, type);
    pthread_mutex_init(m, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

/* Within the limit, or not at all; then once more, which never waits. */
static void add(void)
{
    if (pthread_mutex_timedlock(&nested, &until) == 0) {
        assert(pthread_mutex_timedlock(&nested, &until) == 0);
        assert(pthread_mutex_lock(&nested) == 0);
        sum++;
        pthread_mutex_unlock(&nested);
        pthread_mutex_unlock(&nested);
        pthread_mutex_unlock(&nested);
    }
    if (pthread_mutex_timedlock(&strict, &until) == 0) {
        assert(pthread_mutex_timedlock(&strict, &until) == EDEADLK);
        assert(pthread_mutex_unlock(&strict) == 0);
    }
    if (mtx_timedlock(&c11, &until) == thrd_success) {
        assert(mtx_timedlock(&c11, &until) == thrd_success);
        sum++;
        mtx_unlock(&c11);
        mtx_unlock(&c11);
    }
}

static void hear(void)
{
    pthread_mutex_lock(&nested);
#ifdef TWICE
    pthread_mutex_lock(&nested);
#endif
    while (!flag)
        pthread_cond_wait(&raised, &nested);
#ifdef TWICE
    pthread_mutex_unlock(&nested);
#endif
    assert(pthread_mutex_unlock(&nested) == 0);
    assert(pthread_mutex_unlock(&nested) == EPERM);
    assert(pthread_cond_wait(&said, &strict) == EPERM);
    pthread_mutex_lock(&strict);
    while (!word)
        assert(pthread_cond_wait(&said, &strict) == 0);
    assert(pthread_mutex_unlock(&strict) == 0);
    mtx_lock(&c11);
    while (!change)
        cnd_wait(&changed, &c11);
    mtx_unlock(&c11);
}

static void *tell(void *unused)
{
    pthread_mutex_lock(&nested);
    flag = true;
    pthread_cond_signal(&raised);
    pthread_mutex_unlock(&nested);
    pthread_mutex_lock(&strict);
    word = true;
    pthread_cond_broadcast(&said);
    pthread_mutex_unlock(&strict);
    mtx_lock(&c11);
    change = true;
    cnd_signal(&changed);
    mtx_unlock(&c11);
    return unused;
}

/* What it waits for may be late. */
static void *glance(void *unused)
{
    pthread_mutex_lock(&strict);
    if (!word)
        pthread_cond_timedwait(&said, &strict, &until);
    assert(pthread_mutex_unlock(&strict) == 0);
    add();
    return unused;
}

int main(void)
{
    pthread_t teller, glancer;

    make(&nested, PTHREAD_MUTEX_RECURSIVE);
    make(&strict, PTHREAD_MUTEX_ERRORCHECK);
    mtx_init(&c11, mtx_timed | mtx_recursive);
    cnd_init(&changed);
    pthread_create(&teller, NULL, tell, NULL);
    pthread_create(&glancer, NULL, glance, NULL);
    hear();
    pthread_join(teller, NULL);
    pthread_join(glancer, NULL);
    return sum > 2;
}
