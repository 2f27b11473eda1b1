/*
 * robust.c - a mutex whose holder ends: the next one is told, and repairs what it guards.
 *
 * -DSTALLED: the mutex is an ordinary one.  -DFORGETS: it is not made consistent.  -DTRUSTS: what it guards is not repaired.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#ifdef STALLED
enum { HOW = PTHREAD_MUTEX_STALLED };
#else
enum { HOW = PTHREAD_MUTEX_ROBUST };
#endif

static pthread_mutex_t mutex;
static int taken, given; /* alike, except while one is changed */

static int enter(void)
{
    int error = pthread_mutex_lock(&mutex);

    if (error == EOWNERDEAD) {
#ifndef TRUSTS
        taken = given;
#endif
#ifndef FORGETS
        assert(pthread_mutex_consistent(&mutex) == 0);
#endif
        error = 0;
    }
    return error;
}

static void *end_inside(void *unused)
{
    if (enter() == 0)
        taken++;
    return unused;
}

static void *change(void *unused)
{
    assert(enter() == 0);
    assert(taken == given);
    taken++;
    given++;
    pthread_mutex_unlock(&mutex);
    return unused;
}

int main(void)
{
    pthread_mutexattr_t attributes;
    pthread_t first, second;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, HOW);
    pthread_mutex_init(&mutex, &attributes);
    assert(pthread_mutex_consistent(&mutex) == EINVAL);
    pthread_create(&first, NULL, end_inside, NULL);
    pthread_create(&second, NULL, change, NULL);
    pthread_join(first, NULL);
    pthread_join(second, NULL);
    assert(enter() == 0);
    assert(given == 1);
    pthread_mutex_unlock(&mutex);
    return 0;
}
