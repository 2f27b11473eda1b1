/* entries.c - walks the registries one after the other. */
#include "bench/tool/entries.h"

#include <stdio.h>

#include "counters/counter.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"

static const char *const rooms[] = { "locks", "counters", "presence_map" };

static bool set(struct entry *e, int room, const struct contend_identity *id, const char *header)
{
    *e = (struct entry){ .room = rooms[room], .id = id, .header = header };
    return true;
}

bool entry_at(size_t index, struct entry *out)
{
    for (size_t i = 0; lock_registry[i]; i++)
        if (index-- == 0)
            return set(out, 0, &lock_registry[i]->traits->id, lock_registry[i]->header);
    for (size_t i = 0; counter_registry[i]; i++)
        if (index-- == 0)
            return set(out, 1, &counter_registry[i]->traits->id, counter_registry[i]->header);
    for (size_t i = 0; presence_registry[i]; i++)
        if (index-- == 0)
            return set(out, 2, &presence_registry[i]->traits->id, presence_registry[i]->header);
    return false;
}

const char *entry_name(const struct entry *e, char *buffer)
{
    snprintf(buffer, ENTRY_NAME, "%s/%s", e->room, e->id->name);
    return buffer;
}

bool entry_missing_at(size_t index, struct entry_missing *out)
{
    const struct contend_missing *lists[] = { lock_missing, counter_missing, presence_missing };

    for (size_t r = 0; r < sizeof lists / sizeof *lists; r++)
        for (const struct contend_missing *m = lists[r]; m->name; m++)
            if (index-- == 0) {
                *out = (struct entry_missing){ rooms[r], m->name, m->why };
                return true;
            }
    return false;
}
