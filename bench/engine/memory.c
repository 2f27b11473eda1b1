/* memory.c - reads what the kernel says. */
#include "bench/engine/memory.h"

#include <stdio.h>

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

uint64_t memory_available(void)
{
    uint64_t machine = read_bytes("/proc/meminfo", "MemAvailable: %llu", 1024);
    uint64_t most = read_bytes("/sys/fs/cgroup/memory.max", "%llu", 1);
    uint64_t used = read_bytes("/sys/fs/cgroup/memory.current", "%llu", 1);
    uint64_t ours = most == UINT64_MAX || used == UINT64_MAX ? UINT64_MAX
                    : most > used ? most - used : 0;

    return machine < ours ? machine : ours;
}
