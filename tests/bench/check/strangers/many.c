/*
 * many.c - a counter with a lock, as often as its argument says: right, and with many rounds too long.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long rounds, sum;
static char large[100000]; /* more than the checker once followed */

static void *work(void *unused)
{
    for (long i = 0; i < rounds; i++) {
        pthread_mutex_lock(&mutex);
        sum++;
        pthread_mutex_unlock(&mutex);
    }
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t threads[2];

    while (getopt(argc, argv, "v") != -1)
        ;
    if (optind != argc - 1) {
        fprintf(stderr, "usage: %s [-v] ROUNDS\n", argv[0]);
        return 2;
    }
    rounds = atol(argv[optind]);
    argv[optind][0] = '0'; /* what an execution does with its arguments, the next one does not see */
    for (size_t i = 0; i < sizeof large; i += 4)
        large[i] = 1;
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return sum != 2 * rounds;
}
