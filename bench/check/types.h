/*
 * types.h - what the debugger information says about types: fields, elements, targets.
 *
 * Private to the explanations.  Everything answers false when there is no such
 * information, or when it does not know.
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

/* The struct of this name, as the unit knows it that this code was compiled in. */
bool type_named(Dwarf_Addr code, const char *name, Dwarf_Die *type) CHECK_PRIVATE(type_named);

/* The type of the static variable that begins here. */
bool type_of_static(const void *at, Dwarf_Die *type) CHECK_PRIVATE(type_of_static);

/* "struct node", without the word; "" if it has none. */
const char *type_name(Dwarf_Die *type) CHECK_PRIVATE(type_name);
bool type_is_struct(Dwarf_Die *type) CHECK_PRIVATE(type_is_struct);
/* Whether it ends in an array without a size. */
bool type_is_open(Dwarf_Die *type) CHECK_PRIVATE(type_is_open);
/* In bytes; 0 if it is not known. */
size_t type_size(Dwarf_Die *type) CHECK_PRIVATE(type_size);
/* What a pointer of this type points to, if that is not void. */
bool type_target(Dwarf_Die *pointer, Dwarf_Die *target) CHECK_PRIVATE(type_target);

/*
 * Appends ".member[2].member" to `path` for what lies at `offset`, down to what is
 * no struct, union or array; leaves its type in *type and returns the rest of the offset.
 */
size_t type_path(Dwarf_Die *type, size_t offset, char *path, size_t size)
    CHECK_PRIVATE(type_path);

#endif
