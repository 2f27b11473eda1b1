/*
 * ends.c - a program that ends by exit(), or main() by pthread_exit() while threads go on, reads its
 * lines by getline() into statics, and draws lots.
 *
 * -DFAILS: a thread ends the program with a status.  -DLEAVES: main() goes first.  -DLEAVES -DRACES: what goes
 * on without it races.  -DGIVES_AWAY: a thread's own variable is written by another thread.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[] = "one\nanother\n";
static char *line;
static size_t room;
static FILE *input;
static int lines, drawn;
static __thread int own = 5;
static int *_Atomic given;

static void count_line(void)
{
    if (getline(&line, &room, input) > 0 && strchr(line, '\n'))
        lines++;
#ifdef FAILS
    if (lines == 2)
        exit(3);
#endif
}

static void *reader(void *unused)
{
#ifndef RACES
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
#endif
    count_line();
    drawn += rand() % 2 ? 1 : 2;
#ifndef RACES
    pthread_mutex_unlock(&mutex);
#endif
#ifdef GIVES_AWAY
    int *none = NULL;
    if (!atomic_compare_exchange_strong_explicit(&given, &none, &own, memory_order_relaxed,
                                                 memory_order_relaxed))
        *none = 1;
#else
    atomic_store(&given, &own);
#endif
    own++;
    pthread_exit(unused);
}

static void *starter(void *unused)
{
    pthread_t readers[2];

    for (int i = 0; i < 2; i++)
        pthread_create(&readers[i], NULL, reader, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    if (lines != 2)
        exit(EXIT_FAILURE);
    free(line);
    fclose(input);
    return unused;
}

int main(void)
{
    pthread_t thread;

    srand(7);
    input = fmemopen(text, strlen(text), "r");
    pthread_create(&thread, NULL, starter, NULL);
#ifdef LEAVES
    pthread_exit(NULL);
#endif
    pthread_join(thread, NULL);
    exit(EXIT_SUCCESS);
}
