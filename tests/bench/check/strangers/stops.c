/*
 * stops.c - a program that knows nothing of the checker, and that a thread ends by STOP: a call, a signal, or a write of a
 * constant.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef STOP
#define STOP _exit(EXIT_SUCCESS)
#endif

static const int constant = 1;
static const char *text = "text";
static int *page, done;

static void *stop(void *unused)
{
    STOP;
    done = 1;
    return unused;
}

int main(void)
{
    pthread_t thread;

    page = mmap(NULL, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_create(&thread, NULL, stop, NULL);
    pthread_join(thread, NULL);
    return constant + *page + text[0] + done == 0;
}
