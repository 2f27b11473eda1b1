/* once.c - D. Schmidt and T. Harrison, "Double-Checked Locking", 1996, with its orders. */
#include <pthread.h>

#include "bench/check/textbook/textbook.h"

static int *_Atomic instance;
static pthread_mutex_t mutex;

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&instance, NULL);
    pthread_mutex_init(&mutex, NULL);
}

static void get(void *unused)
{
    int *p = LD(instance, acq);

    (void)unused;
    if (!p) {
        pthread_mutex_lock(&mutex);
        p = LD(instance, rlx);
        if (!p) {
            p = malloc(sizeof *p);
            *p = 7;
            ST(instance, p, rel);
        }
        pthread_mutex_unlock(&mutex);
    }
    check_that(*p == 7);
}

static void finally(void *unused)
{
    (void)unused;
    free(LD(instance, rlx));
}

const struct check_test textbook = { .name = "once", .setup = setup, .threads = { get, get, get },
                                     .finally = finally };
