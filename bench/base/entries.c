/* entries.c - walks the registries one after the other. */
#include "bench/base/entries.h"

#include <stdio.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/nearest.h"
#include "counters/counter.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"

static const struct {
    enum entry_rooms in;
    const char *name, *title;
} rooms[] = {
    { ROOM_LOCKS, "locks", "a lock" },
    { ROOM_COUNTERS, "counters", "a counter" },
    { ROOM_MAPS, "presence_map", "a presence map" },
};
enum { ROOMS = sizeof rooms / sizeof *rooms };

static unsigned index_of(enum entry_rooms room)
{
    return room == ROOM_LOCKS ? 0 : room == ROOM_COUNTERS ? 1 : 2;
}

static bool set(struct entry *e, int room, const struct contend_identity *id, const char *header)
{
    *e = (struct entry){ rooms[room].in, rooms[room].name, id, header };
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
    const struct contend_missing *lists[ROOMS] = { lock_missing, counter_missing,
                                                   presence_missing };

    for (size_t r = 0; r < ROOMS; r++)
        for (const struct contend_missing *m = lists[r]; m->name; m++)
            if (index-- == 0) {
                *out = (struct entry_missing){ rooms[r].in, m->name, m->why };
                return true;
            }
    return false;
}

bool entry_means(const char *text, enum entry_rooms room, const char *name)
{
    const char *slash = strchr(text, '/'), *of = rooms[index_of(room)].name;

    if (!slash)
        return strcmp(text, name) == 0;
    return strlen(of) == (size_t)(slash - text) && strncmp(text, of, strlen(of)) == 0 &&
           strcmp(slash + 1, name) == 0;
}

/* Says which name may have been meant: with its room where a room was given. */
static int suggest(const char *text, unsigned among)
{
    struct nearest near = { .wanted = text };
    char full[ENTRY_NAME], kept[ENTRY_NAME], hint[NEAREST_HINT];
    const char *slash = strchr(text, '/');
    struct entry e;

    for (size_t i = 0; entry_at(i, &e); i++) {
        if (!(e.in & among))
            continue;
        nearest_offer(&near, slash ? entry_name(&e, full) : e.id->name);
        if (slash && strcmp(slash + 1, e.id->name) == 0) /* only the room is wrong */
            near.best = full, near.distance = 0;
        if (near.best == full) { /* which is written again for the next */
            strcpy(kept, full);
            near.best = kept;
        }
    }
    return arguments_error("there is no strategy '%s', `contend list --names` shows all%s", text,
                           nearest_hint(&near, "", hint));
}

int entry_check(const char *text, unsigned among, const char *so)
{
    unsigned elsewhere = ROOMS;
    struct entry_missing m;
    struct entry e;

    for (size_t i = 0; entry_at(i, &e); i++)
        if (entry_means(text, e.in, e.id->name)) {
            if (e.in & among)
                return 0;
            elsewhere = index_of(e.in);
        }
    for (size_t i = 0; entry_missing_at(i, &m); i++)
        if (m.in & among && entry_means(text, m.in, m.name))
            return arguments_error("'%s' is left out of this build: %s", text, m.why);
    if (elsewhere < ROOMS)
        return arguments_error("'%s' is %s%s", text, rooms[elsewhere].title, so);
    return suggest(text, among);
}
