/*
 * random.h - xoshiro256**, seeded by splitmix64: the harness's only randomness.
 *
 * D. Blackman and S. Vigna, "Scrambled Linear Pseudorandom Number Generators",
 * 2018.  Never called inside a timed loop.
 */
#ifndef CONTEND_BENCH_BASE_RANDOM_H
#define CONTEND_BENCH_BASE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t s[4];
};

static inline uint64_t random_splitmix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Each pair of a seed and a stream number gives a different stream. */
static inline struct random random_seeded(uint64_t seed, uint64_t stream)
{
    struct random r;
    uint64_t state = seed ^ (stream * UINT64_C(0xd1342543de82ef95));

    for (int i = 0; i < 4; i++)
        r.s[i] = random_splitmix(&state);
    return r;
}

static inline uint64_t random_next(struct random *r)
{
    uint64_t *s = r->s;
    uint64_t x = s[1] * 5;
    uint64_t result = ((x << 7) | (x >> 57)) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return result;
}

/* Uniform in 0 .. bound - 1, for bound below 2^32; the bias is below bound / 2^32. */
static inline uint64_t random_below(struct random *r, uint64_t bound)
{
    return ((random_next(r) >> 32) * bound) >> 32;
}

/* Uniform in [0, 1). */
static inline double random_unit(struct random *r)
{
    return (double)(random_next(r) >> 11) * 0x1p-53;
}

#endif
