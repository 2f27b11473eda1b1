/* places.c - see places.h; by elfutils' libdw. */
#include "bench/check/places.h"

#include <dwarf.h>
#include <stdlib.h>

/* Registers that are known: frame and stack pointer, by their numbers in DWARF. */
#if defined(__x86_64__)
enum { FRAME_REGISTER = 6, STACK_REGISTER = 7 };
#elif defined(__aarch64__)
enum { FRAME_REGISTER = 29, STACK_REGISTER = -1 };
#else
enum { FRAME_REGISTER = -1, STACK_REGISTER = -1 };
#endif

static bool register_value(const struct place *p, int number, uintptr_t *value)
{
    if (number < 0 || (number != FRAME_REGISTER && number != STACK_REGISTER))
        return false;
    *value = number == FRAME_REGISTER ? p->frame_pointer : p->stack_pointer;
    return *value != 0;
}

/* From which register, and how far from it, unwinding information has the canonical frame address. */
static bool frame_rule(const struct place *p, int *number, uintptr_t *distance)
{
    Dwarf_Addr bias;
    Dwarf_CFI *cfi = dwfl_module_eh_cfi(p->module, &bias);
    Dwarf_Frame *frame = NULL;
    Dwarf_Op *ops;
    size_t count;
    bool found = cfi && dwarf_cfi_addrframe(cfi, p->pc, &frame) == 0 &&
                 dwarf_frame_cfa(frame, &ops, &count) == 0 && count == 1 && ops->atom == DW_OP_bregx;

    if (found) {
        *number = (int)ops->number;
        *distance = ops->number2;
    }
    free(frame);
    return found;
}

void place_frame(struct place *p, uintptr_t address)
{
    uintptr_t distance;
    int number;

    p->frame_address = address;
    p->stack_pointer = 0;
    p->frame_pointer = frame_rule(p, &number, &distance) && number == FRAME_REGISTER ? address - distance : 0;
}

static bool frame_address(const struct place *p, uintptr_t *at)
{
    uintptr_t distance;
    int number;

    *at = p->frame_address;
    if (*at)
        return true;
    if (!frame_rule(p, &number, &distance) || !register_value(p, number, at))
        return false;
    *at += distance;
    return true;
}

/* What offsets of locals count from. */
static bool frame_base(const struct place *p, uintptr_t *at)
{
    Dwarf_Attribute attribute;
    Dwarf_Op *ops;
    size_t count;

    for (int i = 0; i < p->scope_count; i++) {
        if (!dwarf_attr_integrate(&p->scopes[i], DW_AT_frame_base, &attribute))
            continue;
        if (dwarf_getlocation_addr(&attribute, p->pc, &ops, &count, 1) != 1 || count != 1)
            return false;
        if (ops->atom == DW_OP_call_frame_cfa)
            return frame_address(p, at);
        return ops->atom >= DW_OP_reg0 && ops->atom <= DW_OP_reg31 &&
               register_value(p, ops->atom - DW_OP_reg0, at);
    }
    return false;
}

/* The address of the variable, unless it lives in a register or has been optimised away. */
bool place_of_variable(const struct place *p, Dwarf_Die *variable, uintptr_t *at)
{
    Dwarf_Attribute attribute, indexed;
    Dwarf_Addr there;
    Dwarf_Op *ops;
    size_t count;

    if (!dwarf_attr_integrate(variable, DW_AT_location, &attribute) ||
        dwarf_getlocation_addr(&attribute, p->pc, &ops, &count, 1) != 1 || count != 1)
        return false;
    if (ops->atom == DW_OP_fbreg && frame_base(p, at)) {
        *at += ops->number;
        return true;
    }
    *at = ops->number + p->bias;
    if (ops->atom == DW_OP_addr)
        return true;
    if (ops->atom != DW_OP_addrx || dwarf_getlocation_attr(&attribute, ops, &indexed) != 0 ||
        dwarf_formaddr(&indexed, &there) != 0)
        return false;
    *at = there + p->bias;
    return true;
}

bool place_find(struct place *p, Dwarf_Addr address)
{
    Dwarf_Die *unit = NULL;

    *p = (struct place){ .module = source_module(address) };
    while (p->module && (unit = dwfl_module_nextcu(p->module, unit, &p->bias)) != NULL) {
        p->pc = address - p->bias;
        if (dwarf_haspc(unit, p->pc) > 0) {
            p->scope_count = dwarf_getscopes(unit, p->pc, &p->scopes);
            return p->scope_count > 0;
        }
    }
    return false;
}

bool place_each(const struct place *p, bool (*fn)(const struct place *p, Dwarf_Die *variable, void *context),
                void *context)
{
    Dwarf_Die variable;

    for (int i = 0; i < p->scope_count; i++) {
        if (dwarf_child(&p->scopes[i], &variable) == 0)
            do
                if ((dwarf_tag(&variable) == DW_TAG_variable ||
                     dwarf_tag(&variable) == DW_TAG_formal_parameter) && fn(p, &variable, context))
                    return true;
            while (dwarf_siblingof(&variable, &variable) == 0);
        if (dwarf_tag(&p->scopes[i]) == DW_TAG_subprogram)
            return false; /* what is around it has no frame */
    }
    return false;
}

bool place_has(const struct place *p, Dwarf_Addr address)
{
    for (int i = 0; i < p->scope_count; i++)
        if (dwarf_tag(&p->scopes[i]) == DW_TAG_subprogram)
            return dwarf_haspc(&p->scopes[i], address - p->bias) > 0;
    return false;
}
