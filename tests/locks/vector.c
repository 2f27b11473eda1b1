/*
 * vector.c - the vector forms of looking at a line say the same as loops over its words.
 */
#include "locks/parts/vector.h"
#include "tests/support/support.h"

static void counts_bits(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 256; bits++)
        assert_int_equal(contend_count_bits(bits), __builtin_popcount(bits));
}

#if CONTEND_VECTORS

struct line {
    _Alignas(64) _Atomic uint64_t words[CONTEND_VECTOR_WORDS];
};

enum { SHIFTS = 20, LINES = 20000 };

/* Words that often agree in a half, are often 0, and have fields near the base. */
static uint64_t word(struct support_random *r, uint64_t base, unsigned shift, uint64_t mask)
{
    uint64_t low = support_below(r, 3) ? support_below(r, 4) : support_random(r) & UINT32_MAX;
    uint64_t field = (base - support_below(r, 6)) & mask;

    return support_below(r, 4) ? (field << shift | support_below(r, 2)) << 32 | low : 0;
}

static void agrees_with_loops(void **state)
{
    struct support_random r = { support_seed() };
    struct line line;

    (void)state;
    for (int k = 0; k < LINES; k++) {
        unsigned shift = (unsigned)support_below(&r, SHIFTS) + 8, equal = 0, behind = 0, without = 0;
        uint64_t mask = UINT32_MAX >> shift, base = support_random(&r);
        uint32_t bits = support_below(&r, 2) ? UINT32_MAX : (uint32_t)support_random(&r);
        uint32_t most = (uint32_t)support_below(&r, 4), wanted = (uint32_t)support_below(&r, 4);
        for (unsigned i = 0; i < CONTEND_VECTOR_WORDS; i++) {
            uint64_t w = word(&r, base, shift, mask), field = w >> 32 >> shift;
            atomic_init(&line.words[i], w);
            equal |= (unsigned)((uint32_t)w == wanted) << i;
            behind |= (unsigned)(((base - field) & mask) > most) << i;
            without |= (unsigned)((w >> 32 & bits) == 0) << i;
        }
        assert_int_equal(contend_line_equal(line.words, wanted), equal);
        assert_int_equal(contend_line_behind(line.words, (uint32_t)base, (int)shift,
                                             (uint32_t)mask, most), behind);
        assert_int_equal(contend_line_without(line.words, bits), without);
    }
}

struct small_line {
    _Alignas(64) _Atomic uint32_t words[CONTEND_VECTOR_SMALL_WORDS];
};

/* The same of words of 32 bits: a mask leaves out the field, which is the highest bits. */
static void agrees_with_loops_over_small_words(void **state)
{
    struct support_random r = { support_seed() };
    struct small_line line;

    (void)state;
    for (int k = 0; k < LINES; k++) {
        unsigned shift = (unsigned)support_below(&r, SHIFTS) + 8, equal = 0, behind = 0;
        uint32_t mask = UINT32_MAX >> shift, base = (uint32_t)support_random(&r);
        uint32_t most = (uint32_t)support_below(&r, 4), wanted = (uint32_t)support_below(&r, 4);
        uint32_t of = UINT32_MAX >> (32 - shift);
        for (unsigned i = 0; i < CONTEND_VECTOR_SMALL_WORDS; i++) {
            uint32_t field = (base - (uint32_t)support_below(&r, 6)) & mask;
            uint32_t w = field << shift | (uint32_t)support_below(&r, 4);
            atomic_init(&line.words[i], w);
            equal |= (unsigned)((w & of) == wanted) << i;
            behind |= (unsigned)(((base - field) & mask) > most) << i;
        }
        assert_int_equal(contend_small_line_equal(line.words, of, wanted), equal);
        assert_int_equal(contend_small_line_behind(line.words, base, (int)shift, mask, most),
                         behind);
    }
}

#else

static void agrees_with_loops_over_small_words(void **state)
{
    (void)state;
    skip(); /* there are only loops */
}

static void agrees_with_loops(void **state)
{
    (void)state;
    skip(); /* there are only loops */
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_bits),
        cmocka_unit_test(agrees_with_loops),
        cmocka_unit_test(agrees_with_loops_over_small_words),
    };

    return cmocka_run_group_tests_name("vector", tests, NULL, NULL);
}
