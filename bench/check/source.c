/* source.c - from addresses to "file.h:12" and to names, by elfutils' libdwfl. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <dwarf.h>

#include "bench/check/state.h"
#include "bench/check/types.h"

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

Dwfl_Module *source_module(Dwarf_Addr address)
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

static const char *base_name(const char *file)
{
    const char *slash = strrchr(file, '/');

    return slash ? slash + 1 : file;
}

/* A wrapper, of platform.h, of the checker or of the compiler's intrinsics; the line that calls it says more. */
static bool is_wrapper(const char *file)
{
    static const char intrinsics[] = "intrin.h";
    const char *name = base_name(file), *end = name + strlen(name);

    return strcmp(name, "platform.h") == 0 || strcmp(name, "platform_model.h") == 0 ||
           (end - name >= (ptrdiff_t)strlen(intrinsics) && strcmp(end - strlen(intrinsics), intrinsics) == 0);
}

static const char *call_site(Dwarf_Die *unit, Dwarf_Die *inlined, int *line)
{
    Dwarf_Attribute attribute;
    Dwarf_Word at, index;
    Dwarf_Files *files;
    size_t count;

    if (dwarf_tag(inlined) != DW_TAG_inlined_subroutine ||
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &at) != 0 ||
        dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &index) != 0 ||
        dwarf_getsrcfiles(unit, &files, &count) != 0)
        return NULL;
    *line = (int)at;
    return dwarf_filesrc(files, index, NULL, NULL);
}

/* Where the innermost inlined function that is no wrapper was called; or `file`. */
static const char *outside_wrappers(Dwfl_Module *module, Dwarf_Addr address, const char *file,
                                    int *line)
{
    Dwarf_Die *unit = NULL, *scopes = NULL;
    Dwarf_Addr bias;

    while (is_wrapper(file) && (unit = dwfl_module_nextcu(module, unit, &bias)) != NULL) {
        if (dwarf_haspc(unit, address - bias) <= 0)
            continue;
        int count = dwarf_getscopes(unit, address - bias, &scopes);
        for (int i = 0; i < count && is_wrapper(file); i++) {
            const char *caller = call_site(unit, &scopes[i], line);
            file = caller ? caller : file;
        }
        free(scopes);
        break;
    }
    return file;
}

/* The file as the compiler named it, or NULL. */
static const char *file_of(Dwfl_Module *module, Dwarf_Addr address, int *line)
{
    Dwfl_Line *l = module ? dwfl_module_getsrc(module, address) : NULL;
    const char *file = l ? dwfl_lineinfo(l, NULL, line, NULL, NULL, NULL) : NULL;

    if (!file && module)
        file = file_without_index(module, address, line);
    return file ? outside_wrappers(module, address, file, line) : NULL;
}

void source_text(const char *file, int line, char *text, size_t size)
{
    const char *name = base_name(file);
    char number[16];
    size_t digits = (size_t)snprintf(number, sizeof number, ":%d", line), length = strlen(name);
    const char *end = name + length - (digits + length < size ? length : size - digits - sizeof "..");

    while (end > name && ((unsigned char)*end & 0xc0) == 0x80)
        end++; /* no half of a letter */
    snprintf(text, size, "%s%s%s", end > name ? ".." : "", end, number);
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
    const char *file = file_of(source_module(address), address, &line);
    if (file)
        source_text(file, line, text, size);
}

/* The folder in which the unit was compiled, or NULL. */
static const char *folder_of(Dwfl_Module *module, Dwarf_Addr address)
{
    Dwarf_Attribute attribute;
    Dwarf_Die *unit = NULL;
    Dwarf_Addr bias;

    while ((unit = dwfl_module_nextcu(module, unit, &bias)) != NULL)
        if (dwarf_haspc(unit, address - bias) > 0)
            return dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
    return NULL;
}

unsigned source_place(const void *pc, char *path, size_t size)
{
    Dwarf_Addr address = (uintptr_t)pc - 1;
    Dwfl_Module *module = pc ? source_module(address) : NULL;
    int line = 0;
    const char *file = module ? file_of(module, address, &line) : NULL;
    const char *folder = file && file[0] != '/' ? folder_of(module, address) : NULL;

    path[0] = '\0';
    if (!file || line <= 0)
        return 0;
    int length = snprintf(path, size, "%s%s%s", folder ? folder : "", folder ? "/" : "", file);
    return length > 0 && (size_t)length < size ? (unsigned)line : 0;
}

/* Of libstdc++; absent in a program of C alone, whose names are as they were written. */
char *demangle(const char *name, char *buffer, size_t *size, int *status) __asm__("__cxa_demangle")
    __attribute__((weak));

/* The name as its source has it; what no other unit sees has no namespace worth a word. */
static void write_name(const char *symbol, char *text, size_t size)
{
    static const char nowhere[] = "(anonymous namespace)::";
    char *plain = demangle && strncmp(symbol, "_Z", 2) == 0 ? demangle(symbol, NULL, NULL, NULL) : NULL;
    char *at;

    while (plain && (at = strstr(plain, nowhere)) != NULL)
        memmove(at, at + sizeof nowhere - 1, strlen(at + sizeof nowhere - 1) + 1);
    snprintf(text, size, "%s", plain ? plain : symbol);
    free(plain);
}

const void *source_object(const void *at, char *name, size_t name_size, size_t *size)
{
    /* Zero-initialised statics lie beyond what is mapped from the file: ask the program itself. */
    Dwfl_Module *module = at ? source_module((uintptr_t)&machine_native) : NULL;
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char *is = module ? dwfl_module_addrinfo(module, (uintptr_t)at, &offset, &symbol, NULL,
                                                   NULL, NULL)
                            : NULL;

    if (!is || offset >= symbol.st_size)
        return NULL;
    write_name(is, name, name_size);
    *size = symbol.st_size;
    return (const char *)at - offset;
}

bool source_thread_local(size_t place, char *name, size_t name_size, size_t *start, size_t *size)
{
    Dwfl_Module *module = source_module((uintptr_t)&machine_native);
    int count = module ? dwfl_module_getsymtab(module) : 0;

    for (int i = 0; i < count; i++) {
        GElf_Sym symbol;
        GElf_Addr unused;
        const char *is = dwfl_module_getsym_info(module, i, &symbol, &unused, NULL, NULL, NULL);
        if (!is || GELF_ST_TYPE(symbol.st_info) != STT_TLS || place - symbol.st_value >= symbol.st_size)
            continue;
        write_name(is, name, name_size);
        *start = symbol.st_value;
        *size = symbol.st_size;
        return true;
    }
    return false;
}

void source_symbol(const void *at, char *text, size_t size)
{
    size_t length;
    const char *start = source_object(at, text, size, &length);
    size_t used = start ? strlen(text) : 0;

    if (!start)
        snprintf(text, size, "%p", at);
    else if (at != start)
        snprintf(text + used, size - used, "+%td", (const char *)at - start);
}
