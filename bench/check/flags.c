/*
 * flags.c - see flags.h.
 *
 * Each instrumented file has a constructor that calls __tsan_init(), and each that includes redirect.h a byte in
 * a section, whose ends the linker knows, and which the debug information names.
 */
#include "bench/check/flags.h"

#include <dwarf.h>
#include <string.h>

#include "bench/check/state.h"
#include "bench/check/types.h"

/* Of the section: absent if no file has it. */
extern const char redirected_begin[] __asm__("__start_check_redirected") __attribute__((weak));

static const char instrument[] = "-fsanitize=thread", redirect[] = "-include machine/redirect.h";

static bool is_redirected(Dwarf_Die *unit)
{
    Dwarf_Die die;

    for (int more = dwarf_child(unit, &die); more == 0; more = dwarf_siblingof(&die, &die)) {
        const char *name = dwarf_tag(&die) == DW_TAG_variable ? dwarf_diename(&die) : NULL;
        if (name && strcmp(name, "check_is_redirected") == 0)
            return true;
    }
    return false;
}

/* All files of Clang's have one constructor together, which is part of no unit. */
static bool is_of_clang(Dwarf_Die *unit)
{
    Dwarf_Attribute attribute;
    const char *producer = dwarf_formstring(dwarf_attr(unit, DW_AT_producer, &attribute));

    return producer && strstr(producer, "clang");
}

static bool is_instrumented(Dwarf_Die *unit, Dwarf_Addr bias)
{
    if (is_of_clang(unit))
        return true; /* as far as can be told */
    for (unsigned i = 0; i < machine_inits.count; i++)
        if (dwarf_haspc(unit, (uintptr_t)machine_inits.pc[i] - 1 - bias) == 1)
            return true;
    return false;
}

static int has_code(Dwarf_Die *function, void *found)
{
    Dwarf_Addr low;

    if (dwarf_lowpc(function, &low) != 0)
        return DWARF_CB_OK;
    *(bool *)found = true;
    return DWARF_CB_ABORT;
}

static bool is_asked_for(Dwarf_Die *unit)
{
    const char *name = dwarf_diename(unit);
    bool code = false;

    if (!name || strstr(name, "bench/check/") || strstr(name, "bench/machine/"))
        return false;
    dwarf_getfuncs(unit, has_code, &code, 0);
    return code;
}

static void name_files(FILE *out)
{
    Dwfl_Module *module = source_module((uintptr_t)&machine_native);
    Dwarf_Die *unit = NULL;
    Dwarf_Addr bias;

    while (module && (unit = dwfl_module_nextcu(module, unit, &bias)) != NULL) {
        if (!is_asked_for(unit))
            continue;
        /* More files than are kept are all taken for instrumented. */
        bool seen = machine_inits.count == MACHINE_INITS || is_instrumented(unit, bias), called = is_redirected(unit);
        if (!seen || !called)
            fprintf(out, "%s was compiled without %s%s%s: what it does is not seen\n", dwarf_diename(unit),
                    seen ? "" : instrument, seen || called ? "" : " and ", called ? "" : redirect);
    }
}

bool flags_given(FILE *out)
{
    if (machine_inits.count == 0 || !redirected_begin) {
        fprintf(out, "No file of this program was compiled with %s%s%s, so nothing would be checked: see "
                "docs/checker.md\n", machine_inits.count ? "" : instrument,
                machine_inits.count || redirected_begin ? "" : " or ", redirected_begin ? "" : redirect);
        return false;
    }
    name_files(out);
    return true;
}
