/* mutate.c - see mutate.h. */
#include "tests/fuzz/mutate.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* A piece of an input. */
struct piece {
    size_t from, size;
};

static size_t below(struct random *r, size_t bound)
{
    return bound ? (size_t)random_below(r, bound) : 0;
}

/* Puts `size` bytes where the piece is; what does not fit is left out. */
static void replace(struct input *in, struct piece p, const uint8_t *bytes, size_t size)
{
    size_t after = in->size - p.from - p.size, room = MUTATE_MAX - p.from;
    uint8_t kept[MUTATE_MAX];

    memcpy(kept, in->bytes + p.from + p.size, after);
    size = size < room ? size : room;
    if (size)
        memcpy(in->bytes + p.from, bytes, size);
    after = after < room - size ? after : room - size;
    memcpy(in->bytes + p.from + size, kept, after);
    in->size = p.from + size + after;
}

/* Short pieces more often than long ones. */
static struct piece any_piece(const struct input *in, struct random *r)
{
    size_t from = below(r, in->size + 1), most = in->size - from;
    size_t size = below(r, most + 1) >> below(r, 8);

    return (struct piece){ from, size };
}

static bool in_word(uint8_t c)
{
    return isalnum(c) || c == '_' || c == '.';
}

/* The word around or behind a random place; empty if there is none. */
static struct piece any_word(const struct input *in, struct random *r)
{
    size_t from = below(r, in->size + 1), end;

    while (from < in->size && !in_word(in->bytes[from]))
        from++;
    while (from > 0 && from < in->size && in_word(in->bytes[from - 1]))
        from--;
    for (end = from; end < in->size && in_word(in->bytes[end]); end++)
        ;
    return (struct piece){ from, end - from };
}

static void change_byte(struct input *in, struct random *r)
{
    static const char special[] = "\0\n\r\t \"'\\,;:=+-/@#%?[]{}.0189aZ\x7f\x80\xff";
    size_t at = below(r, in->size);

    if (!in->size)
        return;
    if (random_below(r, 2))
        in->bytes[at] = (uint8_t)special[random_below(r, sizeof special - 1)];
    else
        in->bytes[at] ^= (uint8_t)(1u << random_below(r, 8));
}

static void change_number(struct input *in, struct random *r)
{
    static const char *const numbers[] = {
        "0", "1", "-1", "+1", "007", "64", "65", "255", "256", "1e308", "1e-320", "0.5", "nan",
        "2147483648", "4294967296", "4294967297", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "-18446744073709551615",
        "253402300799", "253402300800", "99999999999999999999999999",
    };
    const char *number = numbers[random_below(r, sizeof numbers / sizeof *numbers)];
    size_t from = below(r, in->size), end;

    while (from < in->size && !isdigit(in->bytes[from]))
        from++;
    for (end = from; end < in->size && isdigit(in->bytes[end]); end++)
        ;
    replace(in, (struct piece){ from, end - from }, (const uint8_t *)number, strlen(number));
}

void mutate(struct input *in, const struct input *other, struct random *r)
{
    struct piece p, q;

    for (uint64_t changes = 1 + random_below(r, 4); changes > 0; changes--)
        switch (random_below(r, 8)) {
        case 0: /* a piece goes */
            replace(in, any_piece(in, r), NULL, 0);
            break;
        case 1: /* a piece of another input comes */
        case 2:
            p = any_piece(in, r);
            q = any_piece(other, r);
            replace(in, p, other->bytes + q.from, q.size);
            break;
        case 3: /* a word of another input comes */
        case 4:
            p = any_word(in, r);
            q = any_word(other, r);
            replace(in, p, other->bytes + q.from, q.size);
            break;
        case 5:
            change_number(in, r);
            break;
        default:
            change_byte(in, r);
        }
}
