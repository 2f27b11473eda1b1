/*
 * barrier.c - a stranger's program: two threads fill halves, and read both after a barrier.
 *
 * -DMISTAKE: one of them does not wait.
 */
#include <pthread.h>

#include "check/check.h"

static pthread_barrier_t both;
static int half[2];

static void setup(void *unused)
{
    (void)unused;
    pthread_barrier_init(&both, NULL, 2);
}

static void fill(int me)
{
    half[me] = 1;
#ifdef MISTAKE
    if (me == 0)
        return (void)(half[0] + half[1]);
#endif
    pthread_barrier_wait(&both);
    check_that(half[0] + half[1] == 2);
}

static void one(void *unused)
{
    (void)unused;
    fill(0);
}

static void other(void *unused)
{
    (void)unused;
    fill(1);
}

static void finally(void *unused)
{
    (void)unused;
    pthread_barrier_destroy(&both);
}

int main(int argc, char **argv)
{
    static const struct check_test test = { .name = "barrier", .setup = setup, .threads = { one, other },
                                            .finally = finally };
    static const struct check_test *const tests[] = { &test, NULL };

    return check_main(tests, argc, argv);
}
