/* foreign.c - see foreign.h.  getline() and getcwd() make such blocks. */
#include "bench/check/foreign.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/early.h"
#include "bench/check/state.h"

bool foreign_is(const void *at)
{
    char name[64];
    size_t size;

    return !memory_in_heap(at) && !on_stack(at) && !source_object(at, name, sizeof name, &size);
}

/* What was written there is not put back: the C library has that memory now, and keeps its lists in it. */
void foreign_release(void *at)
{
    if (early_may_be(at))
        return;
    size_t size = malloc_usable_size(at);
    for (struct cell *c = memory_statics(); c; c = c->below)
        c->stays |= c->base - (uintptr_t)at < size;
    free(at);
}

void *foreign_reallocate(void *at, size_t size)
{
    size_t kept = malloc_usable_size(at);
    void *made = malloc(size);

    if (made) {
        memcpy(made, at, kept < size ? kept : size);
        foreign_release(at);
    }
    return made;
}
