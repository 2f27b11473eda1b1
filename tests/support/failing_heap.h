/*
 * failing_heap.h - lets one allocation fail, of those that come.
 *
 * The linker sends the calls of the test program, and of what is linked into it,
 * to the allocator here (--wrap): what is tested is what users get.  What a shared
 * library allocates for itself is not reached.  Threads may allocate at the same time.
 */
#ifndef CONTEND_TESTS_SUPPORT_FAILING_HEAP_H
#define CONTEND_TESTS_SUPPORT_FAILING_HEAP_H

#include <stdbool.h>

/* `n` allocations succeed, the next fails, all others succeed. */
void heap_fails_after(int n);

/* Whether that one has failed; from now on none does. */
bool heap_failed(void);

#endif
