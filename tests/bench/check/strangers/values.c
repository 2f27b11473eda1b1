/*
 * values.c - library functions as values, and members that have their names.
 *
 * -DLATE: what was freed through a pointer is used.  -DRACES: the lock in the table is another one.
 * -DRACES_C11: a sum is changed before its lock is taken.
 * -DHANDLER: a handler frees, and the exit that calls it comes too early.
 */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <threads.h>

struct allocator {
    void *(*get)(size_t size);
    void (*put)(void *block);
};

struct operations {
    void (*free)(int *count);
    int (*malloc)(int n), (*memcpy)(int n), (*pthread_create)(int n);
    int exit, sleep, index, printf;
};

static const struct allocator heap = { malloc, free };
static int (*const take)(pthread_mutex_t *) = pthread_mutex_lock;
static int (*const leave)(pthread_mutex_t *) = pthread_mutex_unlock;
static int (*const take_c11)(mtx_t *) = mtx_lock;
static int (*const leave_c11)(mtx_t *) = mtx_unlock;
static char *(*const find)(const char *, int) = index;
static size_t (*const measure)(const char *) = strlen;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static mtx_t mutex_c11;
static int sum, sum_c11;

static void count_free(int *count)
{
    ++*count;
}

static int twice(int n)
{
    return 2 * n;
}

static void *work(void *unused)
{
    int *block = heap.get(sizeof *block);
#ifdef RACES
    pthread_mutex_t *m = unused ? &mutex : &other;
#else
    pthread_mutex_t *m = &mutex;
#endif

    *block = 1;
    take(m);
    sum += *block;
    leave(m);
#ifdef RACES_C11
    sum_c11 += *block;
#endif
    take_c11(&mutex_c11);
    sum_c11 += *block;
    leave_c11(&mutex_c11);
    pthread_cleanup_push(free, block);
#ifdef HANDLER
    pthread_exit(block);
#endif
    pthread_cleanup_pop(0);
    heap.put(block);
#ifdef LATE
    *block = 2;
#endif
    return unused;
}

int main(void)
{
    struct operations o = { count_free, twice, twice, twice, 1, 2, 3, 4 };
    pthread_t threads[2];
    void *result;
    int freed = 0;

    mtx_init(&mutex_c11, mtx_plain);
    o.free(&freed);
    assert(freed == 1 && o.malloc(2) == 4 && o.pthread_create(3) == 6);
    assert(o.memcpy(o.exit + o.sleep + o.index + o.printf) == 20);
    assert(measure("four") == 4 && *find("four", 'u') == 'u');
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, i ? &other : NULL);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &result);
#ifdef HANDLER
        *(int *)result = 3;
#endif
    }
    assert(sum == 2 && sum_c11 == 2);
    return pthread_mutex_destroy(&other);
}
