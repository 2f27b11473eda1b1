/*
 * types.h - what the debugger information says about types: fields, elements, targets.
 *
 * Private to the explanations.  Every function returns false if
 * there is no such information.
 */
#ifndef CONTEND_BENCH_CHECK_TYPES_H
#define CONTEND_BENCH_CHECK_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include "bench/machine/linkage.h"

/* source.c: the part of the program that holds this address, or NULL. */
Dwfl_Module *source_module(Dwarf_Addr address) CHECK_PRIVATE(source_module);

/* The struct of this name in the unit that contains this code. */
bool type_named(Dwarf_Addr code, const char *name, Dwarf_Die *type) CHECK_PRIVATE(type_named);

/* The type of the static variable that begins here. */
bool type_of_static(const void *at, Dwarf_Die *type) CHECK_PRIVATE(type_of_static);

/* The tag of a struct, as "node" of struct node, or the name of its typedef; "" if it has neither. */
const char *type_name(Dwarf_Die *type) CHECK_PRIVATE(type_name);
bool type_is_struct(Dwarf_Die *type) CHECK_PRIVATE(type_is_struct);
/* Whether it is a struct that ends in an array without a size. */
bool type_is_open(Dwarf_Die *type) CHECK_PRIVATE(type_is_open);
/* Its size in bytes; 0 if it is not known. */
size_t type_size(Dwarf_Die *type) CHECK_PRIVATE(type_size);
/* The target of a pointer of this type, if that is not void. */
bool type_target(Dwarf_Die *pointer, Dwarf_Die *target) CHECK_PRIVATE(type_target);

/* The type of a variable or parameter; and whether it is declared _Atomic. */
bool type_of_variable(Dwarf_Die *variable, Dwarf_Die *type) CHECK_PRIVATE(type_of_variable);
bool type_is_atomic(Dwarf_Die *variable) CHECK_PRIVATE(type_is_atomic);
enum type_kind { TYPE_OTHER, TYPE_SIGNED, TYPE_UNSIGNED, TYPE_FLOAT };
/* How values of this type are printed: enumerations and characters as numbers. */
enum type_kind type_kind(Dwarf_Die *type) CHECK_PRIVATE(type_kind);
/* Whether it is that of letters: char, but no other type of one byte. */
bool type_is_char(Dwarf_Die *type) CHECK_PRIVATE(type_is_char);
/* Which bits of a struct a bit-field is; count 0: it is none. */
struct type_bits {
    size_t first; /* counted from the lowest one of the first byte */
    unsigned count;
    bool negative; /* its numbers may be: those of an enumeration are not */
};
/* Those of a member, and its type. */
struct type_bits type_bits_of(Dwarf_Die *member, Dwarf_Die *type) CHECK_PRIVATE(type_bits_of);
/*
 * The offset of a struct's or union's member, which may be one of a member without a name; *type becomes the
 * member's, and *bits says which bits of those at the offset are meant.  False also if it is declared _Atomic.
 */
bool type_member(Dwarf_Die *type, const char *name, size_t *offset, struct type_bits *bits)
    CHECK_PRIVATE(type_member);
enum { TYPE_DIMENSIONS = 4 };
/*
 * The number of an array's dimensions, with the length of each (0: not known) and the type of its elements; 0 if
 * it is no array, has more of them, or its elements are declared _Atomic.
 */
unsigned type_elements(Dwarf_Die *array, Dwarf_Die *element, size_t lengths[TYPE_DIMENSIONS])
    CHECK_PRIVATE(type_elements);

/*
 * Appends ".member[2].member" to `path` for the scalar at `offset`; leaves its type in *type
 * and returns the offset within it.  Of a bit-field it leaves the struct.
 */
size_t type_path(Dwarf_Die *type, size_t offset, char *path, size_t size)
    CHECK_PRIVATE(type_path);

#endif
