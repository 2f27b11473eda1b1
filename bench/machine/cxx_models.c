/*
 * cxx_models.c - new and delete of C++, for programs that are linked with libstdc++.
 *
 * Named as the Itanium C++ ABI has them.  The linker takes them before the library's, so that a
 * use after delete is seen as one after free() is.  Without memory they throw what the library's
 * throw, and through its own function: C has no words for it.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/machine/machine.h"

#define PC __builtin_return_address(0)
#define NAMED(name) __asm__(name)

void *new_one(size_t size) NAMED("_Znwm");
void *new_array(size_t size) NAMED("_Znam");
void *new_aligned(size_t size, size_t alignment) NAMED("_ZnwmSt11align_val_t");
void *new_aligned_array(size_t size, size_t alignment) NAMED("_ZnamSt11align_val_t");
void delete_one(void *block) NAMED("_ZdlPv");
void delete_array(void *block) NAMED("_ZdaPv");
void delete_sized(void *block, size_t size) NAMED("_ZdlPvm");
void delete_sized_array(void *block, size_t size) NAMED("_ZdaPvm");
void delete_aligned(void *block, size_t alignment) NAMED("_ZdlPvSt11align_val_t");
void delete_aligned_array(void *block, size_t alignment) NAMED("_ZdaPvSt11align_val_t");
void delete_sized_aligned(void *block, size_t size, size_t alignment) NAMED("_ZdlPvmSt11align_val_t");
void delete_sized_aligned_array(void *block, size_t size, size_t alignment)
    NAMED("_ZdaPvmSt11align_val_t");

/* std::__throw_bad_alloc() of libstdc++; absent in a program of C alone, which has no new. */
void throw_bad_alloc(void) NAMED("_ZSt17__throw_bad_allocv") __attribute__((weak, noreturn));

static void *make(size_t size, size_t alignment, const void *pc)
{
    void *block = machine->allocate(size ? size : 1, alignment, false, pc);

    if (block)
        return block;
    if (throw_bad_alloc)
        throw_bad_alloc();
    fputs("check: operator new has no memory, and no libstdc++ to throw\n", stderr);
    abort();
}

static void drop(void *block, const void *pc)
{
    if (block)
        machine->release(block, pc);
}

void *new_one(size_t size)
{
    return make(size, 16, PC);
}

void *new_array(size_t size)
{
    return make(size, 16, PC);
}

void *new_aligned(size_t size, size_t alignment)
{
    return make(size, alignment, PC);
}

void *new_aligned_array(size_t size, size_t alignment)
{
    return make(size, alignment, PC);
}

void delete_one(void *block)
{
    drop(block, PC);
}

void delete_array(void *block)
{
    drop(block, PC);
}

void delete_sized(void *block, size_t size)
{
    (void)size;
    drop(block, PC);
}

void delete_sized_array(void *block, size_t size)
{
    (void)size;
    drop(block, PC);
}

void delete_aligned(void *block, size_t alignment)
{
    (void)alignment;
    drop(block, PC);
}

void delete_aligned_array(void *block, size_t alignment)
{
    (void)alignment;
    drop(block, PC);
}

void delete_sized_aligned(void *block, size_t size, size_t alignment)
{
    (void)size, (void)alignment;
    drop(block, PC);
}

void delete_sized_aligned_array(void *block, size_t size, size_t alignment)
{
    (void)size, (void)alignment;
    drop(block, PC);
}
