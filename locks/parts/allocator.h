/*
 * allocator.h - where an object's memory comes from.
 *
 * A configuration may name an allocator: an arena, huge pages, a test that counts.
 * NULL stands for the C library's.  Valid C11 and C++17; no atomics.
 */
#ifndef CONTEND_LOCKS_PARTS_ALLOCATOR_H
#define CONTEND_LOCKS_PARTS_ALLOCATOR_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/*
 * Both functions may be called by any thread that uses the object, by several at once.
 * The struct must live as long as the object.
 */
struct contend_allocator {
    /* `size` bytes at a multiple of `align`, a power of two; or NULL.  Need not be cleared. */
    void *(*allocate)(void *ctx, size_t align, size_t size);
    /* Takes back what allocate() gave for that size. */
    void (*release)(void *ctx, void *ptr, size_t size);
    void *ctx;
};

/*
 * Storage for an object or a handle: `size` bytes at a multiple of `align`, a power of two; or
 * NULL.  Release with free().  Many objects and handles want cache lines of their own, which
 * malloc() does not give: an under-aligned one is undefined behaviour in C, and slow at best.
 */
static inline void *contend_alloc(size_t align, size_t size)
{
    if (size > SIZE_MAX - align)
        return NULL;
    return aligned_alloc(align, (size + align - 1) & ~(align - 1));
}

static inline void *contend_allocate(const struct contend_allocator *a, size_t align, size_t size)
{
    return a ? a->allocate(a->ctx, align, size) : contend_alloc(align, size);
}

static inline void contend_release(const struct contend_allocator *a, void *ptr, size_t size)
{
    if (!ptr)
        return;
    if (a)
        a->release(a->ctx, ptr, size);
    else
        free(ptr);
}

#endif
