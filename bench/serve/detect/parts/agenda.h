/*
 * agenda.h - what is to happen in a simulation, the earliest first: a binary heap.
 *
 * What is due at the same instant happens in the order in which it was entered.  One thread.
 */
#ifndef CONTEND_BENCH_SERVE_DETECT_PARTS_AGENDA_H
#define CONTEND_BENCH_SERVE_DETECT_PARTS_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct agenda_entry {
    uint64_t at_us, order;
    unsigned kind, member, about, number; /* what they mean is the simulation's affair */
};

struct agenda {
    struct agenda_entry *entries;
    size_t count, room;
    uint64_t entered;
};

static inline bool agenda_precedes(const struct agenda_entry *a, const struct agenda_entry *b)
{
    return a->at_us < b->at_us || (a->at_us == b->at_us && a->order < b->order);
}

static inline void agenda_swap(struct agenda_entry *a, struct agenda_entry *b)
{
    struct agenda_entry kept = *a;

    *a = *b;
    *b = kept;
}

/* false: there is no memory for it. */
static inline bool agenda_enter(struct agenda *a, struct agenda_entry entry)
{
    if (a->count == a->room) {
        size_t room = a->room ? 2 * a->room : 256;
        struct agenda_entry *grown = realloc(a->entries, room * sizeof *grown);
        if (!grown)
            return false;
        a->entries = grown;
        a->room = room;
    }
    entry.order = a->entered++;
    size_t i = a->count++;
    a->entries[i] = entry;
    for (; i > 0 && agenda_precedes(&a->entries[i], &a->entries[(i - 1) / 2]); i = (i - 1) / 2)
        agenda_swap(&a->entries[i], &a->entries[(i - 1) / 2]);
    return true;
}

/* The earliest, taken off; there must be one. */
static inline struct agenda_entry agenda_take(struct agenda *a)
{
    struct agenda_entry out = a->entries[0];

    a->entries[0] = a->entries[--a->count];
    for (size_t i = 0, child; (child = 2 * i + 1) < a->count; i = child) {
        if (child + 1 < a->count && agenda_precedes(&a->entries[child + 1], &a->entries[child]))
            child++;
        if (!agenda_precedes(&a->entries[child], &a->entries[i]))
            break;
        agenda_swap(&a->entries[child], &a->entries[i]);
    }
    return out;
}

#endif
