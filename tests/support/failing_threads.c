/* failing_threads.c - pthread_create between the program and the C library. */
#include "tests/support/failing_threads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *),
                          void *arg);

static _Atomic int left = -1;

void threads_fail_after(int n)
{
    left = n;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*body)(void *),
                          void *arg)
{
    if (left == 0)
        return EAGAIN;
    left -= left > 0;
    return __real_pthread_create(thread, attr, body, arg);
}

unsigned threads_counted(void)
{
    DIR *tasks = opendir("/proc/self/task");
    unsigned count = 0;

    assert_non_null(tasks);
    for (struct dirent *entry; (entry = readdir(tasks));)
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

/* The kernel lists a thread for a moment after it has been joined. */
void threads_come_to(unsigned wanted)
{
    for (unsigned naps = 0; threads_counted() != wanted && naps < 5000; naps++)
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    assert_int_equal(threads_counted(), wanted);
}
