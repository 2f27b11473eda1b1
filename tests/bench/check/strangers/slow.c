/*
 * slow.c - homework that computes for some milliseconds in each execution, unseen by the checker.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static _Atomic unsigned sum;

static void *compute(void *unused)
{
    unsigned x = 1;

    for (unsigned i = 0; i < 5000000; i++)
        x = x * 1664525 + 1013904223;
    sum += x;
    return unused;
}

int main(void)
{
    pthread_t a, b;

    pthread_create(&a, NULL, compute, NULL);
    pthread_create(&b, NULL, compute, NULL);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    assert(sum % 2 == 0);
}
