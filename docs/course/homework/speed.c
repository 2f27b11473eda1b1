/* speed.c - operations a second beside those of the model under a mutex, in turns. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "judge.h"

enum { BLOCKS = 5, WINDOW_MS = 20, BATCH = 64, MOST = 2 };

static struct object object;
static struct model model;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool over;
static _Atomic unsigned ready;
static unsigned threads;
static bool reference;
static volatile long sink;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long apply(const struct step *s)
{
    if (!reference)
        return object_apply(&object, s->op, s->argument);
    pthread_mutex_lock(&mutex);
    long result = model_apply(&model, s->op, s->argument);
    pthread_mutex_unlock(&mutex);
    return result;
}

static void *worker(void *unused)
{
    uintptr_t count = 0;
    long sum = 0;

    (void)unused;
    atomic_fetch_add(&ready, 1);
    while (atomic_load(&ready) < threads)
        sched_yield();
    while (!atomic_load_explicit(&over, memory_order_relaxed)) {
        for (unsigned i = 0; i < BATCH; i++)
            sum += apply(&mix[i % (sizeof mix / sizeof *mix)]);
        count += BATCH;
    }
    sink = sum;
    return (void *)count;
}

/* Operations a second, or 0. */
static double window(bool of_reference)
{
    pthread_t list[MOST];
    double operations = 0;

    reference = of_reference;
    memset(&model, 0, sizeof model);
    if (!reference && object_init(&object) != 0)
        return 0;
    atomic_store(&over, false);
    atomic_store(&ready, 0);
    for (unsigned i = 0; i < threads; i++)
        if (pthread_create(&list[i], NULL, worker, NULL) != 0)
            return 0;
    while (atomic_load(&ready) < threads)
        sched_yield();
    double began = now();
    nanosleep(&(struct timespec){ .tv_nsec = WINDOW_MS * 1000000 }, NULL);
    atomic_store(&over, true);
    double seconds = now() - began;
    for (unsigned i = 0; i < threads; i++) {
        void *count;
        pthread_join(list[i], &count);
        operations += (double)(uintptr_t)count;
    }
    if (!reference)
        object_fini(&object);
    return operations / seconds;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

int main(void)
{
    cpu_set_t allowed;
    unsigned most = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? (unsigned)CPU_COUNT(&allowed) : 1;

    most = most < MOST ? most : MOST;
    for (threads = 1; threads <= most; threads++) {
        double ratios[BLOCKS], mine = 0;
        for (unsigned b = 0; b < BLOCKS; b++) { /* first one, then the other */
            double first = window(b % 2), second = window(!(b % 2));
            mine = b % 2 ? second : first;
            ratios[b] = b % 2 ? second / first : first / second;
        }
        qsort(ratios, BLOCKS, sizeof *ratios, by_size);
        printf("speed: %u thread%s: %.3g times a mutex [%.3g, %.3g], about %.3g million a second\n", threads,
               threads > 1 ? "s" : "", ratios[BLOCKS / 2], ratios[0], ratios[BLOCKS - 1], mine / 1e6);
    }
    return 0;
}
