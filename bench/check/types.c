/* types.c - see types.h; by elfutils' libdw. */
#include "bench/check/types.h"

#include <dwarf.h>
#include <stdio.h>
#include <string.h>

/* The declared type of a member or variable, without const, _Atomic and typedefs. */
static bool declared_type(Dwarf_Die *thing, Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    Dwarf_Die outer;

    return dwarf_attr_integrate(thing, DW_AT_type, &attribute) &&
           dwarf_formref_die(&attribute, &outer) && dwarf_peel_type(&outer, type) == 0;
}

static bool number_of(Dwarf_Die *thing, unsigned name, size_t *number)
{
    Dwarf_Attribute attribute;
    Dwarf_Word word;

    if (!dwarf_attr_integrate(thing, name, &attribute) ||
        dwarf_formudata(&attribute, &word) != 0)
        return false;
    *number = word;
    return true;
}

bool type_is_struct(Dwarf_Die *type)
{
    return dwarf_tag(type) == DW_TAG_structure_type || dwarf_tag(type) == DW_TAG_class_type;
}

/* A struct without a tag has the name that a typedef of its unit gives it. */
static const char *typedef_name(Dwarf_Die *type)
{
    Dwarf_Attribute attribute;
    Dwarf_Die unit, thing, named;

    if (!dwarf_diecu(type, &unit, NULL, NULL) || dwarf_child(&unit, &thing) != 0)
        return NULL;
    do
        if (dwarf_tag(&thing) == DW_TAG_typedef && dwarf_attr_integrate(&thing, DW_AT_type, &attribute) &&
            dwarf_formref_die(&attribute, &named) && dwarf_dieoffset(&named) == dwarf_dieoffset(type))
            return dwarf_diename(&thing);
    while (dwarf_siblingof(&thing, &thing) == 0);
    return NULL;
}

const char *type_name(Dwarf_Die *type)
{
    const char *name = dwarf_diename(type);

    if (!name)
        name = typedef_name(type);
    return name ? name : "";
}

size_t type_size(Dwarf_Die *type)
{
    Dwarf_Word size;

    return dwarf_aggregate_size(type, &size) == 0 ? size : 0;
}

bool type_target(Dwarf_Die *pointer, Dwarf_Die *target)
{
    return dwarf_tag(pointer) == DW_TAG_pointer_type && declared_type(pointer, target);
}

bool type_of_variable(Dwarf_Die *variable, Dwarf_Die *type)
{
    return declared_type(variable, type);
}

bool type_is_atomic(Dwarf_Die *variable)
{
    Dwarf_Attribute attribute;
    Dwarf_Die type;

    if (!dwarf_attr_integrate(variable, DW_AT_type, &attribute) ||
        !dwarf_formref_die(&attribute, &type))
        return false;
    while (dwarf_tag(&type) == DW_TAG_typedef || dwarf_tag(&type) == DW_TAG_const_type ||
           dwarf_tag(&type) == DW_TAG_volatile_type)
        if (!dwarf_attr_integrate(&type, DW_AT_type, &attribute) ||
            !dwarf_formref_die(&attribute, &type))
            return false;
    return dwarf_tag(&type) == DW_TAG_atomic_type;
}

enum type_kind type_kind(Dwarf_Die *type)
{
    size_t encoding;

    if (dwarf_tag(type) == DW_TAG_enumeration_type)
        return TYPE_SIGNED;
    if (dwarf_tag(type) != DW_TAG_base_type || !number_of(type, DW_AT_encoding, &encoding))
        return TYPE_OTHER;
    switch (encoding) {
    case DW_ATE_signed:
    case DW_ATE_signed_char: return TYPE_SIGNED;
    case DW_ATE_unsigned:
    case DW_ATE_unsigned_char:
    case DW_ATE_boolean: return TYPE_UNSIGNED;
    case DW_ATE_float: return TYPE_FLOAT;
    default: return TYPE_OTHER;
    }
}

bool type_is_char(Dwarf_Die *type)
{
    const char *name = dwarf_tag(type) == DW_TAG_base_type ? dwarf_diename(type) : NULL;

    return name && strcmp(name, "char") == 0;
}

/* As DWARF 5 says it; and as its elders did, from the highest bit of the member's storage. */
struct type_bits type_bits_of(Dwarf_Die *member, Dwarf_Die *type)
{
    size_t count, first = 0, begins = 0, storage;

