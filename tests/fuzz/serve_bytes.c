/*
 * serve_bytes.c - what clients send to `contend serve`, before anything is known about it: heads of requests, and
 * frames of WebSockets.
 *
 * A head is the same however it was cut, and what is found in it lies within its bytes.  A frame is not
 * taken before it is whole, and what is UTF-8 for it is UTF-8 for jansson.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/frame.h"
#include "bench/serve/head.h"
#include "tests/fuzz/fuzz.h"

enum { MOST = 64 * 1024 };

static void lies_within(struct head_text t, const char *bytes, int64_t end)
{
    FUZZ_CHECK(!t.at || (t.at >= bytes && t.at + t.length <= bytes + end));
}

static void try_target(const struct head *h)
{
    static char path[MOST], query[MOST];
    char little[8], less[8];
    int error = head_target(h, path, query, MOST), tight = head_target(h, little, less, sizeof little);

    if (error == 0)
        FUZZ_CHECK(path[0] == '/' && strlen(path) <= h->target.length && strlen(query) <= h->target.length);
    FUZZ_CHECK(error == 0 || error == -400 || h->target.length >= MOST);
    /* One that does not fit is decoded no further, so that it may be refused for its length alone. */
    FUZZ_CHECK(tight == error || tight == -414);
    if (tight == 0)
        FUZZ_CHECK(strcmp(little, path) == 0 && strcmp(less, query) == 0);
}

/* Whether the bytes begin with a head that is taken; it ends at *end. */
static bool is_taken(const char *bytes, size_t n, size_t *looked, int64_t *end, struct head *h)
{
    *end = head_end(bytes, n, looked);
    FUZZ_CHECK(*end <= (int64_t)n && *end >= -400);
    return *end > 0 && head_read(bytes, (size_t)*end, h) == 0;
}

static void try_head(const char *bytes, size_t size)
{
    struct head whole, again;
    size_t from_the_first = 0, looked = 0, n = 0;
    int64_t end, later = 0;
    bool taken = is_taken(bytes, size, &from_the_first, &end, &whole);

    while (n < size && later == 0) /* byte by byte */
        later = head_end(bytes, ++n, &looked);
    if (!taken) {
        FUZZ_CHECK(later <= 0 || head_read(bytes, (size_t)later, &again) != 0);
        return;
    }
    FUZZ_CHECK(later == end && n == (size_t)end);
    FUZZ_CHECK(end >= 4 && memcmp(bytes + end - 4, "\r\n\r\n", 4) == 0);
    lies_within(whole.target, bytes, end);
    lies_within(whole.if_none_match, bytes, end);
    lies_within(whole.upgrade, bytes, end);
    lies_within(whole.socket_key, bytes, end);
    lies_within(whole.socket_version, bytes, end);
    FUZZ_CHECK(memchr(whole.target.at, ' ', whole.target.length) == NULL);
    try_target(&whole);
}

static void try_frames(const char *bytes, size_t size)
{
    struct frame_message message = { .kind = FRAME_MORE };
    size_t at = 0;

    while (at < size) {
        unsigned char *exact = (unsigned char *)fuzz_copy(bytes + at, size - at);
        struct frame f;
        int used = frame_read(exact, size - at, &f), joined = 0;
        if (used > 0) {
            FUZZ_CHECK(f.data >= exact && f.data + f.length <= exact + used && f.length <= FRAME_MESSAGE);
            char *less = fuzz_copy(bytes + at, (size_t)used - 1);
            struct frame again;
            FUZZ_CHECK(frame_read((unsigned char *)less, (size_t)used - 1, &again) == 0);
            free(less);
            joined = f.kind < FRAME_CLOSE ? frame_join(&message, &f) : 0;
            FUZZ_CHECK(message.length <= sizeof message.text);
        }
        free(exact);
        if (used <= 0 || joined < 0)
            return;
        at += (size_t)used;
    }
}

static void try_utf8(const char *bytes, size_t size)
{
    json_t *text = json_stringn(bytes, size);

    FUZZ_CHECK(frame_is_utf8((const unsigned char *)bytes, size) == (text != NULL));
    json_decref(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = fuzz_copy(data, size);

    try_head(bytes, size);
    try_frames(bytes, size);
    try_utf8(bytes, size);
    free(bytes);
    return 0;
}
