/*
 * map_models.c - the system's calls for memory: they are made, and what is known of that memory is forgotten.
 *
 * What was written there before is another object's now, or nobody's: it must neither be put back nor race with
 * what comes behind.
 */
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/machine/machine.h"
#include "bench/machine/models.h"

#define PC __builtin_return_address(0)

/* A driver on real threads follows no memory of the system. */
static void tell(enum machine_map what, void *at, size_t size, const void *pc)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    if (machine->map && size)
        machine->map(what, at, (size + page - 1) / page * page, pc);
}

void *check_mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    if (flags & MAP_FIXED)
        tell(MACHINE_MAP_GOES, at, size, PC);
    void *got = mmap(at, size, protection, flags, file, offset);
    if (got != MAP_FAILED)
        tell(MACHINE_MAP_GONE, got, size, PC);
    return got;
}

int check_munmap(void *at, size_t size)
{
    tell(MACHINE_MAP_GOES, at, size, PC);
    int error = munmap(at, size);
    if (!error)
        tell(MACHINE_MAP_GONE, at, size, PC);
    return error;
}

void *check_mremap(void *at, size_t size, size_t wanted, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    void *to = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    tell(MACHINE_MAP_GOES, at, size, PC);
    if (to)
        tell(MACHINE_MAP_GOES, to, wanted, PC);
    void *got = to ? mremap(at, size, wanted, flags, to) : mremap(at, size, wanted, flags);
    if (got != MAP_FAILED) {
        tell(MACHINE_MAP_GONE, at, size, PC);
        tell(MACHINE_MAP_GONE, got, wanted, PC);
    }
    return got;
}

int check_mprotect(void *at, size_t size, int protection)
{
    int error = mprotect(at, size, protection);

    if (!error && !(protection & PROT_WRITE))
        tell(MACHINE_MAP_SEALED, at, size, PC);
    return error;
}
