/* watchers.c - see watchers.h. */
#include "bench/serve/watchers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 64 }; /* users for whom a slot has and keeps memory */

void watchers_begin(struct watchers *w, uint64_t span_ms, uint64_t now)
{
    memset(w, 0, sizeof *w);
    w->tick_ms = span_ms / (WATCHERS_SLOTS - 4) + 1;
    w->next_tick = now / w->tick_ms;
}

void watchers_end(struct watchers *w)
{
    for (unsigned i = 0; i < WATCHERS_SLOTS; i++)
        free(w->slots[i].users);
}

static int push(struct watchers_slot *s, uint64_t user)
{
    if (s->count == s->capacity) {
        size_t more = s->capacity ? 2 * s->capacity : FEW;
        uint64_t *users = realloc(s->users, more * sizeof *users);
        if (!users)
            return -ENOMEM;
        s->users = users;
        s->capacity = more;
    }
    s->users[s->count++] = user;
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

/* Sorts a slot, and leaves each user in it once. */
static void unite(struct watchers_slot *s)
{
    size_t kept = 0;

    if (s->count)
        qsort(s->users, s->count, sizeof *s->users, by_number);
    for (size_t i = 0; i < s->count; i++)
        if (kept == 0 || s->users[kept - 1] != s->users[i])
            s->users[kept++] = s->users[i];
    s->count = kept;
}

bool watchers_look(struct watchers *w, uint64_t now, size_t most,
                   uint64_t (*look)(void *ctx, uint64_t user), void *ctx)
{
    while (w->next_tick < now / w->tick_ms) {
        struct watchers_slot *s = &w->slots[w->next_tick % WATCHERS_SLOTS];
        if (!w->united)
            unite(s);
        w->united = true;
        for (; s->count && most; most--) {
            uint64_t user = s->users[--s->count];
            uint64_t due = look(ctx, user);
            if (due)
                watchers_add(w, user, due);
        }
        if (s->count)
            return true;
        if (s->capacity > FEW) { /* else each slot would keep what its largest crowd ever took */
            free(s->users);
            *s = (struct watchers_slot){ 0 };
        }
        w->next_tick++;
        w->united = false;
    }
    return false;
}
