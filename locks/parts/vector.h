/*
 * vector.h - looking at all words of a cache line at once.
 *
 * To C11 a vector load of words that other threads change is a data race.  So it stands here
 * and nowhere else, as inline assembly does in platform.h, and only where the hardware is
 * known: on x86-64 an aligned vector load reads each aligned word of 4 or 8 bytes as some value
 * that the word had (the manuals promise that for single words; no processor is known that
 * splits them inside a vector).  Nothing is said about the order of these loads.  What comes back
 * is a hint: a caller reads each word that it names again, atomically, and argues why one that is
 * not named does no harm.
 *
 * Elsewhere, and for checkers, CONTEND_VECTORS is 0 and callers have loops of atomic loads.
 */
#ifndef CONTEND_LOCKS_PARTS_VECTOR_H
#define CONTEND_LOCKS_PARTS_VECTOR_H

#include "locks/parts/platform.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CONTEND_VECTORS 0
#endif
#endif
#ifndef CONTEND_VECTORS
#if defined(__SSE2__) && !defined(CONTEND_MODELLED) && !defined(__SANITIZE_THREAD__)
#define CONTEND_VECTORS 1
#else
#define CONTEND_VECTORS 0
#endif
#endif

enum {
    CONTEND_VECTOR_WORDS = 8,       /* of 64 bits: a line of 64 bytes */
    CONTEND_VECTOR_SMALL_WORDS = 16 /* of 32 bits */
};

/* How many of eight bits are set; the compiler's own may be a call. */
static inline unsigned contend_count_bits(unsigned eight)
{
    const uint64_t of_four = UINT64_C(0x4332322132212110); /* four bits each, from 0 to 15 */

    return (unsigned)(of_four >> (eight % 16 * 4) & 7) +
           (unsigned)(of_four >> (eight / 16 * 4) & 7);
}

#if CONTEND_VECTORS
#include <emmintrin.h>

/* The low or the high halves of eight words. */
struct contend_halves {
    __m128i first, second;
};

static inline __m128i contend_halves_of(const volatile __m128i *four, int high)
{
    __m128 a = _mm_castsi128_ps(four[0]), b = _mm_castsi128_ps(four[1]);

    return _mm_castps_si128(high ? _mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1))
                                 : _mm_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0)));
}

static inline struct contend_halves contend_line_halves(const _Atomic uint64_t *words, int high)
{
    /* volatile: each look is a load of its own, as with an atomic. */
    const volatile __m128i *line = (const volatile __m128i *)(uintptr_t)words;

    return (struct contend_halves){ contend_halves_of(line, high),
                                    contend_halves_of(line + 2, high) };
}

/* A bit for each of eight halves whose bits are all set; the others have none set. */
static inline unsigned contend_halves_bits(struct contend_halves h)
{
    __m128i bytes = _mm_packs_epi16(_mm_packs_epi32(h.first, h.second), _mm_setzero_si128());

    return (unsigned)_mm_movemask_epi8(bytes);
}

/* Which of the eight words, aligned to 64 bytes, have this lower half. */
static inline unsigned contend_line_equal(const _Atomic uint64_t *words, uint32_t lower)
{
    struct contend_halves h = contend_line_halves(words, 0);
    __m128i wanted = _mm_set1_epi32((int)lower);

    h.first = _mm_cmpeq_epi32(h.first, wanted);
    h.second = _mm_cmpeq_epi32(h.second, wanted);
    return contend_halves_bits(h);
}

/* -1 where (base - (half >> shift)) & mask > most. */
static inline __m128i contend_halves_behind(__m128i halves, uint32_t base, int shift, uint32_t mask,
                                            uint32_t most)
{
    __m128i back = _mm_sub_epi32(_mm_set1_epi32((int)base), _mm_srli_epi32(halves, shift));

    return _mm_cmpgt_epi32(_mm_and_si128(back, _mm_set1_epi32((int)mask)),
                           _mm_set1_epi32((int)most));
}

/*
 * Which of the eight words have an upper half whose field from bit `shift` up lies more than `most`
 * behind `base`, modulo mask + 1.  mask and most are below 2^31.
 */
static inline unsigned contend_line_behind(const _Atomic uint64_t *words, uint32_t base, int shift,
                                           uint32_t mask, uint32_t most)
{
    struct contend_halves h = contend_line_halves(words, 1);

    h.first = contend_halves_behind(h.first, base, shift, mask, most);
    h.second = contend_halves_behind(h.second, base, shift, mask, most);
    return contend_halves_bits(h);
}

/* Which of the eight words have an upper half with none of these bits. */
static inline unsigned contend_line_without(const _Atomic uint64_t *words, uint32_t bits)
{
    struct contend_halves h = contend_line_halves(words, 1);
    __m128i mask = _mm_set1_epi32((int)bits);

    h.first = _mm_cmpeq_epi32(_mm_and_si128(h.first, mask), _mm_setzero_si128());
    h.second = _mm_cmpeq_epi32(_mm_and_si128(h.second, mask), _mm_setzero_si128());
    return contend_halves_bits(h);
}

/* ---- words of 32 bits ---- */

/* A bit for each of sixteen words whose bits are all set; the others have none set. */
static inline unsigned contend_small_bits(const __m128i words[4])
{
    return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(_mm_packs_epi32(words[0], words[1]),
                                                       _mm_packs_epi32(words[2], words[3])));
}

/* Which of the sixteen words, aligned to 64 bytes, equal `wanted` under the mask. */
static inline unsigned contend_small_line_equal(const _Atomic uint32_t *words, uint32_t mask,
                                                uint32_t wanted)
{
    const volatile __m128i *line = (const volatile __m128i *)(uintptr_t)words; /* as above */
    __m128i equal[4];

    for (int i = 0; i < 4; i++)
        equal[i] = _mm_cmpeq_epi32(_mm_and_si128(line[i], _mm_set1_epi32((int)mask)),
                                   _mm_set1_epi32((int)wanted));
    return contend_small_bits(equal);
}

/* As contend_line_behind, of whole words. */
static inline unsigned contend_small_line_behind(const _Atomic uint32_t *words, uint32_t base,
                                                 int shift, uint32_t mask, uint32_t most)
{
    const volatile __m128i *line = (const volatile __m128i *)(uintptr_t)words; /* as above */
    __m128i behind[4];

    for (int i = 0; i < 4; i++)
        behind[i] = contend_halves_behind(line[i], base, shift, mask, most);
    return contend_small_bits(behind);
}

#endif /* CONTEND_VECTORS */

#endif
