/*
 * hash.h - the one hash that every map uses, so that no contestant wins by it.
 *
 * The finalizer of MurmurHash3 over the seeded id (A. Appleby, 2011; constants
 * by D. Stafford, "Better Bit Mixing", 2011, variant 13).  It is a bijection of
 * the 64-bit words: two users never collide in all 64 bits.  Tables take their
 * index from the low bits, stripes from the high ones.
 */
#ifndef CONTEND_LOCKS_PARTS_HASH_H
#define CONTEND_LOCKS_PARTS_HASH_H

#include <stdint.h>

static inline uint64_t presence_hash(uint64_t user, uint64_t seed)
{
    uint64_t x = user ^ seed;

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Which of `count` stripes (a power of two) a hash belongs to. */
static inline uint32_t presence_stripe_of(uint64_t hash, uint32_t count)
{
    return (uint32_t)(hash >> 40) & (count - 1);
}

#endif
