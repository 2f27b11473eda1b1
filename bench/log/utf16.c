/* utf16.c - UTF-16 to UTF-8. */
#include "bench/log/utf16.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { REPLACEMENT = 0xfffd, MARK = 0xfeff };

void utf16_begin(struct utf16 *u, const char *text, size_t length)
{
    u->order = UTF16_NONE;
    u->halves = 0;
    u->high = 0;
    if (length >= 2 && memcmp(text, "\xff\xfe", 2) == 0)
        u->order = UTF16_LITTLE;
    else if (length >= 2 && memcmp(text, "\xfe\xff", 2) == 0)
        u->order = UTF16_BIG;
}

void utf16_free(struct utf16 *u)
{
    free(u->out);
}

static size_t put(char *out, uint32_t c)
{
    unsigned tail = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };

    out[0] = (char)(first[tail] | c >> 6 * tail);
    for (unsigned i = 1; i <= tail; i++)
        out[i] = (char)(0x80 | (c >> 6 * (tail - i) & 0x3f));
    return tail + 1;
}

/* One unit of two bytes; up to two characters come of it. */
static size_t take(struct utf16 *u, char *out, uint32_t unit)
{
    uint32_t high = u->high;
    size_t used = 0;

    u->high = 0;
    if (high && unit >= 0xdc00 && unit <= 0xdfff)
        return put(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
    if (high)
        used = put(out, REPLACEMENT);
    if (unit >= 0xd800 && unit <= 0xdbff)
        u->high = unit;
    else if (unit != MARK)
        used += put(out + used, unit >= 0xdc00 && unit <= 0xdfff ? REPLACEMENT : unit);
    return used;
}

int utf16_convert(struct utf16 *u, const char **block, size_t *length)
{
    const unsigned char *in = (const unsigned char *)*block;
    size_t wanted = 3 * (*length + 2), used = 0;

    if (wanted > u->capacity) {
        char *out = realloc(u->out, wanted);
        if (!out)
            return -ENOMEM;
        u->out = out;
        u->capacity = wanted;
    }
    for (size_t i = 0; i < *length; i++) {
        if (!u->halves) {
            u->half = in[i];
            u->halves = 1;
            continue;
        }
        u->halves = 0;
        uint32_t first = u->half, second = in[i];
        used += take(u, u->out + used,
                     u->order == UTF16_LITTLE ? first | second << 8 : first << 8 | second);
    }
    *block = u->out;
    *length = used;
    return 0;
}
