/*
 * serve_subscriber.c - what a subscriber of the load generator reads: "WAY PIECE", a line end, and the bytes that
 * the service sends.  WAY is the number of a way, and PIECE a letter.
 *
 * In pieces of whatever size the same is heard as in one; what is heard lies within the bytes.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/labs/push_reader.h"
#include "tests/fuzz/fuzz.h"

/* All that was heard. */
struct heard {
    uint64_t digest; /* FNV-1a */
    size_t units, left;
    int end; /* 0, or the error */
};

static void mix(struct heard *h, const void *bytes, size_t n)
{
    const uint8_t *b = bytes;

    while (n--)
        h->digest = (h->digest ^ *b++) * UINT64_C(0x100000001b3);
}

static void check(const struct push_reader *r, const struct push_unit *u, bool first)
{
    bool pushed = r->way == PUSH_STREAM || r->way == PUSH_SOCKET;

    FUZZ_CHECK(pushed ? (u->kind == PUSH_HEAD) == first && u->kind != PUSH_ANSWER : u->kind == PUSH_ANSWER);
    FUZZ_CHECK(!u->has_total || (u->total >= 0 && u->total <= WIRE_MOST_TOTAL));
    FUZZ_CHECK(strnlen(u->etag, sizeof u->etag) < sizeof u->etag);
    FUZZ_CHECK(r->taken <= r->got && r->got <= PUSH_BUFFER);
    if (u->kind == PUSH_PING)
        FUZZ_CHECK(u->length <= 125 && u->payload >= r->in && u->payload + u->length <= r->in + r->taken);
}

static void hear(enum push_way way, const uint8_t *data, size_t size, size_t piece, struct heard *out)
{
    struct push_reader *r = malloc(sizeof *r); /* so that reading beyond it is seen */
    struct push_unit u;
    size_t most;

    *out = (struct heard){ .digest = UINT64_C(0xcbf29ce484222325) };
    push_reader_begin(r, way);
    while (size && !out->end) {
        char *space = push_reader_space(r, &most);
        size_t n = most < piece ? most : piece;
        n = n < size ? n : size;
        FUZZ_CHECK(n > 0);
        memcpy(space, data, n);
        push_reader_add(r, n);
        data += n;
        size -= n;
        while ((out->end = push_reader_next(r, &u)) > 0) {
            check(r, &u, out->units++ == 0);
            mix(out, &u.kind, sizeof u.kind);
            mix(out, &u.status, sizeof u.status);
            mix(out, u.etag, strlen(u.etag));
            mix(out, &u.has_total, sizeof u.has_total);
            mix(out, &u.total, sizeof u.total);
            mix(out, u.payload, u.length);
        }
        FUZZ_CHECK(out->end == 0 || out->end == -EPROTO);
    }
    out->left = out->end ? 0 : r->got;
    free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *rest;
    size_t line = fuzz_first_line(data, size, &rest);
    struct heard whole, pieces;

    if (line < 3)
        return 0;
    enum push_way way = (enum push_way)((uint8_t)(data[0] - '0') % PUSH_WAYS);
    size = (size_t)(data + size - rest);
    hear(way, rest, size, PUSH_BUFFER, &whole);
    hear(way, rest, size, 1 + (uint8_t)(data[2] - 'a'), &pieces);
    FUZZ_CHECK(whole.units == pieces.units && whole.digest == pieces.digest);
    FUZZ_CHECK(whole.end == pieces.end && whole.left == pieces.left);
    return 0;
}
