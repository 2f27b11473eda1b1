/* instructions.c - see instructions.h; the tables are those of Intel's manual, volume 2, appendix A. */
#include "bench/check/instructions.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum map { MAP_ONE, MAP_0F, MAP_0F38, MAP_0F3A };

struct reader {
    const unsigned char *at, *end;
    bool operand16, address32, wide; /* prefixes */
    bool known;
};

static unsigned next(struct reader *r)
{
    if (r->at < r->end)
        return *r->at++;
    r->known = false;
    return 0;
}

static void skip(struct reader *r, unsigned bytes)
{
    if ((size_t)(r->end - r->at) < bytes)
        r->known = false;
    else
        r->at += bytes;
}

static int32_t offset(struct reader *r)
{
    int32_t o = 0;

    if (r->end - r->at >= 4)
        memcpy(&o, r->at, 4);
    skip(r, 4);
    return o;
}

/* Prefixes up to the opcode, the map of which it returns. */
static enum map take_prefixes(struct reader *r, bool *vector)
{
    *vector = false;
    while (r->at < r->end && memchr("\x66\x67\x2e\x36\x3e\x26\x64\x65\xf0\xf2\xf3", *r->at, 11)) {
        r->operand16 |= *r->at == 0x66;
        r->address32 |= *r->at == 0x67;
        r->at++;
    }
    if (r->at < r->end && (*r->at & 0xf0) == 0x40)
        r->wide = next(r) & 8;
    if (r->at == r->end)
        return MAP_ONE;
    *vector = *r->at == 0xc5 || *r->at == 0xc4 || *r->at == 0x62;
    switch (*r->at) {
    case 0xc5: skip(r, 2); return MAP_0F;
    case 0xc4:
    case 0x62: {
        bool four = next(r) == 0x62;
        unsigned map = next(r) & (four ? 7 : 31);
        skip(r, four ? 2 : 1);
        r->known &= map >= MAP_0F && map <= MAP_0F3A;
        return (enum map)map;
    }
    case 0x0f: break;
    default: return MAP_ONE;
    }
    skip(r, 1);
    if (r->at < r->end && (*r->at == 0x38 || *r->at == 0x3a))
        return next(r) == 0x38 ? MAP_0F38 : MAP_0F3A;
    return MAP_0F;
}

static bool has_operands(enum map map, unsigned op, bool vector)
{
    if (map > MAP_0F)
        return true;
    if (map == MAP_0F)
        return op != 0x77 && (vector || !((op >= 0x05 && op <= 0x0b && op != 0x0a) || (op >= 0x30 && op <= 0x37) ||
                                          (op & 0xf0) == 0x80 || (op >= 0xa0 && op <= 0xa2) ||
                                          (op >= 0xa8 && op <= 0xaa) || op >= 0xc8) || op >= 0xd0);
    if (op < 0x40)
        return (op & 7) < 4;
    return op == 0x63 || op == 0x69 || op == 0x6b || (op >= 0x80 && op <= 0x8f) || op == 0xc0 || op == 0xc1 ||
           op == 0xc6 || op == 0xc7 || (op >= 0xd0 && op <= 0xd3) || (op >= 0xd8 && op <= 0xdf) || op == 0xf6 ||
           op == 0xf7 || op == 0xfe || op == 0xff;
}

/* The bytes of a constant behind the operands; `modrm` tells some apart. */
static unsigned constant_size(const struct reader *r, enum map map, unsigned op, unsigned modrm, bool vector)
{
    unsigned full = r->operand16 ? 2 : 4;

    if (map == MAP_0F3A)
        return 1;
    if (map == MAP_0F38)
        return 0;
    if (map == MAP_0F)
        return !vector && (op & 0xf0) == 0x80 ? 4
               : memchr("\x0f\x70\x71\x72\x73\xa4\xac\xba\xc2\xc4\xc5\xc6", (int)op, 12) ? 1 : 0;
    if (op < 0x40)
        return (op & 7) == 4 ? 1 : (op & 7) == 5 ? full : 0;
    if ((op >= 0x70 && op <= 0x7f) || (op >= 0xb0 && op <= 0xb7) || (op >= 0xe0 && op <= 0xe7) ||
        memchr("\x6a\x6b\x80\x83\xa8\xc0\xc1\xc6\xcd\xeb", (int)op, 10))
        return 1;
    if (op >= 0xb8 && op <= 0xbf)
        return r->wide ? 8 : full;
    switch (op) {
    case 0x68: case 0x69: case 0x81: case 0xa9: case 0xc7: return full;
    case 0xa0: case 0xa1: case 0xa2: case 0xa3: return r->address32 ? 4 : 8;
    case 0xc2: case 0xca: return 2;
    case 0xc8: return 3;
    case 0xe8: case 0xe9: return 4;
    case 0xf6: return (modrm >> 3 & 7) < 2 ? 1 : 0;
    case 0xf7: return (modrm >> 3 & 7) < 2 ? full : 0;
    default: return 0;
    }
}

/* The parts of an address that follow. */
static void skip_address(struct reader *r, unsigned modrm)
{
    unsigned mod = modrm >> 6, rm = modrm & 7, base = rm;

    if (mod == 3)
        return;
    if (rm == 4)
        base = next(r) & 7;
    if (mod == 1)
        skip(r, 1);
    else if (mod == 2 || base == 5)
        skip(r, 4);
}

struct instruction instruction_at(const unsigned char *at, const unsigned char *end)
{
    struct reader r = { .at = at, .end = end, .known = true };
    struct instruction i = { 0 };
    bool vector;
    enum map map = take_prefixes(&r, &vector);
    unsigned op = next(&r), modrm = 0xff;

    if (has_operands(map, op, vector)) {
        modrm = next(&r);
        skip_address(&r, modrm);
    }
    if (map == MAP_ONE && (op == 0xe8 || op == 0xe9)) {
        int32_t by = offset(&r);
        i.calls = r.at + by;
    } else {
        skip(&r, constant_size(&r, map, op, modrm, vector));
    }
    if (!r.known)
        return i;
    i.length = (unsigned)(r.at - at);
    i.swaps = map == MAP_ONE && (op == 0x86 || op == 0x87) && modrm >> 6 != 3;
    i.stores = map == MAP_ONE && (op == 0x88 || op == 0x89 || op == 0xc6 || op == 0xc7) && (modrm & 0xc7) == 5;
    i.calls_elsewhere = map == MAP_ONE && op == 0xff && (modrm >> 3 & 7) >= 2 && (modrm >> 3 & 7) <= 5;
    return i;
}
