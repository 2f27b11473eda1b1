/*
 * cxx_locals.c - thread-local objects of C++, whose destructors run at the end of their thread.
 *
 * Where such an object is constructed the compiler calls libstdc++, to register its destructor.  The C library would
 * run it when a real thread ends, and the threads of an execution are none.  So this is the same symbol of the Itanium
 * ABI, which the linker takes before the library's: what a thread of an execution registers is kept here,
 * by its place, and run at its end as steps of its own.
 */
#include <stdint.h>
#include <stdlib.h>

#include "bench/machine/machine.h"
#include "bench/machine/model_parts.h"

#define PC __builtin_return_address(0)

int register_local(void (*destroy)(void *object), void *object, void *library) __asm__("__cxa_thread_atexit");

/* Of the C library. */
int register_natively(void (*destroy)(void *object), void *object, void *library)
    __asm__("__cxa_thread_atexit_impl") __attribute__((weak));

/* The memory of a list stays for the threads that stand in that place later. */
static struct {
    uint64_t execution;
    struct local {
        void (*destroy)(void *object);
        void *object;
    } *list;
    size_t count, room;
} locals[MACHINE_THREADS];

/* What a thread has left that did not come to its end is of another execution, and is forgotten. */
static unsigned place(void)
{
    unsigned t = machine->self();

    if (locals[t].execution != machine->execution())
        locals[t].count = 0;
    locals[t].execution = machine->execution();
    return t;
}

static void make_room(unsigned t, const void *pc)
{
    size_t room = locals[t].room ? 2 * locals[t].room : 16;
    struct local *list = realloc(locals[t].list, room * sizeof *list);

    if (!list)
        machine->unmodelled("has more thread-local objects than there is memory for", pc);
    locals[t].list = list;
    locals[t].room = room;
}

int register_local(void (*destroy)(void *object), void *object, void *library)
{
    if (machine == &machine_native) /* of the real main thread, before or behind the executions */
        return register_natively ? register_natively(destroy, object, library) : -1;
    unsigned t = place();
    if (locals[t].count == locals[t].room)
        make_room(t, PC);
    locals[t].list[locals[t].count++] = (struct local){ destroy, object };
    return 0;
}

/* A destructor may construct other objects, which are then the last. */
void cxx_locals_end(void)
{
    unsigned t = place();

    while (locals[t].count) {
        struct local last = locals[t].list[--locals[t].count];
        last.destroy(last.object);
    }
}
