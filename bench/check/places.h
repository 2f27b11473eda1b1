/*
 * places.h - a place in the code, and where its variables are in memory.
 *
 * Private to the explanations.  Every function returns false if the debugger information does not know.
 */
#ifndef CONTEND_BENCH_CHECK_PLACES_H
#define CONTEND_BENCH_CHECK_PLACES_H

#include "bench/check/types.h"

struct place {
    Dwfl_Module *module;
    Dwarf_Addr pc, bias; /* pc without the bias */
    /* Of the function's frame, where they are known: its address is what DWARF calls canonical. */
    uintptr_t frame_pointer, stack_pointer, frame_address;
    Dwarf_Die *scopes; /* innermost first; the caller frees them */
    int scope_count;
};

/* Fills in all but the frame. */
bool place_find(struct place *p, Dwarf_Addr address) CHECK_PRIVATE(place_find);

/* The frame's address is known, and its pointer follows if the function has one. */
void place_frame(struct place *p, uintptr_t address) CHECK_PRIVATE(place_frame);

/* Whether this code belongs to the same function. */
bool place_has(const struct place *p, Dwarf_Addr address) CHECK_PRIVATE(place_has);

/* The address of the variable, unless it lives in a register or has been optimised away. */
bool place_of_variable(const struct place *p, Dwarf_Die *variable, uintptr_t *at) CHECK_PRIVATE(place_of_variable);

/* Whether fn says so of any variable or parameter of the function, the innermost first. */
bool place_each(const struct place *p, bool (*fn)(const struct place *p, Dwarf_Die *variable, void *context),
                void *context) CHECK_PRIVATE(place_each);

#endif
