/*
 * condvar.c - a stranger's program: one waits for a letter, another one brings it.
 *
 * -DMISTAKE: the bringer tells before the letter is there, and nobody tells again.
 */
#include <pthread.h>
#include <stdbool.h>

#include "check/check.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came = PTHREAD_COND_INITIALIZER;
static bool letter;

static void wait(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&mutex);
    while (!letter)
        pthread_cond_wait(&came, &mutex);
    letter = false;
    pthread_mutex_unlock(&mutex);
}

static void bring(void *unused)
{
    (void)unused;
#ifdef MISTAKE
    pthread_cond_signal(&came);
#endif
    pthread_mutex_lock(&mutex);
    letter = true;
#ifndef MISTAKE
    pthread_cond_signal(&came);
#endif
    pthread_mutex_unlock(&mutex);
}

int main(int argc, char **argv)
{
    static const struct check_test test = { .name = "condvar", .threads = { wait, bring } };
    static const struct check_test *const tests[] = { &test, NULL };

    return check_main(tests, argc, argv);
}
