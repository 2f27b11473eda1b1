/*
 * mappings.c - a program that knows nothing of the checker: memory of the system is written, sealed, moved and given back.
 *
 * -DRACES: main() gives it back when the other thread is done, by a relaxed flag.  -DLATE: and then writes there.
 */
#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>

enum { PAGE = 1 << 16 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Alignas(PAGE) int sealed[PAGE / sizeof(int)];
static int *shared;
static _Atomic bool done;

static int *get_page(void)
{
    int *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert(page != MAP_FAILED);
    return page;
}

static void *add(void *unused)
{
    pthread_mutex_lock(&mutex);
    ++*shared;
    pthread_mutex_unlock(&mutex);
    atomic_store_explicit(&done, true, memory_order_relaxed);
    int *own = get_page();
    *own = 1;
    munmap(own, PAGE);
    return unused;
}

int main(void)
{
    pthread_t thread;

    assert(mprotect(sealed, PAGE, PROT_READ | PROT_WRITE) == 0);
    sealed[0] = 1;
    assert(mprotect(sealed, PAGE, PROT_READ) == 0);
    shared = get_page();
    *shared = 1;
    pthread_create(&thread, NULL, add, NULL);
#ifdef RACES
    while (!atomic_load_explicit(&done, memory_order_relaxed))
        sched_yield();
    munmap(shared, PAGE);
#endif
    pthread_join(thread, NULL);
#ifndef RACES
    assert(*shared == 2);
    shared = mremap(shared, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
    assert(shared != MAP_FAILED && *shared == 2);
    shared[PAGE / sizeof(int)] = 3;
    munmap(shared, 2 * PAGE);
#endif
#ifdef LATE
    *shared = 4;
#endif
    return 0;
}
