/*
 * serve_wire.c - what a service sends, as the load generator reads it: an answer of HTTP, a WebSocket's frame, and
 * the number behind a name.
 *
 * What is found lies within the bytes; what is whole stays the same whatever follows; and what is not whole yet
 * is not found in any beginning of it either.  A slow reader finds the same number.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/labs/wire.h"
#include "tests/fuzz/fuzz.h"

static bool within(const char *part, size_t length, const char *bytes, ssize_t used)
{
    return part >= bytes && part + length <= bytes + used;
}

static void try_answer(const char *bytes, size_t size)
{
    struct wire_answer whole, again;
    ssize_t used = wire_read_answer(bytes, size, &whole);

    FUZZ_CHECK(used <= (ssize_t)size);
    if (used <= 0)
        return;
    FUZZ_CHECK(within(whole.body, whole.length, bytes, used));
    FUZZ_CHECK(strlen(whole.etag) < sizeof whole.etag);
    char *exact = fuzz_copy(bytes, (size_t)used);
    FUZZ_CHECK(wire_read_answer(exact, (size_t)used, &again) == used);
    FUZZ_CHECK(again.status == whole.status && again.length == whole.length);
    free(exact);
    char *less = fuzz_copy(bytes, (size_t)used - 1);
    FUZZ_CHECK(wire_read_answer(less, (size_t)used - 1, &again) <= 0);
    free(less);
}

static void try_frame(const char *bytes, size_t size)
{
    struct wire_frame whole, again;
    ssize_t used = wire_read_frame(bytes, size, &whole);

    FUZZ_CHECK(used <= (ssize_t)size);
    if (used <= 0)
        return;
    FUZZ_CHECK(within(whole.payload, whole.length, bytes, used) && whole.kind < 16);
    char *less = fuzz_copy(bytes, (size_t)used - 1);
    FUZZ_CHECK(wire_read_frame(less, (size_t)used - 1, &again) == 0);
    free(less);
}

static void try_number(const char *bytes, size_t size)
{
    static const char name[] = "\"total\":";
    char *text = fuzz_string(bytes, size), *at = strstr(text, name);
    size_t length = strlen(text), digits = at ? strspn(at + strlen(name), "0123456789") : 0;
    char *exact = fuzz_copy(text, length); /* which does not end with a zero byte */
    int64_t total = -1;
    bool found = wire_find_number(exact, length, name, &total);

    if (found)
        FUZZ_CHECK(digits > 0 && total == (int64_t)strtoull(at + strlen(name), NULL, 10));
    else
        FUZZ_CHECK(digits == 0 || strtoull(at + strlen(name), NULL, 10) > (uint64_t)WIRE_MOST_TOTAL);
    free(exact);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = fuzz_copy(data, size);

    try_answer(bytes, size);
    try_frame(bytes, size);
    try_number(bytes, size);
    free(bytes);
    return 0;
}
