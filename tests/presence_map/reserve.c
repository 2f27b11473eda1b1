/*
 * reserve.c - what a reservation must not do: take away what the map has already (P19).
 *
 * A library's table does not tell how large it is, so the process's heap is asked.  Where the
 * C library's heap is replaced, by a sanitizer, it answers 0 and only the answers are tried.
 */
#include <malloc.h>

#include "tests/support/support.h"

enum { USERS = 100000, NOW = 1000, PAGE = 4096 };

static size_t heap_in_use(void)
{
    struct mallinfo2 m = mallinfo2();

    return m.uordblks + m.hblkhd;
}

static void never_shrinks(struct map_rig *r, uint64_t users)
{
    size_t before = heap_in_use();

    assert_int_equal(r->ops->reserve(r->object, r->handle, users), 0);
    assert_true(heap_in_use() + PAGE >= before);
}

/* The map has grown by itself, and a smaller number of users is reserved. */
static void leaves_what_has_grown(void **state)
{
    const struct presence_ops *ops = *state;
    const struct presence_config config = { .expected = 64 };
    struct map_rig r;

    if (!(ops->traits->features & PRESENCE_RESERVES))
        return;
    map_rig_up(&r, ops, &config);
    for (uint64_t u = 0; u < USERS; u++)
        assert_int_equal(ops->heartbeat(r.object, r.handle, u, NOW), PRESENCE_CAME_ONLINE);
    never_shrinks(&r, 1000);
    never_shrinks(&r, 1);
    never_shrinks(&r, 0);
    map_rig_down(&r);
}

/* A large number of users is reserved, and then a smaller one, in a map that is almost empty. */
static void leaves_what_was_reserved(void **state)
{
    const struct presence_ops *ops = *state;
    struct map_rig r;

    if (!(ops->traits->features & PRESENCE_RESERVES))
        return;
    map_rig_up(&r, ops, NULL);
    size_t before = heap_in_use();
    assert_int_equal(ops->reserve(r.object, r.handle, USERS), 0);
    size_t reserved = heap_in_use();
    assert_true(reserved == 0 || reserved > before);
    never_shrinks(&r, 1000);
    never_shrinks(&r, 0);
    map_rig_down(&r);
}

int main(void)
{
    const struct check checks[] = {
        { "leaves what has grown", leaves_what_has_grown },
        { "leaves what was reserved", leaves_what_was_reserved },
    };

    return support_run_maps("what a reservation leaves", checks, sizeof checks / sizeof *checks, 0);
}
