/*
 * early.c - see early.h.
 *
 * What the constructors of static objects allocate is changed and freed by each execution.  So it lies at the
 * beginning of the checker's heap, is a block like any other to an execution, and is there again for the next one.
 */
#include "bench/check/early.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/check/exhausted.h"
#include "bench/check/state.h"

enum { BLOCKS = 1 << 14, BEGIN = 64, GAP = 16 };

#define MOST ((size_t)64 << 20)

static struct {
    struct early_block blocks[BLOCKS]; /* by address */
    unsigned count;
    size_t used;
    char *first; /* what they held, one behind the other */
    const char *low; /* what the C library has made before lies below, unless it is large */
    bool closed;
} early = { .used = BEGIN };

void *machine_early_allocate(size_t size, size_t align, const void *pc)
{
    size_t start = (early.used + GAP + align - 1) & ~(align - 1);

    if (!early_is_open || early.closed || early.count == BLOCKS || size > MOST || start + size > MOST)
        return NULL;
    uintptr_t at = (uintptr_t)memory_heap() + start;
    early.blocks[early.count++] = (struct early_block){ .start = at, .size = size, .made = pc };
    early.used = (start + size + 7) & ~(size_t)7;
    return (void *)at;
}

bool machine_early_has(const void *block, size_t *size)
{
    *size = 0;
    if (!memory_in_heap(block))
        return false;
    for (unsigned n = 0; n < early.count; n++)
        if (early.blocks[n].start == (uintptr_t)block)
            *size = early.blocks[n].size;
    return true;
}

/* Behind the executions there is nothing to free: destructors of static objects run then. */
void machine_early_release(const void *block)
{
    unsigned n = early.count;

    while (n > 0 && early.blocks[n - 1].start != (uintptr_t)block)
        n--;
    if (n == 0 || early.closed)
        return;
    early.count--;
    memmove(&early.blocks[n - 1], &early.blocks[n], (early.count - (n - 1)) * sizeof *early.blocks);
}

static size_t total(void)
{
    size_t size = 0;

    for (unsigned n = 0; n < early.count; n++)
        size += early.blocks[n].size;
    return size;
}

void early_keep(void)
{
    char *to = early.first;

    for (unsigned n = 0; n < early.count; n++) {
        const struct early_block *b = &early.blocks[n];
        memcpy(to, (const void *)b->start, b->size);
        to += b->size;
    }
}

void early_close(void)
{
    if (early.closed)
        return;
    early.closed = true;
    early.low = sbrk(0);
    early.first = malloc(total() + 1);
    if (!early.first)
        exhausted();
    early_keep();
}

void early_put_back(void)
{
    const char *from = early.first;

    for (unsigned n = 0; n < early.count; n++) {
        const struct early_block *b = &early.blocks[n];
        if (memcmp((const void *)b->start, from, b->size) != 0)
            memcpy((void *)b->start, from, b->size);
        from += b->size;
    }
}

struct early_block *early_block(unsigned n)
{
    return n < early.count ? &early.blocks[n] : NULL;
}

size_t early_used(void)
{
    return early.used;
}

bool early_may_be(const void *foreign)
{
    return early_is_open && (const char *)foreign < early.low;
}
