/* form.c - see form.h. */
#include "bench/check/form.h"

#include <dwarf.h>
#include <stdio.h>
#include <string.h>

#include "bench/check/peek.h"
#include "bench/check/state.h"

/* Whether the bits of the field lie in those of the access; `wholly`: all of them. */
static bool lies_in(size_t first, unsigned count, size_t from, unsigned bits, bool wholly)
{
    return wholly ? first >= from && first + count <= from + bits : first < from + bits && from < first + count;
}

static void add_fields(Dwarf_Die *type, size_t from, unsigned bits, bool wholly, struct form *f)
{
    Dwarf_Die member, is;

    if (dwarf_child(type, &member) != 0)
        return;
    do {
        struct type_bits b = { 0, 0, false };
        if (dwarf_tag(&member) == DW_TAG_member && dwarf_diename(&member))
            b = type_bits_of(&member, &is);
        if (b.count == 0 || f->count == FORM_FIELDS || !lies_in(b.first, b.count, from, bits, wholly))
            continue;
        struct form_field *field = &f->fields[f->count++];
        *field = (struct form_field){ .first = (unsigned)(b.first - from), .count = wholly ? b.count : 0,
                                      .negative = b.negative };
        snprintf(field->name, sizeof field->name, "%s", dwarf_diename(&member));
    } while (dwarf_siblingof(&member, &member) == 0);
}

void form_of(Dwarf_Die *type, size_t rest, unsigned bytes, struct form *f)
{
    Dwarf_Die target;

    *f = (struct form){ .kind = FORM_WORD };
    if (bytes == 0)
        return;
    add_fields(type, 8 * rest, 8 * bytes, true, f);
    if (f->count == 0)
        add_fields(type, 8 * rest, 8 * bytes, false, f);
    if (f->count)
        f->kind = FORM_BITS;
    else if (rest)
        return;
    else if (type_kind(type) == TYPE_FLOAT && type_size(type) == bytes &&
             (bytes == sizeof(float) || bytes == sizeof(double)))
        f->kind = FORM_FLOAT;
    else if (type_is_char(type) && bytes > 1 && bytes <= sizeof(uint64_t))
        f->kind = FORM_LETTERS;
    else if (type_target(type, &target) && type_is_char(&target) && bytes == sizeof(char *))
        f->kind = FORM_TEXT;
}

void form_name(const struct form *f, char *path, size_t size)
{
    for (unsigned i = 0; f->kind == FORM_BITS && i < f->count; i++) {
        size_t used = strlen(path);
        snprintf(path + used, size - used, "%s%s", i ? ", " : f->count > 1 ? ".{" : ".", f->fields[i].name);
    }
    if (f->kind == FORM_BITS && f->count > 1)
        snprintf(path + strlen(path), size - strlen(path), "}");
}

void form_bits(uint64_t value, unsigned first, unsigned count, bool negative, char *text, size_t size)
{
    value = value << (64 - first - count);
    if (negative)
        snprintf(text, size, "%lld", (long long)((int64_t)value >> (64 - count)));
    else
        snprintf(text, size, "%llu", (unsigned long long)(value >> (64 - count)));
}

static bool print_fields(const struct form *f, uint64_t value, unsigned bytes, char *text, size_t size)
{
    char number[24];

    if (bytes > sizeof value || f->fields[0].count == 0)
        return false;
    text[0] = '\0';
    for (unsigned i = 0; i < f->count; i++) {
        const struct form_field *field = &f->fields[i];
        size_t used = strlen(text);
        form_bits(value, field->first, field->count, field->negative, number, sizeof number);
        snprintf(text + used, size - used, "%s%s", i ? ", " : f->count > 1 ? "{" : "", number);
    }
    if (f->count > 1)
        snprintf(text + strlen(text), size - strlen(text), "}");
    return true;
}

static void print_float(uint64_t value, unsigned bytes, char *text, size_t size)
{
    uint32_t low = (uint32_t)value;
    double number;
    float small;

    if (bytes == sizeof small) {
        memcpy(&small, &low, sizeof small);
        number = (double)small;
    } else {
        memcpy(&number, &value, sizeof number);
    }
    snprintf(text, size, "%g", number);
}

/* A constant: of what has a name of its own, the name is shown, and the letters may have changed since. */
static bool is_constant(const void *at)
{
    char name[64];
    size_t size;

    return !on_stack(at) && !memory_block(at) && !source_object(at, name, sizeof name, &size);
}

bool form_value(const struct form *f, uint64_t value, unsigned bytes, char *text, size_t size)
{
    switch (f->kind) {
    case FORM_FLOAT: print_float(value, bytes, text, size); return true;
    case FORM_BITS: return print_fields(f, value, bytes, text, size);
    case FORM_LETTERS: return peek_text((uintptr_t)&value, bytes, text, size);
    case FORM_TEXT: return is_constant((const void *)(uintptr_t)value) && peek_text(value, SIZE_MAX, text, size);
    default: return false;
    }
}
