/*
 * names.c - a stranger's program: a register of two words behind a lock, with functions that are named like
 * those of <unistd.h>, which it does not include.
 *
 * -DMISTAKE: read() does not take the lock.
 */
#include <pthread.h>

#include "check/check.h"

static struct {
    pthread_mutex_t access;
    int link, index;
} file = { .access = PTHREAD_MUTEX_INITIALIZER };

static void close(void)
{
    pthread_mutex_unlock(&file.access);
}

static void write(int value)
{
    pthread_mutex_lock(&file.access);
    file.link = file.index = value;
    close();
}

static int read(void)
{
#ifndef MISTAKE
    pthread_mutex_lock(&file.access);
#endif
    int difference = file.link - file.index;
#ifndef MISTAKE
    close();
#endif
    return difference;
}

static void pause(void *unused)
{
    (void)unused;
    check_that(read() == 0);
}

static void sync(void *unused)
{
    (void)unused;
    write(1);
    write(2);
}

int main(int argc, char **argv)
{
    static const struct check_test test = { .name = "names", .threads = { sync, pause } };
    static const struct check_test *const tests[] = { &test, NULL };

    return check_main(tests, argc, argv);
}
