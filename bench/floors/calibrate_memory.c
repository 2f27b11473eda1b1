/* calibrate_memory.c - how far away a line is: pointer chases through caches and memory. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/base/interrupt.h"
#include "bench/base/stats.h"
#include "bench/floors/calibrate.h"
#include "locks/parts/platform.h"

enum {
    LINE = 64,
    HUGE_PAGE = 2 << 20, /* x86-64 and aarch64 with pages of 4 KiB */
    ROUNDS = 5,
    STEPS = 200000,      /* of one round; 60 ms where a load takes 300 ns */
    DRAM_MIN_MIB = 256,
    DRAM_MAX_MIB = 512,  /* more would take long to touch */
    BETWEEN_LOOKS = 1 << 16 /* lines that are written before an interrupt is looked for again */
};

/* Memory in which each line holds the address of another: one circle through all of them. */
struct circle {
    void *map;
    size_t mapped;
    void **first;
    bool huge; /* the kernel has given huge pages */
};

static uint64_t power_below(uint64_t n)
{
    uint64_t power = contend_round_up_pow2(n);

    return power > n ? power / 2 : power;
}

/* A cache's size as the kernel's tree has it, or 0. */
static uint64_t cache_from_sysfs(int level)
{
    char path[96], type[32];

    for (int index = 0; index < 8; index++) {
        static const char folder[] = "/sys/devices/system/cpu/cpu0/cache/index";
        int found = 0;
        unsigned long kib = 0;

        snprintf(path, sizeof path, "%s%d/level", folder, index);
        FILE *f = fopen(path, "re");
        if (!f)
            return 0;
        bool ok = fscanf(f, "%d", &found) == 1 && found == level;
        fclose(f);
        snprintf(path, sizeof path, "%s%d/type", folder, index);
        f = ok ? fopen(path, "re") : NULL;
        ok = f && fscanf(f, "%31s", type) == 1 && strcmp(type, "Instruction") != 0;
        if (f)
            fclose(f);
        snprintf(path, sizeof path, "%s%d/size", folder, index);
        f = ok ? fopen(path, "re") : NULL;
        ok = f && fscanf(f, "%luK", &kib) == 1;
        if (f)
            fclose(f);
        if (ok)
            return kib * 1024;
    }
    return 0;
}

static uint64_t cache_bytes(int level)
{
    static const int names[] = { _SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE,
                                 _SC_LEVEL3_CACHE_SIZE };
    static const uint64_t usual[] = { 32 << 10, 512 << 10, 16 << 20 };
    long told = sysconf(names[level - 1]);
    uint64_t bytes = told > 0 ? (uint64_t)told : cache_from_sysfs(level);

    return bytes ? bytes : usual[level - 1];
}

/* Anonymous memory of this process in huge pages, KiB; negative when the kernel does not say. */
static long huge_kib(void)
{
    char line[256];
    long kib = -1;
    FILE *f = fopen("/proc/self/smaps_rollup", "re");

    while (f && kib < 0 && fgets(line, sizeof line, f))
        if (sscanf(line, "AnonHugePages: %ld", &kib) != 1)
            kib = -1;
    if (f)
        fclose(f);
    return kib;
}

/*
 * The order is that of a linear congruential generator with the full period (T. Hull
 * and A. Dobell, "Random Number Generators", 1962): no prefetcher follows it, and it
 * is written in the order of the addresses, where shuffling would miss at each step.
 */
static void close_circle(struct circle *c, size_t bytes)
{
    uint64_t lines = bytes / LINE, words = LINE / sizeof(void *);

    for (uint64_t i = 0; i < lines && (i % BETWEEN_LOOKS || !interrupt_came()); i++) {
        uint64_t next = (i * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407)) &
                        (lines - 1);
        c->first[i * words] = &c->first[next * words];
    }
}

/* `bytes` is a power of two.  False without memory, or when it was interrupted. */
static bool make_circle(struct circle *c, size_t bytes, bool huge)
{
    long before = huge_kib();

    c->mapped = bytes + HUGE_PAGE;
    c->map = mmap(NULL, c->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (c->map == MAP_FAILED)
        return false;
    c->first = (void **)(((uintptr_t)c->map + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
    madvise(c->map, c->mapped, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE); /* checked below */
    close_circle(c, bytes);
    if (interrupt_came()) {
        munmap(c->map, c->mapped);
        return false;
    }
    c->huge = before >= 0 && huge_kib() - before >= (long)(bytes / 1024 / 2);
    return true;
}

static double walk_ns(const struct circle *c)
{
    double rounds[ROUNDS];
    void **at = c->first;

    for (int i = -1; i < ROUNDS; i++) { /* the first round fills the caches */
        if (interrupt_came())
            return NAN;
        uint64_t start = contend_clock_ns();
        for (int s = 0; s < STEPS; s++)
            at = *(void **volatile *)at;
        if (i >= 0)
            rounds[i] = (double)(contend_clock_ns() - start) / STEPS;
    }
    return stats_median(rounds, ROUNDS);
}

static double chase_ns(uint64_t bytes, bool huge, bool must_be_huge)
{
    struct circle c;
    double ns = NAN;

    if (!make_circle(&c, bytes, huge))
        return NAN;
    if (!must_be_huge || c.huge)
        ns = walk_ns(&c);
    munmap(c.map, c.mapped);
    return ns;
}

/* Beyond the last cache as far as time and memory allow; a shared cache may serve some of it. */
static uint64_t dram_bytes(uint64_t l3, uint64_t available)
{
    uint64_t bytes = contend_round_up_pow2(4 * l3), least = (uint64_t)DRAM_MIN_MIB << 20;
    uint64_t most = (uint64_t)DRAM_MAX_MIB << 20, quarter = available / 4;

    bytes = bytes < least ? least : bytes > most ? most : bytes;
    return bytes > quarter ? power_below(quarter) : bytes;
}

void calibrate_memory(struct calibration *c, uint64_t available)
{
    uint64_t l1 = cache_bytes(1), l2 = cache_bytes(2), l3 = cache_bytes(3);
    uint64_t third = power_below(l3 / 2), four = contend_round_up_pow2(4 * l2);
    uint64_t dram = dram_bytes(l3, available);

    c->l1_ns = chase_ns(power_below(l1 / 2), true, false);
    c->l2_ns = chase_ns(power_below(l2 / 2), true, false);
    /* A part of a shared cache, which others hardly evict; more than the level below can hold. */
    third = third > four ? four : third;
    c->l3_ns = third > l2 && third <= available / 4 ? chase_ns(third, true, false) : NAN;
    c->dram_mib = (double)(dram >> 20);
    c->dram_ns = dram > third ? chase_ns(dram, false, false) : NAN;
    c->dram_huge_ns = dram > third ? chase_ns(dram, true, true) : NAN;
}
