/*
 * calls.c - calls that seldom matter: names, processors and priorities of threads, unusual allocation.
 *
 * -DHURRIES: trusts that a thread has ended when asked.  -DOVERRUNS: writes behind a block of memalign().
 * -DLOSES: what reallocarray() has moved is lost.
 */
#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void *work(void *unused)
{
    struct sched_param parameters;
    pthread_attr_t attributes;
    cpu_set_t processors;
    int policy;
    char name[16];

    assert(pthread_setname_np(pthread_self(), "a name that is too long") == ERANGE);
    pthread_setname_np(pthread_self(), "worker");
    pthread_getname_np(pthread_self(), name, sizeof name);
    assert(strcmp(name, "worker") == 0);
    CPU_ZERO(&processors);
    CPU_SET(0, &processors);
    assert(pthread_setaffinity_np(pthread_self(), sizeof processors, &processors) == 0);
    assert(pthread_getaffinity_np(pthread_self(), sizeof processors, &processors) == 0);
    assert(pthread_getschedparam(pthread_self(), &policy, &parameters) == 0 && policy == SCHED_OTHER);
    assert(pthread_setschedparam(pthread_self(), policy, &parameters) == 0);
    assert(pthread_getattr_np(pthread_self(), &attributes) == 0);
    pthread_attr_destroy(&attributes);
    return unused;
}

static void allocate(void)
{
    volatile size_t many = SIZE_MAX / 2;
    char *block = memalign(64, 8), *page = valloc(8), *array = reallocarray(NULL, 2, 8);

    assert((uintptr_t)block % 64 == 0 && (uintptr_t)page % 4096 == 0);
    assert(malloc_usable_size(block) >= 8 && reallocarray(array, many, 4) == NULL);
    memset(block, 0, 8);
#ifdef OVERRUNS
    block[8] = 1;
#endif
    array[15] = 1;
    array = reallocarray(array, 4, 8);
    assert(array[15] == 1);
    free(block);
    free(page);
#ifndef LOSES
    free(array);
#endif
}

int main(void)
{
    const struct timespec soon = { 0, 0 };
    pthread_t thread;
    int error;

    allocate();
    pthread_create(&thread, NULL, work, NULL);
    error = pthread_tryjoin_np(thread, NULL);
#ifdef HURRIES
    assert(error == 0);
#endif
    if (error == EBUSY)
        error = pthread_timedjoin_np(thread, NULL, &soon);
    if (error == ETIMEDOUT)
        error = pthread_join(thread, NULL);
    return error;
}
