/*
 * memory.c - what control groups and limits leave, by files that the test writes.
 *
 * The test is in no group of its own making: a folder stands in for the root, with the files
 * that the kernel shows there.  That the kernel's own have this form is not tested here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "bench/base/memory.h"

static const uint64_t mib = 1 << 20;
static char root[] = "/tmp/contend-memory.XXXXXX";

static void run(const char *command)
{
    char line[PATH_MAX + 64];

    snprintf(line, sizeof line, "%s %s", command, root);
    assert_int_equal(system(line), 0);
}

static int begin(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/contend-memory.XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    run("rm -r");
    return 0;
}

/* Writes a file below the root, and makes the folders above it. */
static void put(const char *path, const char *text)
{
    char full[PATH_MAX];

    snprintf(full, sizeof full, "%s%s", root, path);
    for (char *slash = full + strlen(root); (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        mkdir(full, 0777);
        *slash = '/';
    }
    FILE *f = fopen(full, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void put_machine(void)
{
    put("/proc/meminfo", "MemTotal:        8000000 kB\nMemFree:          100000 kB\n"
                         "MemAvailable:    4194304 kB\n");
}

static void without_groups_it_is_the_machines(void **state)
{
    (void)state;
    assert_true(memory_available_below(root) == UINT64_MAX);
    put_machine();
    assert_true(memory_available_below(root) == 4096 * mib);
    put("/proc/self/cgroup", "0::/\n"); /* the root of version 2 has no files about memory */
    assert_true(memory_available_below(root) == 4096 * mib);
}

static void version_2_gives_what_its_group_leaves(void **state)
{
    (void)state;
    put_machine();
    put("/proc/self/cgroup", "0::/pod/box\n");
    put("/sys/fs/cgroup/pod/box/memory.max", "536870912\n");
    put("/sys/fs/cgroup/pod/box/memory.current", "104857600\n");
    assert_true(memory_available_below(root) == 412 * mib);
    /* Files that are only cached are given back when memory is short. */
    put("/sys/fs/cgroup/pod/box/memory.stat", "anon 1\ninactive_file 52428800\n");
    assert_true(memory_available_below(root) == 462 * mib);
    /* The group above is tighter, then full. */
    put("/sys/fs/cgroup/pod/memory.max", "209715200\n");
    put("/sys/fs/cgroup/pod/memory.current", "157286400\n");
    assert_true(memory_available_below(root) == 50 * mib);
    put("/sys/fs/cgroup/pod/memory.current", "309715200\n");
    assert_true(memory_available_below(root) == 0);
    put("/sys/fs/cgroup/pod/memory.max", "max\n");
    put("/sys/fs/cgroup/pod/box/memory.max", "max\n");
    assert_true(memory_available_below(root) == 4096 * mib);
}

static void version_1_has_a_hierarchy_of_its_own(void **state)
{
    (void)state;
    put_machine();
    put("/proc/self/cgroup", "5:cpuset,notmemory:/other\n4:cpu,memory:/a/b\n0::/\n");
    put("/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "536870912\n");
    put("/sys/fs/cgroup/memory/a/b/memory.usage_in_bytes", "104857600\n");
    put("/sys/fs/cgroup/memory/a/b/memory.stat", "inactive_file 1\ntotal_inactive_file 52428800\n");
    assert_true(memory_available_below(root) == 462 * mib);
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"); /* none */
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "904857600\n");
    assert_true(memory_available_below(root) == 462 * mib);
}

/* Within a container /proc may name a group that only the host can see. */
static void a_group_that_is_not_visible_is_the_mounted_one(void **state)
{
    (void)state;
    put_machine();
    put("/proc/self/cgroup", "0::/docker/0123456789abcdef\n");
    put("/sys/fs/cgroup/memory.max", "536870912\n");
    put("/sys/fs/cgroup/memory.current", "1048576\n");
    assert_true(memory_available_below(root) == 511 * mib);
    put("/proc/self/cgroup", "4:memory:/docker/0123456789abcdef\n0::/\n");
    put("/sys/fs/cgroup/memory.max", "max\n");
    put("/sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n");
    put("/sys/fs/cgroup/memory/memory.usage_in_bytes", "0\n");
    assert_true(memory_available_below(root) == 256 * mib);
}

/* The constants as they are: libraries differ in the type of a resource. */
static int get_limit(bool of_data, struct rlimit *limit)
{
    return of_data ? getrlimit(RLIMIT_DATA, limit) : getrlimit(RLIMIT_AS, limit);
}

static int set_limit(bool of_data, const struct rlimit *limit)
{
    return of_data ? setrlimit(RLIMIT_DATA, limit) : setrlimit(RLIMIT_AS, limit);
}

static void the_process_has_limits_too(void **state)
{
    struct rlimit before, limit;

    (void)state;
    if (getenv("CONTEND_SANITIZED")) {
        print_message("# skipped: a sanitizer has reserved more addresses than any limit\n");
        skip();
    }
    for (int of_data = 0; of_data < 2; of_data++) {
        assert_int_equal(get_limit(of_data, &before), 0);
        limit = before;
        limit.rlim_cur = 400 * mib;
        assert_int_equal(set_limit(of_data, &limit), 0);
        uint64_t left = memory_available();
        assert_int_equal(set_limit(of_data, &before), 0);
        assert_true(left > 0 && left < 400 * mib);
    }
}

static void what_is_too_much_is_refused_with_a_reason(void **state)
{
    char why[MEMORY_REASON] = "";

    (void)state;
    assert_int_equal(memory_check(1e6, 2000000, "7 users", why), 0);
    assert_string_equal(why, "");
    assert_int_equal(memory_check(3e9, 2000000000, "7 users", why), -E2BIG);
    assert_string_equal(why, "7 users would take 3 GB, more than 2 GB");
    assert_int_equal(memory_check(1e18, 0, "7 users", why), -E2BIG);
    assert_non_null(strstr(why, "half of what is available"));
    assert_true(memory_grants(1000));
    assert_false(memory_grants(SIZE_MAX / 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_groups_it_is_the_machines, begin, end),
        cmocka_unit_test_setup_teardown(version_2_gives_what_its_group_leaves, begin, end),
        cmocka_unit_test_setup_teardown(version_1_has_a_hierarchy_of_its_own, begin, end),
        cmocka_unit_test_setup_teardown(a_group_that_is_not_visible_is_the_mounted_one, begin, end),
        cmocka_unit_test(the_process_has_limits_too),
        cmocka_unit_test(what_is_too_much_is_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
