/* workload.c - the workloads of all families, and how contestants are found. */
#include "bench/engine/workload.h"

#include <stdio.h>
#include <string.h>

#include "bench/engine/workload_family.h"

#define ROW(OBJECT) [FAMILY_##OBJECT] = &workloads_##OBJECT,
static const struct workload_family *const of_family[] = { FAMILY_EACH(ROW) };
#undef ROW

const struct workload *workload_at(size_t index)
{
    for (size_t f = 0; f < FAMILY_COUNT; f++)
        for (const struct workload *w = of_family[f]->workloads; w->name; w++)
            if (index-- == 0)
                return w;
    return NULL;
}

unsigned workload_families(void)
{
    const struct workload *w;
    unsigned set = 0;

    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        set |= family_bit(w->family);
    return set;
}

const struct workload *workload_find(const char *name)
{
    const struct workload *w;

    for (size_t i = 0; (w = workload_at(i)) != NULL; i++)
        if (strcmp(w->name, name) == 0)
            return w;
    return NULL;
}

const struct workload_standard *workload_standards(const struct family *family)
{
    return of_family[family->index]->standards;
}

uint64_t cell_keys(const struct cell *c)
{
    return c->workload->keys == KEYS_USERS ? c->users : c->posts;
}

/* One to one among the numbers below 2^31, by the same kinds of steps as in cell_id(). */
static uint64_t mixed_below_2_31(uint64_t number)
{
    uint64_t z = number & IDS_SPARSE32_MAX;

    z = (z ^ (z >> 16)) * UINT64_C(0x45d9f3b) & IDS_SPARSE32_MAX;
    z = (z ^ (z >> 15)) * UINT64_C(0x2c1b3c6d) & IDS_SPARSE32_MAX;
    return z ^ (z >> 16);
}

/*
 * One to one, since each step is: a shift folded in, or a product with an odd number (the end of
 * splitmix64).  The few ids at the end of the axis that maps refuse come from numbers far beyond
 * any number of users.
 */
uint64_t cell_id(const struct cell *c, uint64_t number)
{
    uint64_t z = number;

    if (c->ids == IDS_DENSE)
        return number;
    if (c->ids == IDS_SPARSE32)
        return mixed_below_2_31(number);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

unsigned cell_batch(const struct cell *c)
{
    return c->workload->batch && c->batch ? c->batch : c->workload->batch;
}

struct mix cell_mix(const struct cell *c, unsigned worker)
{
    const struct workload *w = c->workload;

    if (c->readers == 0)
        return (struct mix){ w->write_percent, w->read_percent, w->leave_percent };
    if (worker < c->readers)
        return (struct mix){ .read = 100 };
    return (struct mix){ .write = w->write_percent, .leave = w->leave_percent };
}

double cell_write_share(const struct cell *c, unsigned worker)
{
    struct mix m = cell_mix(c, worker);

    return (double)m.write / (m.write + m.read + m.leave);
}

bool contestant_exists(const struct contestant *c)
{
    return c->ops;
}

const struct contend_identity *contestant_identity(const struct contestant *c)
{
    return c->family->identity(c->ops);
}

const char *contestant_name(const struct contestant *c, char *buffer, size_t size)
{
    if (c->variant)
        return variant_name(c->variant, buffer, size);
    snprintf(buffer, size, "%s%s", contestant_identity(c)->name, c->again ? "_again" : c->slowed ? "_slowed" : "");
    return buffer;
}

const void *contestant_traits(const struct contestant *c)
{
    return c->variant ? &c->variant->traits : c->family->traits(c->ops);
}

struct contend_settings contestant_settings(const struct contestant *c)
{
    return variant_settings(c->variant);
}

struct contestant contestant_at(const struct family *family, size_t index)
{
    /* The registries end in NULL, so that the entry after the last does not exist. */
    return (struct contestant){ .family = family, .ops = family->at(index) };
}

struct contestant contestant_find(const struct family *family, const char *name)
{
    return (struct contestant){ .family = family, .ops = family_find(family, name) };
}

const char *ids_name(enum key_ids ids)
{
    static const char *const names[] = { "dense", "sparse32", "sparse64" };

    return names[ids];
}

const char *skew_name(enum key_skew skew)
{
    static const char *const names[] = { "uniform", "zipf", "hot", "logged" };

    return names[skew];
}
