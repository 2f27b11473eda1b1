/*
 * quotient_ids.c - ids that are no random numbers: each n-th one, as machines give them out.  A map made
 * for so many refuses none of them, as it refuses none of others.
 */
#include <errno.h>

#include "presence_map/quotient.h"
#include "tests/support/support.h"

/* As many as fill the smallest map of their width; narrow rows have more of them in as many bytes. */
enum { IS_WIDE = chosen_row_bits == 64, USERS = IS_WIDE ? 100000 : 430000,
       SHIFTS = IS_WIDE ? 44 : 12, ODD = IS_WIDE ? 24 : 10, REFUSED = 2 };

static struct presence_quotient map;
static struct presence_quotient_handle handle;

/* How many of so many multiples of `stride` find no place; and whether the others are all there. */
static unsigned refused(uint64_t stride)
{
    const struct presence_config config = { .expected = USERS };
    unsigned count = 0;

    assert_int_equal(presence_quotient_init(&map, &config), 0);
    assert_int_equal(presence_quotient_attach(&map, &handle), 0);
    for (uint64_t i = 0; i < USERS; i++) {
        int result = presence_quotient_heartbeat(&map, &handle, i * stride, 1000);
        assert_true(result == PRESENCE_CAME_ONLINE || result == -ENOSPC);
        count += result == -ENOSPC;
    }
    assert_int_equal(presence_quotient_count_online(&map, &handle, 1000), USERS - count);
    presence_quotient_detach(&map, &handle);
    assert_int_equal(presence_quotient_fini(&map), 0);
    return count;
}

static void refuses_no_nth(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < SHIFTS; shift += 1 + shift / 8)
        for (uint64_t odd = 1; odd < ODD; odd += 2) {
            uint64_t stride = odd << shift;
            uint64_t most = UINT64_MAX >> (64 - chosen_row_bits);
            unsigned count = stride <= most / USERS ? refused(stride) : 0;
            if (count > REFUSED)
                fail_msg("%u of %u multiples of %llu are refused", count, USERS,
                         (unsigned long long)stride);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(refuses_no_nth) };

    return cmocka_run_group_tests_name("quotient_ids", tests, NULL, NULL);
}
