/*
 * number.c - a number on the command line: "64", "100k", "1M".
 *
 * The text is taken as it stands.  Beside the parser goes one that is slow and cannot
 * wrap: digits, then one letter, counted in 128 bits.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "tests/fuzz/fuzz.h"

__extension__ typedef unsigned __int128 wide;

static const struct range {
    uint64_t low, high;
} ranges[] = { { 1, 64 }, { 0, INT64_MAX }, { 1, 100000000 }, { 0, 100 }, { 0, UINT64_MAX } };

/* Whether it is a number at all, and which; what is above 2^64 becomes 2^64. */
static bool read_slowly(const char *text, wide *n)
{
    const wide most = (wide)UINT64_MAX + 1;
    size_t digits = strspn(text, "0123456789");
    const char *letter = text + digits;

    *n = 0;
    for (size_t i = 0; i < digits; i++) {
        *n = *n * 10 + (unsigned)(text[i] - '0');
        *n = *n < most ? *n : most;
    }
    if (strcmp(letter, "k") == 0 || strcmp(letter, "K") == 0)
        *n *= 1000;
    else if (strcmp(letter, "M") == 0)
        *n *= 1000000;
    else if (*letter)
        return false;
    return digits > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size);
    wide wanted;
    bool is_number = read_slowly(text, &wanted);

    arguments_of("fuzz");
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        uint64_t n;
        bool good = is_number && wanted >= ranges[i].low && wanted <= ranges[i].high;
        int error = arguments_number("number", text, ranges[i].low, ranges[i].high, &n);
        FUZZ_CHECK(good == (error == 0));
        FUZZ_CHECK(!good || n == (uint64_t)wanted);
    }
    free(text);
    return 0;
}
