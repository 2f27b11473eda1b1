/*
 * quotient_sizes.c - prints what maps of quotient rows take, and how long they keep their users, by how
 * many they are made for: tables of docs/presence.md (quotient_sizes.py).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "presence_map/presence_map.h"

static const char *const maps[] = { "quotient", "quotient_moving", "quotient_reserving",
                                    "quotient_growing", "quotient_narrow" };

static size_t held;

static void *take(void *ctx, size_t align, size_t size)
{
    (void)ctx;
    held += size;
    return contend_alloc(align, size);
}

static void give_back(void *ctx, void *ptr, size_t size)
{
    (void)ctx;
    held -= size;
    free(ptr);
}

/* The bytes for each user, and *kept: TTL + retain_ms, at most. */
static double bytes_of(const char *name, uint64_t users, uint64_t retain_ms, uint64_t *kept)
{
    static const struct contend_allocator allocator = { take, give_back, NULL };
    const struct presence_config config = { .expected = users, .retain_ms = retain_ms,
                                            .allocator = &allocator };
    const struct presence_ops *ops = contend_presence_find(name);
    void *map = ops ? contend_alloc(ops->align, ops->size) : NULL;
    struct presence_traits traits;

    if (!map || ops->init(map, &config) != 0)
        exit(1);
    ops->traits_of(map, &traits);
    double bytes = (double)(held + ops->size) / (double)users;
    *kept = traits.max_retain;
    if (ops->fini(map) != 0)
        exit(1);
    free(map);
    return bytes;
}

static void put_bytes(double bytes)
{
    printf(" %.*f B", bytes < 19.995 ? 2 : bytes < 99.95 ? 1 : 0, bytes);
}

static void put_time(uint64_t ms)
{
    uint64_t minutes = ms / 60000;

    if (minutes < 60)
        printf(", %" PRIu64 " min |", minutes);
    else
        printf(", %.2f h |", (double)ms / 3600000);
}

static void put_head(const char *const *columns, size_t count)
{
    printf("| map |");
    for (size_t i = 0; i < count; i++)
        printf(" %s |", columns[i]);
    printf("\n|---|");
    for (size_t i = 0; i < count; i++)
        printf("---|");
    putchar('\n');
}

int main(void)
{
    static const char *const by_users[] = { "1,000 users", "20,000", "100,000", "a million",
                                            "ten million" };
    static const uint64_t users[] = { 1000, 20000, 100000, 1000000, 10000000 };
    static const char *const by_time[] = { "1 h", "2 h", "4 h", "4.5 h" };
    static const uint64_t minutes[] = { 60, 120, 240, 270 };
    enum { SIZES = sizeof users / sizeof *users, TIMES = sizeof minutes / sizeof *minutes };
    const size_t count = sizeof maps / sizeof *maps;
    uint64_t kept;

    put_head(by_users, SIZES);
    for (size_t m = 0; m < count; m++) {
        printf("| `%s` |", maps[m]);
        for (size_t i = 0; i < SIZES; i++) {
            put_bytes(bytes_of(maps[m], users[i], 0, &kept));
            put_time(kept);
        }
        putchar('\n');
    }
    putchar('\n');
    put_head(by_time, TIMES);
    for (size_t m = 0; m < count; m++) {
        printf("| `%s` |", maps[m]);
        for (size_t i = 0; i < TIMES; i++) {
            put_bytes(bytes_of(maps[m], 1000000, minutes[i] * 60000 - PRESENCE_DEFAULT_TTL_MS, &kept));
            printf(" |");
        }
        putchar('\n');
    }
    return 0;
}
