/* memory.c - reads what the kernel says. */
#include "bench/base/memory.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Where a version of the control groups keeps what we want; `cache` can be given back. */
struct group_files {
    const char *mounted, *most, *used, *cache;
};

static const struct group_files version_1 = {
    "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
    "total_inactive_file %llu",
};
static const struct group_files version_2 = {
    "/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file %llu",
};

/* A number in a file, times `unit`; UINT64_MAX if there is none ("max" is no number). */
static uint64_t read_bytes(const char *path, const char *format, uint64_t unit)
{
    char line[128];
    unsigned long long n;
    uint64_t bytes = UINT64_MAX;
    FILE *f = fopen(path, "re");

    while (f && bytes == UINT64_MAX && fgets(line, sizeof line, f))
        if (sscanf(line, format, &n) == 1)
            bytes = n * unit;
    if (f)
        fclose(f);
    return bytes;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t left_of(uint64_t most, uint64_t used)
{
    return most == UINT64_MAX || used == UINT64_MAX ? UINT64_MAX : most > used ? most - used : 0;
}

/* A number in a file of a folder, as read_bytes() has it. */
static uint64_t read_in(const char *folder, const char *name, const char *format)
{
    char path[PATH_MAX + 64];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return read_bytes(path, format, 1);
}

/* What one group leaves; UINT64_MAX if it sets no limit or is not visible here. */
static uint64_t left_in_group(const char *folder, const struct group_files *files)
{
    uint64_t most = read_in(folder, files->most, "%llu");
    uint64_t used = read_in(folder, files->used, "%llu");
    uint64_t cache = read_in(folder, "memory.stat", files->cache);

    if (used != UINT64_MAX && cache != UINT64_MAX)
        used -= least(used, cache);
    return left_of(most, used);
}

/*
 * What a group and those above it leave.  Inside a container the group's own folder may not be
 * visible: then its mount is the group.
 */
static uint64_t left_in_groups(const char *root, char *group, const struct group_files *files)
{
    char folder[PATH_MAX];
    uint64_t left = UINT64_MAX;

    for (;;) {
        snprintf(folder, sizeof folder, "%s%s%s", root, files->mounted, group);
        left = least(left, left_in_group(folder, files));
        char *slash = strrchr(group, '/');
        if (!slash)
            return left;
        *slash = '\0';
    }
}

/* Whether the controllers of a line, "cpu,memory", name that of the memory. */
static bool has_memory(const char *controllers)
{
    for (const char *at = controllers; *at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        if (length == strlen("memory") && strncmp(at, "memory", length) == 0)
            return true;
        at += length;
    }
    return false;
}

/* /proc/self/cgroup has a line for each hierarchy: "4:memory:/a/b", and "0::/a/b" in version 2. */
static uint64_t left_by_groups(const char *root)
{
    char path[PATH_MAX], line[PATH_MAX];
    uint64_t left = UINT64_MAX;

    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f)) {
        char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':')
                                                                    : NULL;
        if (!group)
            continue;
        controllers++;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        if (has_memory(controllers))
            left = least(left, left_in_groups(root, group, &version_1));
        else if (!controllers[0])
            left = least(left, left_in_groups(root, group, &version_2));
    }
    if (f)
        fclose(f);
    return left;
}

uint64_t memory_available_below(const char *root)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    return least(read_bytes(path, "MemAvailable: %llu", 1024), left_by_groups(root));
}

/* What a limit of this process leaves, by a line of /proc/self/status. */
static uint64_t left_by_limit(rlim_t limit, const char *line)
{
    return limit == RLIM_INFINITY ? UINT64_MAX
                                  : left_of(limit, read_bytes("/proc/self/status", line, 1024));
}

uint64_t memory_available(void)
{
    uint64_t left = memory_available_below("");
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) == 0)
        left = least(left, left_by_limit(limit.rlim_cur, "VmSize: %llu"));
    if (getrlimit(RLIMIT_DATA, &limit) == 0)
        left = least(left, left_by_limit(limit.rlim_cur, "VmData: %llu"));
    return left;
}

bool memory_grants(size_t bytes)
{
    static const size_t small = 1 << 20;

    return bytes < small || bytes <= memory_available() / 2;
}

int memory_check(double bytes, uint64_t limit, const char *what, char why[MEMORY_REASON])
{
    double most = limit ? (double)limit : (double)memory_available() / 2;

    if (bytes <= most)
        return 0;
    snprintf(why, MEMORY_REASON, "%s would take %.3g GB, more than %.3g GB%s", what, bytes / 1e9,
             most / 1e9, limit ? "" : ", half of what is available");
    return -E2BIG;
}
