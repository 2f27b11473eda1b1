/*
 * serve_bytes.c - what clients send to `contend serve`, before anything is known about it: heads of requests, and
 * frames of WebSockets.
 *
 * A head is the same however it was cut, and what is found in it lies within its bytes.  Of frames the same is
 * heard however they were cut, and they are closed for the same reason; a text is UTF-8 for jansson.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/head.h"
#include "tests/fuzz/fuzz.h"

#ifdef CONTEND_HAS_WEBSOCKETS
#include "bench/serve/frames.h"
#endif

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

#ifdef CONTEND_HAS_WEBSOCKETS

/* What came of frames: each message with its kind before it, and the frame that closes. */
struct told {
    char *heard;
    size_t length, said;
    unsigned char last[FRAMES_CLOSE]; /* of what was written, the end */
};

static void hear(void *user, enum wslay_opcode kind, const char *bytes, size_t n)
{
    struct told *t = user;

    FUZZ_CHECK(n <= FRAMES_MESSAGE && (kind == WSLAY_TEXT_FRAME || kind == WSLAY_BINARY_FRAME || kind == WSLAY_PONG));
    t->heard[t->length++] = (char)kind;
    if (n)
        memcpy(t->heard + t->length, bytes, n);
    t->length += n;
    if (kind != WSLAY_TEXT_FRAME)
        return;
    json_t *text = json_stringn(n ? bytes : "", n);
    FUZZ_CHECK(text != NULL);
    json_decref(text);
}

static void keep_last(struct told *t, const unsigned char *out, size_t n)
{
    t->said += n;
    for (size_t i = 0; i < n; i++) {
        memmove(t->last, t->last + 1, sizeof t->last - 1);
        t->last[sizeof t->last - 1] = out[i];
    }
}

/* Reads the frames in pieces of so many bytes, and writes what there is to say into as few. */
static bool listen(struct told *t, const char *bytes, size_t size, size_t piece, size_t room)
{
    unsigned char out[MOST];
    struct frames f;
    bool closed;

    *t = (struct told){ .heard = malloc(2 * size + 1) };
    if (!t->heard || frames_begin(&f, hear, t) != 0)
        abort();
    for (size_t at = 0, n; at < size && !f.closed; at += n) {
        n = size - at < piece ? size - at : piece;
        char *exact = fuzz_copy(bytes + at, n);
        frames_read(&f, exact, n);
        free(exact);
        for (size_t wrote; (wrote = frames_write(&f, out, room)) > 0;) {
            FUZZ_CHECK(wrote <= room);
            keep_last(t, out, wrote);
        }
    }
    closed = f.closed;
    FUZZ_CHECK(t->said <= size + FRAMES_CLOSE);
    frames_end(&f);
    return closed;
}

/* The code of the frame that closes, or 0. */
static unsigned code_of(const struct told *t, bool closed)
{
    FUZZ_CHECK(!closed || (t->said >= FRAMES_CLOSE && t->last[0] == 0x88 && t->last[1] == 2));
    return closed ? (unsigned)t->last[2] << 8 | t->last[3] : 0;
}

/* Where a client closes with words in pieces, wslay passes over two bytes of each as if they were the code. */
static bool are_alike(unsigned one, unsigned other)
{
    return one == other || one == WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA ||
           other == WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA;
}

static void try_frames(const char *bytes, size_t size)
{
    struct told whole, pieces;
    size_t piece = size ? 1 + (unsigned char)bytes[0] % 7 : 1;
    bool closed = listen(&whole, bytes, size, size, MOST), again = listen(&pieces, bytes, size, piece, FRAMES_CLOSE);

    FUZZ_CHECK(whole.length == pieces.length && memcmp(whole.heard, pieces.heard, whole.length) == 0);
    FUZZ_CHECK(are_alike(code_of(&whole, closed), code_of(&pieces, again)));
    free(whole.heard);
    free(pieces.heard);
}

#else

static void try_frames(const char *bytes, size_t size)
{
    (void)bytes, (void)size; /* what reads them is not there */
}

#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = fuzz_copy(data, size);

    try_head(bytes, size);
    try_frames(bytes, size);
    free(bytes);
    return 0;
}
