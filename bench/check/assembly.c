/* assembly.c - see assembly.h. */
#include "bench/check/assembly.h"

#include <dwarf.h>
#include <string.h>

#include "bench/check/state.h"
#include "bench/check/types.h"

#ifdef __x86_64__

struct hunt {
    FILE *out;
    Dwarf_Addr bias;
    unsigned found;
};

/*
 * Bytes are compared without decoding, so only sequences count that hardly begin within another
 * instruction: a lock prefix before a two-byte opcode or an add of a constant, and the fences.
 */
static bool is_atomic(const unsigned char *at, const unsigned char *end)
{
    if (end - at >= 3 && at[0] == 0x0f && at[1] == 0xae &&
        (at[2] == 0xf0 || at[2] == 0xe8 || at[2] == 0xf8))
        return true;
    if (at[0] != 0xf0)
        return false;
    at++;
    while (at < end && (*at == 0x66 || (*at & 0xf0) == 0x40))
        at++;
    if (end - at >= 2 && at[0] == 0x0f)
        return strchr("\xb0\xb1\xc0\xc1\xc7\xba\xab\xb3\xbb", at[1]) != NULL && at[1];
    return end - at >= 2 && (at[0] == 0x83 || at[0] == 0xff) && (at[1] & 0xc0) != 0xc0;
}

/* `pause`, which a waiting loop in assembly has.  The intrinsics are redirected, and leave none. */
static bool is_pause(const unsigned char *at, const unsigned char *end)
{
    return end - at >= 2 && at[0] == 0xf3 && at[1] == 0x90;
}

static int look_into(Dwarf_Die *function, void *context)
{
    struct hunt *h = context;
    Dwarf_Addr low, high;
    char line[64];

    if (dwarf_lowpc(function, &low) != 0 || dwarf_highpc(function, &high) != 0)
        return DWARF_CB_OK;
    const unsigned char *end = (const unsigned char *)(uintptr_t)(high + h->bias);
    for (const unsigned char *at = (const unsigned char *)(uintptr_t)(low + h->bias); at < end; at++) {
        bool pauses = is_pause(at, end);
        if (!pauses && !is_atomic(at, end))
            continue;
        source_line(at + 1, line, sizeof line);
        if (pauses)
            fprintf(h->out, "%s: %s() has a `pause` in assembly that the checker does not see: a loop "
                    "that waits is\nknown by _mm_pause(), sched_yield() or check_cpu_relax()\n", line,
                    dwarf_diename(function));
        else
            fprintf(h->out, "%s: %s() has an atomic instruction that the checker does not see: inline "
                    "assembly, or a\nfile without the two flags\n", line, dwarf_diename(function));
        h->found++;
        break;
    }
    return DWARF_CB_OK;
}

static bool is_own(Dwarf_Die *unit)
{
    const char *name = dwarf_diename(unit);

    return !name || (!strstr(name, "tests/") &&
                     (strstr(name, "bench/check/") || strstr(name, "bench/machine/")));
}

unsigned assembly_hint(FILE *out)
{
    struct hunt h = { .out = out };
    Dwfl_Module *module = source_module((uintptr_t)&machine_native);
    Dwarf_Die *unit = NULL;

    while (module && (unit = dwfl_module_nextcu(module, unit, &h.bias)) != NULL)
        if (!is_own(unit))
            dwarf_getfuncs(unit, look_into, &h, 0);
    return h.found;
}

#else

unsigned assembly_hint(FILE *out)
{
    (void)out;
    return 0;
}

#endif
