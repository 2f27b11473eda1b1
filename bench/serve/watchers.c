/* watchers.c - see watchers.h. */
#include "bench/serve/watchers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void watchers_begin(struct watchers *w, uint64_t span_ms, uint64_t now)
{
    memset(w, 0, sizeof *w);
    w->tick_ms = span_ms / (WATCHERS_SLOTS - 4) + 1;
    w->next_tick = now / w->tick_ms;
}

void watchers_end(struct watchers *w)
{
    for (unsigned i = 0; i < WATCHERS_SLOTS; i++)
        while (w->slots[i]) {
            struct watchers_block *block = w->slots[i];
            w->slots[i] = block->next;
            free(block);
        }
    free(w->due);
}

static int push(struct watchers_block **slot, uint64_t user)
{
    if (!*slot || (*slot)->count == WATCHERS_BLOCK) {
        struct watchers_block *block = malloc(sizeof *block);
        if (!block)
            return -ENOMEM;
        block->next = *slot;
        block->count = 0;
        *slot = block;
    }
    (*slot)->users[(*slot)->count++] = user;
    return 0;
}

int watchers_add(struct watchers *w, uint64_t user, uint64_t due)
{
    /* One tick later: a slot is looked at when its tick is over. */
    uint64_t tick = due / w->tick_ms, last = w->next_tick + WATCHERS_SLOTS - 2;

    if (tick < w->next_tick + 1)
        tick = w->next_tick + 1;
    if (tick > last)
        tick = last;
    return push(&w->slots[tick % WATCHERS_SLOTS], user);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Sorts those who are due, and leaves each of them once. */
static void unite(struct watchers *w)
{
    size_t kept = 0;

    qsort(w->due, w->due_count, sizeof *w->due, by_number);
    for (size_t i = 0; i < w->due_count; i++)
        if (kept == 0 || w->due[kept - 1] != w->due[i])
            w->due[kept++] = w->due[i];
    w->due_count = kept;
}

/* Makes those of a slot those who are due.  0, or -ENOMEM: then they stay in the slot. */
static int gather(struct watchers *w, struct watchers_block **slot)
{
    struct watchers_block *block;
    size_t count = 0;

    for (block = *slot; block; block = block->next)
        count += block->count;
    if (count > w->due_capacity) {
        uint64_t *due = realloc(w->due, count * sizeof *due);
        if (!due)
            return -ENOMEM;
        w->due = due;
        w->due_capacity = count;
    }
    while ((block = *slot)) {
        memcpy(w->due + w->due_count, block->users, block->count * sizeof *block->users);
        w->due_count += block->count;
        *slot = block->next;
        free(block);
    }
    unite(w);
    return 0;
}

bool watchers_look(struct watchers *w, uint64_t now, size_t most,
                   uint64_t (*look)(void *ctx, uint64_t user), void *ctx)
{
    while (w->next_tick < now / w->tick_ms) {
        struct watchers_block **slot = &w->slots[w->next_tick % WATCHERS_SLOTS];
        if (*slot && gather(w, slot) != 0)
            return true;
        for (; w->due_count && most; most--) {
            uint64_t user = w->due[--w->due_count];
            uint64_t due = look(ctx, user);
            if (due)
                watchers_add(w, user, due);
        }
        if (w->due_count)
            return true;
        w->next_tick++;
    }
    return false;
}
