/* failing_heap.c - the allocator between the program and the C library. */
#include "tests/support/failing_heap.h"

#include <stdatomic.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

/* How many more allocations succeed; negative: all of them. */
static _Atomic int countdown = -1;

void heap_fails_after(int n)
{
    atomic_store(&countdown, n);
}

bool heap_failed(void)
{
    return atomic_exchange(&countdown, -1) < 0;
}

static bool fails_now(void)
{
    int left = atomic_load(&countdown);

    while (left >= 0 && !atomic_compare_exchange_weak(&countdown, &left, left - 1))
        ;
    return left == 0; /* just this one: the next finds -1 */
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails_now() ? NULL : __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
    return fails_now() ? NULL : __real_aligned_alloc(align, size);
}
