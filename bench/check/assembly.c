/* assembly.c - see assembly.h. */
#include "bench/check/assembly.h"

#include <dwarf.h>
#include <string.h>

#include "bench/check/instructions.h"
#include "bench/check/state.h"
#include "bench/check/types.h"

#ifdef __x86_64__

struct hunt {
    FILE *out;
    Dwarf_Addr bias;
    unsigned found;
};

/* At the beginning of an instruction: a lock prefix, or a fence. */
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

static void tell(struct hunt *h, Dwarf_Die *function, const unsigned char *at, const char *what)
{
    char line[64];

    source_line(at + 1, line, sizeof line);
    fprintf(h->out, "%s: %s() %s\n", line, dwarf_diename(function), what);
    h->found++;
}

/* These calls announce no write. */
extern char enters[] __asm__("__tsan_func_entry"), leaves[] __asm__("__tsan_func_exit");

/*
 * What is atomic, or waits; and in a function that announces nothing a store to a static variable, since
 * instrumented code announces each write to one by a call.  Where there are other calls it cannot be told
 * which store one of them is for.
 */
static void tell_instructions(struct hunt *h, Dwarf_Die *function, const unsigned char *at, const unsigned char *end)
{
    const unsigned char *stores = NULL;
    bool calls = false;

    for (struct instruction i; at < end; at += i.length) {
        i = instruction_at(at, end);
        if (!i.length)
            return;
        if (is_pause(at, end)) {
            tell(h, function, at, "has a `pause` in assembly that the checker does not see: a loop that waits is\n"
                 "known by _mm_pause(), sched_yield() or check_cpu_relax()");
            return;
        }
        if (i.swaps || is_atomic(at, end)) {
            tell(h, function, at, "has an atomic instruction that the checker does not see: inline assembly, or a\n"
                 "file without the two flags");
            return;
        }
        if (i.stores && !stores)
            stores = at;
        calls |= i.calls_elsewhere || (i.calls && i.calls != enters && i.calls != leaves);
    }
    if (stores && !calls)
        tell(h, function, stores, "has a store that the checker does not see: inline assembly, or a file without the "
             "two flags");
}

static int look_into(Dwarf_Die *function, void *context)
{
    struct hunt *h = context;
    Dwarf_Addr low, high;

    if (dwarf_lowpc(function, &low) != 0 || dwarf_highpc(function, &high) != 0)
        return DWARF_CB_OK;
    const unsigned char *at = (const unsigned char *)(uintptr_t)(low + h->bias);
    const unsigned char *end = (const unsigned char *)(uintptr_t)(high + h->bias);
    tell_instructions(h, function, at, end);
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
