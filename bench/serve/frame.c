/* frame.c - see frame.h. */
#include "bench/serve/frame.h"

#include <string.h>

enum { FINAL = 0x80, RESERVED = 0x70, KIND = 0x0f, MASKED = 0x80, LENGTH = 0x7f, LONG = 126, MASK_BYTES = 4 };

static bool is_control(unsigned kind)
{
    return kind >= FRAME_CLOSE;
}

/* What is wrong with the first two bytes of a frame: 0, or what to close with, below 0. */
static int judge(unsigned first, unsigned second)
{
    unsigned kind = first & KIND, length = second & LENGTH;

    if (first & RESERVED || !(second & MASKED) || kind > FRAME_PONG ||
        (kind > FRAME_BINARY && kind < FRAME_CLOSE))
        return -CLOSE_PROTOCOL;
    if (is_control(kind))
        return length <= FRAME_CONTROL && first & FINAL ? 0 : -CLOSE_PROTOCOL;
    return length > LONG ? -CLOSE_TOO_LONG : 0; /* 64 KB and more */
}

int frame_read(unsigned char *bytes, size_t n, struct frame *out)
{
    size_t head = 2 + MASK_BYTES, length;
    int wrong = n >= 2 ? judge(bytes[0], bytes[1]) : 0;

    if (wrong || n < 2)
        return wrong;
    length = bytes[1] & LENGTH;
    if (length == LONG) {
        head += 2;
        if (n < 4)
            return 0;
        length = (size_t)bytes[2] << 8 | bytes[3];
        if (length < LONG) /* the shortest form is the only one (5.2) */
            return -CLOSE_PROTOCOL;
    }
    if (length > FRAME_MESSAGE)
        return -CLOSE_TOO_LONG;
    if (n < head + length)
        return 0;
    *out = (struct frame){ (enum frame_kind)(bytes[0] & KIND), bytes[0] & FINAL, bytes + head, length };
    for (size_t i = 0; i < length; i++)
        out->data[i] ^= bytes[head - MASK_BYTES + i % MASK_BYTES];
    return (int)(head + length);
}

int frame_join(struct frame_message *m, const struct frame *f)
{
    if ((f->kind == FRAME_MORE) != (m->kind != FRAME_MORE))
        return -CLOSE_PROTOCOL; /* nothing to go on with, or a second one in the middle of the first */
    if (f->kind != FRAME_MORE) {
        m->kind = f->kind;
        m->length = 0;
    }
    if (f->length > sizeof m->text - m->length)
        return -CLOSE_TOO_LONG;
    memcpy(m->text + m->length, f->data, f->length);
    m->length += (unsigned)f->length;
    if (!f->final)
        return 0;
    bool readable = m->kind != FRAME_TEXT || frame_is_utf8((const unsigned char *)m->text, m->length);
    m->kind = FRAME_MORE;
    return readable ? 1 : -CLOSE_NOT_UTF8;
}

bool frame_may_close(const struct frame *f, enum frame_close *answer)
{
    unsigned code = f->length >= 2 ? (unsigned)f->data[0] << 8 | f->data[1] : CLOSE_NORMAL;
    bool known = (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) ||
                 (code >= 3000 && code <= 4999);

    if (f->length == 1 || !known)
        *answer = CLOSE_PROTOCOL;
    else if (f->length > 2 && !frame_is_utf8(f->data + 2, f->length - 2))
        *answer = CLOSE_NOT_UTF8;
    else
        return true;
    return false;
}

/* How many bytes follow the first of a character; *least is the smallest that needs as many.  -1: none does. */
static int followers(unsigned char first, uint32_t *value, uint32_t *least)
{
    static const struct { unsigned char mask, bits; uint32_t least; } forms[] = {
        { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 },
    };

    for (int i = 0; i < (int)(sizeof forms / sizeof *forms); i++)
        if ((first & forms[i].mask) == forms[i].bits) {
            *value = first & (unsigned char)~forms[i].mask;
            *least = forms[i].least;
            return i;
        }
    return -1;
}

bool frame_is_utf8(const unsigned char *bytes, size_t n)
{
    for (size_t at = 0; at < n;) {
        uint32_t value = 0, least = 0;
        int more = followers(bytes[at++], &value, &least);
        if (more < 0 || (size_t)more > n - at)
            return false;
        for (; more > 0; more--, at++) {
            if ((bytes[at] & 0xc0) != 0x80)
                return false;
            value = value << 6 | (bytes[at] & 0x3f);
        }
        if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
            return false;
    }
    return true;
}

size_t frame_put_head(unsigned char *out, enum frame_kind kind, size_t n)
{
    out[0] = (unsigned char)(FINAL | kind);
    if (n < LONG) {
        out[1] = (unsigned char)n;
        return 2;
    }
    out[1] = LONG;
    out[2] = (unsigned char)(n >> 8);
    out[3] = (unsigned char)n;
    return 4;
}
