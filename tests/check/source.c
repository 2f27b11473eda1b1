/* source.c - from addresses to "file.h:12" and to names, by elfutils' libdwfl. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>

#include "tests/check/state.h"

static Dwfl *open_self(void)
{
    static char *debug_path;
    static const Dwfl_Callbacks callbacks = {
        .find_elf = dwfl_linux_proc_find_elf,
        .find_debuginfo = dwfl_standard_find_debuginfo,
        .debuginfo_path = &debug_path,
    };
    Dwfl *dwfl = dwfl_begin(&callbacks);

    if (dwfl && (dwfl_linux_proc_report(dwfl, getpid()) != 0 ||
                 dwfl_report_end(dwfl, NULL, NULL) != 0)) {
        dwfl_end(dwfl);
        return NULL;
    }
    return dwfl;
}

static Dwfl_Module *module_of(Dwarf_Addr address)
{
    static Dwfl *dwfl;
    static bool tried;

    if (!tried)
        dwfl = open_self();
    tried = true;
    return dwfl ? dwfl_addrmodule(dwfl, address) : NULL;
}

/* By asking each unit in turn: Clang leaves out the index that dwfl_module_getsrc() needs. */
static const char *file_without_index(Dwfl_Module *module, Dwarf_Addr address, int *line)
{
    Dwarf_Die *unit = NULL;
    Dwarf_Addr bias;

    while ((unit = dwfl_module_nextcu(module, unit, &bias)) != NULL) {
        Dwarf_Line *l = dwarf_haspc(unit, address - bias) > 0
                            ? dwarf_getsrc_die(unit, address - bias)
                            : NULL;
        if (l && dwarf_lineno(l, line) == 0)
            return dwarf_linesrc(l, NULL, NULL);
    }
    return NULL;
}

void source_line(const void *pc, char *text, size_t size)
{
    Dwarf_Addr address = (uintptr_t)pc - 1; /* the call, not what follows it */
    int line = 0;

    snprintf(text, size, "%p", pc);
    if (!pc) {
        snprintf(text, size, "the end");
        return;
    }
    Dwfl_Module *module = module_of(address);
    Dwfl_Line *l = module ? dwfl_module_getsrc(module, address) : NULL;
    const char *file = l ? dwfl_lineinfo(l, NULL, &line, NULL, NULL, NULL) : NULL;
    if (!file && module)
        file = file_without_index(module, address, &line);
    if (!file)
        return;
    const char *name = strrchr(file, '/');
    snprintf(text, size, "%s:%d", name ? name + 1 : file, line);
}

void source_symbol(const void *at, char *text, size_t size)
{
    /* Zero-initialised statics lie beyond what is mapped from the file: ask the program itself. */
    Dwfl_Module *module = at ? module_of((uintptr_t)&machine_native) : NULL;
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char *name = module ? dwfl_module_addrinfo(module, (uintptr_t)at, &offset, &symbol, NULL,
                                                     NULL, NULL)
                              : NULL;

    if (!name || offset >= symbol.st_size)
        snprintf(text, size, "%p", at);
    else if (offset)
        snprintf(text, size, "%s+%lu", name, (unsigned long)offset);
    else
        snprintf(text, size, "%s", name);
}
