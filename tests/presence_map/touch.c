/*
 * touch.c - the options of a table's memory: whether init touches it, or the threads that use it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/support.h"

/* So many that the least table has 40 MB. */
enum { USERS = 8 << 20, BEATS = 1000, NOW = 1000000 };

static uint64_t resident_bytes(void)
{
    unsigned long all = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &all, &resident), 2);
    fclose(f);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* What init makes resident, of what the map holds, with this value of the option. */
static double touched(const struct presence_ops *ops, int64_t touch)
{
    const struct contend_setting one = { "touch", touch };
    const struct presence_config config = { .expected = USERS, .settings = { &one, 1, 0, 0 } };
    struct presence_stats stats;
    struct map_rig r;

    uint64_t before = resident_bytes();
    map_rig_up(&r, ops, &config);
    double share = (double)resident_bytes() - (double)before;
    ops->stats(r.object, &stats); /* which may look at everything */
    /* What is not touched is empty. */
    for (uint64_t i = 0; i < BEATS; i++) {
        uint64_t user = i * (USERS / BEATS);
        assert_int_equal(ops->is_online(r.object, r.handle, user, NOW), 0);
        assert_int_equal(ops->heartbeat(r.object, r.handle, user, NOW), PRESENCE_CAME_ONLINE);
        assert_int_equal(ops->is_online(r.object, r.handle, user, NOW), 1);
    }
    map_rig_down(&r);
    return share / (double)stats.bytes;
}

static void touches_as_the_option_says(void **state)
{
    const struct presence_ops *ops = *state;

    if (!contend_option_find(ops->traits->id.options, "touch"))
        return;
    double all = touched(ops, 1), none = touched(ops, 0);
    print_message("# %s: init touches %.2f of its bytes, or %.2f\n", ops->traits->id.name, all, none);
    assert_true(all > 0.8);
    assert_true(none < 0.2);
}

int main(void)
{
    static const struct check checks[] = {
        { "touches as the option says", touches_as_the_option_says },
    };

    return support_run_maps("touching a table", checks, 1, 0);
}