    if (!declared_type(member, type) || !number_of(member, DW_AT_bit_size, &count))
        return (struct type_bits){ 0, 0, false };
    if (!number_of(member, DW_AT_data_bit_offset, &first)) {
        number_of(member, DW_AT_data_member_location, &begins);
        number_of(member, DW_AT_bit_offset, &first);
        if (!number_of(member, DW_AT_byte_size, &storage))
            storage = type_size(type);
        first = 8 * (begins + storage) - first - count;
    }
    return (struct type_bits){ .first = first, .count = (unsigned)count,
                               .negative = dwarf_tag(type) == DW_TAG_base_type && type_kind(type) == TYPE_SIGNED };
}

bool type_member(Dwarf_Die *type, const char *name, size_t *offset, struct type_bits *bits)
{
    Dwarf_Die member, found;

    if (dwarf_child(type, &member) != 0)
        return false;
    do {
        const char *is = dwarf_diename(&member);
        size_t begins = 0, rest = 0;
        if (dwarf_tag(&member) != DW_TAG_member || (is && strcmp(is, name) != 0) || !declared_type(&member, &found))
            continue;
        *bits = type_bits_of(&member, &found);
        if (bits->count) {
            begins = bits->first / 8;
            bits->first %= 8;
        } else {
            number_of(&member, DW_AT_data_member_location, &begins);
        }
        if (!is && !type_member(&found, name, &rest, bits))
            continue;
        *offset = begins + rest;
        *type = found;
        return !type_is_atomic(&member);
    } while (dwarf_siblingof(&member, &member) == 0);
    return false;
}

/* The number of an array's dimensions, and the length of each; 0 if they are too many. */
static unsigned dimensions(Dwarf_Die *array, size_t lengths[TYPE_DIMENSIONS])
{
    unsigned count = 0;
    Dwarf_Die range;

    if (dwarf_child(array, &range) != 0)
        return 0;
    do {
        if (dwarf_tag(&range) != DW_TAG_subrange_type)
            continue;
        if (count == TYPE_DIMENSIONS)
            return 0;
        lengths[count] = 0;
        if (!number_of(&range, DW_AT_count, &lengths[count]) &&
            number_of(&range, DW_AT_upper_bound, &lengths[count]))
            lengths[count]++;
        count++;
    } while (dwarf_siblingof(&range, &range) == 0);
    return count;
}

unsigned type_elements(Dwarf_Die *array, Dwarf_Die *element, size_t lengths[TYPE_DIMENSIONS])
{
    if (dwarf_tag(array) != DW_TAG_array_type || type_is_atomic(array) || !declared_type(array, element))
        return 0;
    return dimensions(array, lengths);
}

/* ---- looking types up ---- */

static bool child_named(Dwarf_Die *unit, int tag, const char *name, Dwarf_Die *found)
{
    if (dwarf_child(unit, found) != 0)
        return false;
    do {
        const char *is = dwarf_tag(found) == tag ? dwarf_diename(found) : NULL;
        if (is && strcmp(is, name) == 0 && !dwarf_hasattr(found, DW_AT_declaration))
            return true;
    } while (dwarf_siblingof(found, found) == 0);
    return false;
}

bool type_named(Dwarf_Addr code, const char *name, Dwarf_Die *type)
{
    Dwfl_Module *module = code ? source_module(code) : NULL;
    Dwarf_Die *unit = NULL;
    Dwarf_Addr bias;

    while (module && (unit = dwfl_module_nextcu(module, unit, &bias)) != NULL)
        if (dwarf_haspc(unit, code - bias) > 0)
            return child_named(unit, DW_TAG_structure_type, name, type);
    return false;
}

/* Whether the variable begins at that address. */
static bool lies_at(Dwarf_Die *variable, Dwarf_Addr address)
{
    Dwarf_Attribute attribute, indexed;
    Dwarf_Op *expression;
    Dwarf_Addr there;
    size_t length;

    if (dwarf_tag(variable) != DW_TAG_variable ||
        !dwarf_attr_integrate(variable, DW_AT_location, &attribute) ||
        dwarf_getlocation(&attribute, &expression, &length) != 0 || length != 1)
        return false;
    if (expression->atom == DW_OP_addr)
        return expression->number == address;
    return expression->atom == DW_OP_addrx && /* Clang keeps addresses in a table */
           dwarf_getlocation_attr(&attribute, expression, &indexed) == 0 &&
           dwarf_formaddr(&indexed, &there) == 0 && there == address;
}

