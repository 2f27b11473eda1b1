/*
 * bitmap_ring_word.h - eight users in a word of bitmap_ring.h: a clock, and four bits each.
 *
 * The clock is the high half: the number of an interval.  A user's code is ABSENT, or OLD, or
 * FULL less the number of intervals since the last heartbeat.
 */
#ifndef CONTEND_PRESENCE_MAP_PARTS_BITMAP_RING_WORD_H
#define CONTEND_PRESENCE_MAP_PARTS_BITMAP_RING_WORD_H

#include <stdint.h>

#define PRESENCE_BITMAP_RING_USERS 8u          /* of a word */
#define PRESENCE_BITMAP_RING_FULL 15u          /* the code of a heartbeat in the word's interval */
#define PRESENCE_BITMAP_RING_OLD 1u
#define PRESENCE_BITMAP_RING_ABSENT 0u

/* From the word's interval to the latest one that OLD may stand for. */
#define PRESENCE_BITMAP_RING_AGES (PRESENCE_BITMAP_RING_FULL - PRESENCE_BITMAP_RING_OLD)

static inline int64_t presence_bitmap_ring_clock(uint64_t word)
{
    return (int64_t)(word >> 32);
}

static inline unsigned presence_bitmap_ring_shift(uint64_t user)
{
    return (unsigned)(user % PRESENCE_BITMAP_RING_USERS) * 4;
}

static inline unsigned presence_bitmap_ring_code(uint64_t word, uint64_t user)
{
    return (unsigned)(word >> presence_bitmap_ring_shift(user)) & PRESENCE_BITMAP_RING_FULL;
}

static inline uint64_t presence_bitmap_ring_with(uint64_t word, uint64_t user, unsigned code)
{
    unsigned shift = presence_bitmap_ring_shift(user);

    return (word & ~((uint64_t)PRESENCE_BITMAP_RING_FULL << shift)) | (uint64_t)code << shift;
}

/* The interval of a code, which is not ABSENT; of OLD, the latest that it may stand for. */
static inline int64_t presence_bitmap_ring_last(uint64_t word, unsigned code)
{
    return presence_bitmap_ring_clock(word) - (int64_t)(PRESENCE_BITMAP_RING_FULL - code);
}

/* The word with its clock at a later interval: what falls off the end of the ring is OLD. */
static inline uint64_t presence_bitmap_ring_move_on(uint64_t word, uint64_t interval)
{
    uint64_t steps = interval - (word >> 32), moved = interval << 32;

    for (uint64_t user = 0; user < PRESENCE_BITMAP_RING_USERS; user++) {
        unsigned code = presence_bitmap_ring_code(word, user);
        if (code != PRESENCE_BITMAP_RING_ABSENT)
            moved = presence_bitmap_ring_with(
                moved, user,
                code > steps ? code - (unsigned)steps : PRESENCE_BITMAP_RING_OLD);
    }
    return moved;
}

/*
 * Codes that are at least `least` (2 to 16), all eight in one addition: each stands in a byte,
 * with space for the carry that says so.  Returns the number of carries.
 */
static inline int64_t presence_bitmap_ring_tell(uint64_t word, unsigned least)
{
    const uint64_t bytes = UINT64_C(0x0101010101010101);
    uint64_t low = word & UINT64_C(0x0f0f0f0f), high = (word >> 4 & UINT64_C(0x0f0f0f0f)) << 32;
    uint64_t carried = ((low | high) + (PRESENCE_BITMAP_RING_FULL + 1 - least) * bytes) >> 4 & bytes;

    return (int64_t)(carried * bytes >> 56); /* the sum of the bytes */
}

/* The same of two words, not yet summed up: in each byte how many of the two codes that were there. */
static inline uint64_t presence_bitmap_ring_tell_two(uint64_t a, uint64_t b, unsigned least)
{
    const uint64_t codes = UINT64_C(0x0f0f0f0f0f0f0f0f), carries = UINT64_C(0x1010101010101010);
    uint64_t both = (a & UINT64_C(0xffffffff)) | b << 32;
    uint64_t add = (PRESENCE_BITMAP_RING_FULL + 1 - least) * UINT64_C(0x0101010101010101);

    return ((((both & codes) + add) & carries) + (((both >> 4 & codes) + add) & carries)) >> 4;
}

#define PRESENCE_BITMAP_RING_PAIRS 127u /* whose sums fit a byte */

/* The sum of all bytes, each of which may be full. */
static inline int64_t presence_bitmap_ring_sum(uint64_t sums)
{
    const uint64_t even = UINT64_C(0x00ff00ff00ff00ff);

    return (int64_t)(((sums & even) + (sums >> 8 & even)) * UINT64_C(0x0001000100010001) >> 48);
}

#endif
