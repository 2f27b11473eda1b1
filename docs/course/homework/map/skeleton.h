/*
 * map.h - small numbers to small numbers, in a table of a fixed size.
 *
 * It is right as long as one thread uses it.  Your task: several threads at once.  A lock is enough to
 * pass; without one, let a key and its value be one word that is changed by one compare-and-swap.
 */
#ifndef MAP_H
#define MAP_H

#include <stdatomic.h>
#include <stdbool.h>

enum { MAP_SLOTS = 8 }; /* keys are 1 to 7, values 0 to 999 */

struct map {
    int keys[MAP_SLOTS]; /* 0: free */
    int values[MAP_SLOTS];
};

/* 0, or -1 if there is no memory. */
static inline int map_init(struct map *m)
{
    for (int i = 0; i < MAP_SLOTS; i++)
        m->keys[i] = m->values[i] = 0;
    return 0;
}

static inline void map_fini(struct map *m)
{
    (void)m;
}

/* The slot of a key, or the free one where it would go. */
static inline int map_slot(const struct map *m, int key)
{
    int slot = key * 5 % MAP_SLOTS;

    while (m->keys[slot] && m->keys[slot] != key)
        slot = (slot + 1) % MAP_SLOTS;
    return slot;
}

/* Whether the key is new. */
static inline bool map_put(struct map *m, int key, int value)
{
    int slot = map_slot(m, key);
    bool is_new = m->keys[slot] == 0;

    m->values[slot] = value;
    m->keys[slot] = key;
    return is_new;
}

/* Its value, or -1. */
static inline int map_get(struct map *m, int key)
{
    int slot = map_slot(m, key);

    return m->keys[slot] ? m->values[slot] : -1;
}

#endif
