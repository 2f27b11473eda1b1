/*
 * flags.c - see flags.h.
 *
 * Each instrumented file has a constructor that calls __tsan_init(), and each that includes redirect.h, which
 * asks for both flags, a byte in a section, whose ends the linker knows, and which the debug information names.
 * That of GCC says as well with which flags a file was compiled.  Where a constructor lies would not do: with -O2
 * it is outside of its unit, and a jump to __tsan_init().
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

/* As far as can be told: neither Clang writes its flags down, nor GCC with -gno-record-gcc-switches. */
static bool is_instrumented(Dwarf_Die *unit)
{
    Dwarf_Attribute attribute;
    const char *producer = dwarf_formstring(dwarf_attr(unit, DW_AT_producer, &attribute));

    if (!producer || !strstr(producer, " -"))
        return true;
    for (const char *flag = producer; (flag = strstr(flag, "-fsanitize=")) != NULL; flag++) {
        const char *thread = strstr(flag, "thread"), *end = strchr(flag, ' ');
        if (thread && (!end || thread < end))
            return true;
    }
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
        bool called = is_redirected(unit), seen = called || is_instrumented(unit);
        if (!seen || !called)
            fprintf(out, "%s was compiled without %s%s%s: what it does is not seen\n", dwarf_diename(unit),
                    seen ? "" : instrument, seen || called ? "" : " and ", called ? "" : redirect);
    }
}

bool flags_given(FILE *out)
{
    if (!machine_instrumented || !redirected_begin) {
        fprintf(out, "No file of this program was compiled with %s%s%s, so nothing would be checked: see "
                "docs/checker.md\n", machine_instrumented ? "" : instrument,
                machine_instrumented || redirected_begin ? "" : " or ", redirected_begin ? "" : redirect);
        return false;
    }
    name_files(out);
    return true;
}
