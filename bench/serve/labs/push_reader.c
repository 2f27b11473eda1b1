/* push_reader.c - see push_reader.h. */
#include "bench/serve/labs/push_reader.h"

#include <errno.h>
#include <string.h>

enum { PING_MOST = 125 }; /* bytes of a control frame, by RFC 6455 */

void push_reader_begin(struct push_reader *r, enum push_way way)
{
    r->way = way;
    r->begun = false;
    r->got = r->taken = 0;
}

char *push_reader_space(struct push_reader *r, size_t *most)
{
    *most = PUSH_BUFFER - r->got;
    return r->in + r->got;
}

void push_reader_add(struct push_reader *r, size_t count)
{
    r->got += count;
}

/* A whole answer to a poll or a long poll, or the head of what is pushed. */
static ssize_t read_answer(struct push_reader *r, const char *at, size_t n, struct push_unit *out)
{
    struct wire_answer a;
    ssize_t used = wire_read_answer(at, n, &a);

    if (used <= 0)
        return used;
    r->begun = r->way == PUSH_STREAM || r->way == PUSH_SOCKET;
    out->kind = r->begun ? PUSH_HEAD : PUSH_ANSWER;
    out->status = a.status;
    memcpy(out->etag, a.etag, sizeof out->etag);
    out->has_total = wire_find_number(a.body, a.length, "\"total\":", &out->total);
    return used;
}

static void read_message(const char *text, size_t n, struct push_unit *out)
{
    out->kind = PUSH_MESSAGE;
    out->has_total = wire_find_number(text, n, "\"claps\":[[1,", &out->total);
}

static ssize_t read_event(const char *at, size_t n, struct push_unit *out)
{
    const char *end = memmem(at, n, "\n\n", 2);

    if (!end)
        return 0;
    read_message(at, (size_t)(end - at), out);
    return end + 2 - at;
}

static ssize_t read_frame(const char *at, size_t n, struct push_unit *out)
{
    struct wire_frame f;
    ssize_t used = wire_read_frame(at, n, &f);

    if (used <= 0)
        return used;
    if (f.kind == WIRE_TEXT) {
        read_message(f.payload, f.length, out);
    } else if (f.kind == WIRE_PING) {
        if (f.length > PING_MOST)
            return -EPROTO;
        out->kind = PUSH_PING;
        out->payload = f.payload;
        out->length = f.length;
    }
    return used;
}

int push_reader_next(struct push_reader *r, struct push_unit *out)
{
    const char *at = r->in + r->taken;
    size_t n = r->got - r->taken;
    ssize_t used;

    memset(out, 0, sizeof *out);
    out->kind = PUSH_OTHER;
    if (!r->begun)
        used = read_answer(r, at, n, out);
    else
        used = r->way == PUSH_STREAM ? read_event(at, n, out) : read_frame(at, n, out);
    if (used < 0)
        return (int)used;
    if (used > 0) {
        r->taken += (size_t)used;
        return 1;
    }
    memmove(r->in, at, n);
    r->got = n;
    r->taken = 0;
    return n == PUSH_BUFFER ? -EPROTO : 0;
}