bool type_of_static(const void *at, Dwarf_Die *type)
{
    /* Code of the program itself: its zero-initialised statics are not mapped from the file. */
    Dwfl_Module *module = source_module((uintptr_t)&type_of_static);
    Dwarf_Die *unit = NULL, thing;
    Dwarf_Addr bias;

    while (module && (unit = dwfl_module_nextcu(module, unit, &bias)) != NULL) {
        if (dwarf_child(unit, &thing) != 0)
            continue;
        do {
            if (lies_at(&thing, (uintptr_t)at - bias))
                return declared_type(&thing, type);
        } while (dwarf_siblingof(&thing, &thing) == 0);
    }
    return false;
}

/* ---- fields ---- */

bool type_is_open(Dwarf_Die *type)
{
    Dwarf_Die member, last = *type, inner;

    if (!type_is_struct(type) || dwarf_child(type, &member) != 0)
        return false;
    do
        if (dwarf_tag(&member) == DW_TAG_member)
            last = member;
    while (dwarf_siblingof(&member, &member) == 0);
    return declared_type(&last, &inner) && dwarf_tag(&inner) == DW_TAG_array_type &&
           type_size(&inner) == 0;
}

static void append(char *path, size_t size, const char *format, const char *name, size_t index)
{
    size_t used = strlen(path);

    if (name)
        snprintf(path + used, size - used, format, name);
    else
        snprintf(path + used, size - used, "[%zu]", index);
}

/* A reserved name, such as "__lock" of a library's type: the whole object says more. */
static bool is_internal(Dwarf_Die *member)
{
    const char *name = dwarf_diename(member);

    return name && strncmp(name, "__", 2) == 0;
}

/* The member of a struct or union at this offset; *offset becomes the offset within it. */
static bool member_at(Dwarf_Die *type, size_t *offset, char *path, size_t size, Dwarf_Die *found)
{
    Dwarf_Die member;

    if (dwarf_child(type, &member) != 0)
        return false;
    do {
        size_t begins = 0;
        if (dwarf_tag(&member) != DW_TAG_member || !declared_type(&member, found) ||
            is_internal(&member))
            continue;
        size_t length = type_size(found);
        struct type_bits bits = type_bits_of(&member, found);
        if (bits.count) {
            begins = bits.first / 8;
            length = (bits.first + bits.count + 7) / 8 - begins;
        } else {
            number_of(&member, DW_AT_data_member_location, &begins);
        }
        if (*offset < begins || (length && *offset >= begins + length))
            continue;
        if (bits.count)
            return false; /* others may share its bytes */
        if (dwarf_diename(&member))
            append(path, size, ".%s", dwarf_diename(&member), 0);
        *offset -= begins;
        return true;
    } while (dwarf_siblingof(&member, &member) == 0);
    return false;
}

static bool element_at(Dwarf_Die *type, size_t *offset, char *path, size_t size, Dwarf_Die *found)
{
    size_t lengths[TYPE_DIMENSIONS], row = 1, index; /* as many elements has a row */
    unsigned count;

    if (!declared_type(type, found) || type_size(found) == 0)
        return false;
    count = dimensions(type, lengths);
    for (unsigned i = 1; i < count; i++)
        row *= lengths[i];
    index = *offset / type_size(found);
    for (unsigned i = 0; i + 1 < count && row; i++) {
        append(path, size, NULL, NULL, index / row);
        index %= row;
        row /= lengths[i + 1];
    }
    append(path, size, NULL, NULL, index);
    *offset %= type_size(found);
    return true;
}

size_t type_path(Dwarf_Die *type, size_t offset, char *path, size_t size)
{
    for (;;) {
        Dwarf_Die inner;
        int tag = dwarf_tag(type);
        bool deeper = false;
        if (tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type)
            deeper = member_at(type, &offset, path, size, &inner);
        else if (tag == DW_TAG_array_type)
            deeper = element_at(type, &offset, path, size, &inner);
        if (!deeper)
            return offset;
        *type = inner;
    }
}
