/*
 * packed_growth.c - what another thread does while one makes the next table: played by one thread, in the
 * steps of the other.
 */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What is called at each step of the strategy (locks/parts/platform.h). */
static void (*meanwhile)(const char *where);
void contend_step(const char *where);
void contend_step(const char *where)
{
    if (meanwhile)
        meanwhile(where);
}

#include "presence_map/packed_growing.h"

enum { CROWD = 4000, NOW = 1000000 };

static struct presence_packed_growing map;
static struct presence_packed_growing_handle handle;

static void beat(uint64_t user)
{
    assert_int_equal(presence_packed_growing_heartbeat(&map, &handle, user, NOW), PRESENCE_CAME_ONLINE);
}

/* They leave at once; until a table is wanted, or there is one, made for nobody. */
static void newcomers_until(bool wanted)
{
    struct growing_table *present = growing_present(&map.tables);

    for (uint64_t u = CROWD; wanted ? meanwhile != NULL : !growing_next(present); u++) {
        beat(u);
        assert_int_equal(presence_packed_growing_leave(&map, &handle, u, NOW), 1);
    }
}

static void crowd_beats(void)
{
    for (uint64_t u = 0; u < CROWD; u++)
        beat(u);
}

static void at_the_link(const char *where)
{
    if (strcmp(where, "growing: made and not yet linked") != 0)
        return;
    meanwhile = NULL;
    crowd_beats();
}

/* Each of the crowd stands still there until the last one has found newcomers, and a next table with them. */
static void at_the_count(const char *where)
{
    static uint64_t next;

    if (strcmp(where, "growing: saw no successor, and about to count a user") != 0)
        return;
    if (++next < CROWD) {
        beat(next);
        return;
    }
    meanwhile = NULL;
    newcomers_until(false);
}

static void up(void)
{
    const struct presence_config config = { .expected = 1 };

    assert_int_equal(presence_packed_growing_init(&map, &config), 0);
    assert_int_equal(presence_packed_growing_attach(&map, &handle), 0);
    crowd_beats();
    for (uint64_t u = 0; u < CROWD; u++)
        assert_int_equal(presence_packed_growing_leave(&map, &handle, u, NOW), 1);
}

static void down(uint64_t users)
{
    struct presence_stats s;

    for (uint64_t u = 0; u < users; u++)
        assert_int_equal(presence_packed_growing_is_online(&map, &handle, u, NOW), 1);
    assert_int_equal(presence_packed_growing_count_online(&map, &handle, NOW), users);
    presence_packed_growing_stats(&map, &s);
    assert_int_equal(s.entries, users);
    presence_packed_growing_detach(&map, &handle);
    assert_int_equal(presence_packed_growing_fini(&map), 0);
}

/* The next table was made for nobody; until it is linked the whole crowd is back. */
static void who_comes_back_before_the_link_fits(void **state)
{
    (void)state;
    up();
    meanwhile = at_the_link;
    newcomers_until(true);
    down(CROWD);
}

/* All had seen their dead words in a table without a successor; then it had one, made for nobody. */
static void who_was_about_to_come_back_fits(void **state)
{
    (void)state;
    up();
    meanwhile = at_the_count;
    beat(0);
    down(CROWD);
}

/* The next table is linked, made for nobody, and hardly anything has been moved. */
static void who_comes_back_behind_the_link_fits(void **state)
{
    (void)state;
    up();
    newcomers_until(false);
    crowd_beats();
    down(CROWD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_back_before_the_link_fits),
        cmocka_unit_test(who_comes_back_behind_the_link_fits),
        cmocka_unit_test(who_was_about_to_come_back_fits),
    };

    return cmocka_run_group_tests_name("packed growth", tests, NULL, NULL);
}
