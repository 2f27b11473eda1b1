/*
 * wholes.c - statics that a library changes: put back as a whole.
 *
 * A static std::map is changed by code of libstdc++ as well as by that in its headers, and so is a string that grows:
 * the former is not instrumented.  Put back byte by byte, as far as changes were seen (memory.c), such an object
 * would be half of one execution and half of another.  So with libstdc++ in the program the statics of its own files
 * are kept as their constructors have left them, and put back whole, unless they are large.
 */
#include "bench/check/wholes.h"

#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/exhausted.h"
#include "bench/check/state.h"
#include "bench/check/types.h"

enum { LARGEST = 1 << 12, ROOM = 1 << 18 /* bytes together */ };

struct whole {
    uintptr_t start;
    size_t size;
    uint64_t left; /* in this execution it is not put back */
    const unsigned char *first;
};

static struct {
    struct whole *list;
    unsigned count, room;
    unsigned char first[ROOM];
    size_t used;
    bool followed;
} wholes;

/* Of libstdc++; without it the compiler's instrumentation sees every change. */
void rebalance(void) __asm__("_ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_")
    __attribute__((weak));

static void keep(uintptr_t start, size_t size)
{
    if (size > LARGEST || size > ROOM - wholes.used)
        return;
    if (wholes.count == wholes.room) {
        wholes.room = wholes.room ? 2 * wholes.room : 64;
        wholes.list = realloc(wholes.list, wholes.room * sizeof *wholes.list);
        if (!wholes.list)
            exhausted();
    }
    unsigned char *first = wholes.first + wholes.used;
    memcpy(first, (const void *)start, size);
    wholes.list[wholes.count++] = (struct whole){ .start = start, .size = size, .first = first };
    wholes.used += size;
}

static bool begins_with_one_of(const char *text, const char *const *beginnings)
{
    while (*beginnings && strncmp(text, *beginnings, strlen(*beginnings)) != 0)
        beginnings++;
    return *beginnings;
}

/*
 * The checker's files are C, and those of its names that others see have a prefix.  What is libstdc++'s own is not the
 * program's, though it may lie in it, as all do that a shared library has lent (with a version behind its name).
 */
static bool is_own(const char *name, bool local, const char *file)
{
    static const char *const others[] = { "check_", "__tsan_", "_ZSt", "_ZNSt", "_ZNKSt", "_ZZSt", "_ZZNSt", "_ZZNKSt",
                                          "_ZGVNSt", "_ZGVZNSt", "_ZGVZSt", "_ZN9__gnu_cxx", "_ZZN9__gnu_cxx",
                                          "_ZN10__cxxabiv1", NULL };
    size_t length = strlen(file);

    if (local && (length < 2 || strcmp(file + length - 2, ".c") == 0))
        return false;
    return !strchr(name, '@') && !begins_with_one_of(name, others);
}

/* Where the program itself can be written; what is sealed when it has been linked has not changed since. */
static int look_at_segments(struct dl_phdr_info *info, size_t unused, void *object)
{
    const struct whole *o = object;
    bool writable = false;

    (void)unused;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (o->start - (info->dlpi_addr + p->p_vaddr) >= p->p_memsz)
            continue;
        if (p->p_type == PT_GNU_RELRO)
            return -1;
        writable |= p->p_type == PT_LOAD && p->p_flags & PF_W;
    }
    return writable ? 1 : -1; /* of the first one alone, which is the program */
}

static bool can_be_written(uintptr_t start)
{
    struct whole object = { .start = start };

    return dl_iterate_phdr(look_at_segments, &object) > 0;
}

void wholes_follow(void)
{
    Dwfl_Module *module = rebalance ? source_module((uintptr_t)&machine_native) : NULL;
    int count = module ? dwfl_module_getsymtab(module) : 0;
    const char *file = "";

    wholes.followed = rebalance != NULL;
    for (int i = 0; i < count; i++) {
        GElf_Sym symbol;
        GElf_Addr start;
        const char *name = dwfl_module_getsym_info(module, i, &symbol, &start, NULL, NULL, NULL);
        if (name && GELF_ST_TYPE(symbol.st_info) == STT_FILE)
            file = name;
        if (name && GELF_ST_TYPE(symbol.st_info) == STT_OBJECT &&
            is_own(name, GELF_ST_BIND(symbol.st_info) == STB_LOCAL, file) && can_be_written(start))
            keep(start, symbol.st_size);
    }
}

bool wholes_followed(void)
{
    return wholes.followed;
}

void wholes_leave(uintptr_t base)
{
    for (struct whole *w = wholes.list; w < wholes.list + wholes.count; w++)
        if (base + sizeof(uint64_t) > w->start && base < w->start + w->size)
            w->left = run.begun;
}

void wholes_put_back(void)
{
    for (struct whole *w = wholes.list; w < wholes.list + wholes.count; w++)
        if (w->left != run.begun && memcmp((const void *)w->start, w->first, w->size) != 0)
            memcpy((void *)w->start, w->first, w->size);
}

bool wholes_each(bool (*fn)(uintptr_t start, size_t size))
{
    bool any = false;

    for (struct whole *w = wholes.list; w < wholes.list + wholes.count; w++)
        any |= fn(w->start, w->size);
    return any;
}
