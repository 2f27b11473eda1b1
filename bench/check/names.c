/*
 * names.c - the names of the blocks and statics of an explained execution.
 *
 * A test names its own blocks (check_name()).  Any other is named when its address
 * is first stored in something that has a name and a type: one struct after its
 * type and a number ("node2"), an array after the pointer ("map.slots", and the next
 * one that this points to "map.slots'").  A block without debugger information
 * stays "block5+16".  Locals of a thread are numbered as they are first met.
 */
#include <string.h>

#include "bench/check/locals.h"
#include "bench/check/state.h"
#include "bench/check/types.h"

enum { NAMES = 512, NAME = 64 };

static struct named {
    uintptr_t start;
    size_t size;
    char name[NAME];
    Dwarf_Die type;
    bool typed, array, given; /* given: named by check_name() */
    bool heap;
} names[NAMES];
static unsigned count;

void names_reset(void)
{
    count = 0;
}

static struct named *name_of(const void *at)
{
    for (unsigned i = 0; i < count; i++)
        if ((uintptr_t)at - names[i].start < names[i].size)
            return &names[i];
    return NULL;
}

static struct named *add(const void *start, size_t size, const char *name)
{
    if (count == NAMES)
        return NULL;
    struct named *n = &names[count++];
    *n = (struct named){ .start = (uintptr_t)start, .size = size, .heap = memory_block(start, NULL) };
    snprintf(n->name, sizeof n->name, "%.60s", name);
    for (struct named *older = names; older < n; older++)
        if (strcmp(older->name, n->name) == 0)
            snprintf(n->name + strlen(n->name), NAME - strlen(n->name), "'"); /* slots, then slots' */
    return n;
}

void check_name(const void *block, const char *name, const char *type, void (*code)(void))
{
    size_t size;

    if (!run.recording || !memory_block(block, &size))
        return;
    struct named *n = add(block, size, name);
    if (!n)
        return;
    n->given = true;
    n->typed = type && type_named((uintptr_t)code, type, &n->type);
}

/* A static object is named by the linker; its type makes fields of its bytes. */
static struct named *name_static(const void *at)
{
    char name[NAME];
    size_t size;
    const void *start = source_object(at, name, sizeof name, &size);
    struct named *n = start ? add(start, size, name) : NULL;

    if (n)
        n->typed = type_of_static(start, &n->type);
    return n;
}

/* "thread1.local2": eight bytes of a stack, since it is not known which variable they are. */
static struct named *name_local(const void *at)
{
    enum { WORD = 8 };
    ptrdiff_t offset = (const char *)at - run.stacks;
    char name[NAME], prefix[NAME];
    unsigned number = 1, thread = (unsigned)(offset / STATE_STACK);

    if (offset < 0 || thread >= STATE_THREADS)
        return NULL;
    snprintf(prefix, sizeof prefix, thread ? "thread%u.local" : "main.local", thread);
    for (unsigned i = 0; i < count; i++)
        number += strncmp(names[i].name, prefix, strlen(prefix)) == 0;
    snprintf(name, sizeof name, "%.40s%u", prefix, number);
    return add((const void *)((uintptr_t)at & ~(uintptr_t)(WORD - 1)), WORD, name);
}

/* "thread1.errors": of each thread another one. */
static struct named *name_thread_local(const void *at)
{
    char name[NAME], variable[NAME];
    unsigned thread;
    size_t offset, start, size;

    if (!locals_find(at, &thread, &offset) ||
        !source_thread_local(offset, variable, sizeof variable, &start, &size))
        return NULL;
    if (thread)
        snprintf(name, sizeof name, "thread%u.%.40s", thread, variable);
    else
        snprintf(name, sizeof name, "main.%.40s", variable);
    return add((const char *)at - (offset - start), size, name);
}

/* The path of the object at that address; its type, if it is known, in *type. */
static bool describe(const void *at, char *text, size_t size, Dwarf_Die *type, bool *typed)
{
    struct named *n = name_of(at);
    size_t rest;

    if (!n && !memory_block(at, NULL))
        n = name_local(at);
    if (!n && !memory_block(at, NULL))
        n = name_static(at);
    if (!n && !memory_block(at, NULL))
        n = name_thread_local(at);
    *typed = false;
    if (!n)
        return false;
    rest = (uintptr_t)at - n->start;
    snprintf(text, size, "%s", n->name);
    if (n->typed) {
        size_t element = type_size(&n->type), used = strlen(text);
        if (n->array && element)
            snprintf(text + used, size - used, "[%zu]", rest / element);
        *type = n->type;
        rest = type_path(type, n->array && element ? rest % element : rest, text, size);
        *typed = rest == 0;
    }
    size_t used = strlen(text);
    if (rest)
        snprintf(text + used, size - used, "+%zu", rest);
    return true;
}

bool names_describe(const void *at, char *text, size_t size)
{
    Dwarf_Die type;
    bool typed;

    return describe(at, text, size, &type, &typed);
}

/*
 * "map.slots" for the address of the array that it points to, "node1" for that of a struct;
 * "&head" for a static.
 */
bool names_describe_pointer(const void *to, char *text, size_t size)
{
    struct named *n = name_of(to);

    if (!n && !memory_block(to, NULL) && names_describe(to, text, size))
        n = name_of(to); /* it has a name from now on */
    if (n && n->start == (uintptr_t)to) {
        snprintf(text, size, "%s%s", n->heap ? "" : "&", n->name);
        return true;
    }
    text[0] = '&';
    return names_describe(to, text + 1, size - 1);
}

/* A struct's name without the owner's in front: presence_NAME_entry becomes entry. */
static const char *short_name(const char *type, const char *owner)
{
    size_t common = 0;

    while (type[common] && type[common] == owner[common])
        common++;
    if (owner[common] == '\0' && type[common] == '_')
        return type + common + 1;
    while (common > 0 && type[common - 1] != '_')
        common--;
    return type + common;
}

static void name_struct(struct named *n, const char *owner)
{
    const char *name = short_name(type_name(&n->type), owner);
    size_t length = strlen(name);
    unsigned number = 1;

    for (unsigned i = 0; i < count; i++)
        number += &names[i] != n && strncmp(names[i].name, name, length) == 0 &&
                  strspn(names[i].name + length, "0123456789") == strlen(names[i].name + length);
    snprintf(n->name, sizeof n->name, "%.48s%u", name, number);
}

/* What was stored in a block before it had a name. */
static void learn_earlier(const struct named *n)
{
    for (uint32_t i = 0; i < run.event_count; i++) {
        const struct event *e = &run.events[i];
        bool store = e->kind == EVENT_STORE || e->kind == EVENT_RMW || e->kind == EVENT_CAS ||
                     (e->kind == EVENT_WRITE && e->filled);
        if (store && (uintptr_t)e->at - n->start < n->size)
            names_learn(e);
    }
}

void names_learn(const struct event *e)
{
    const void *to = (const void *)(uintptr_t)e->value;
    char path[2 * NAME];
    Dwarf_Die type, target;
    size_t size;
    bool typed;

    if (!to || e->size != sizeof(void *) || memory_block(to, &size) != to || name_of(to) ||
        !describe(e->at, path, sizeof path, &type, &typed))
        return;
    struct named *holder = name_of(e->at), *n;
    bool known = typed && type_target(&type, &target) && type_size(&target);
    bool array = known && size >= 2 * type_size(&target) && !type_is_open(&target);
    if (!known || (!array && !type_is_struct(&target)) || !(n = add(to, size, path)))
        return;
    n->typed = true;
    n->array = array;
    n->type = target;
    if (!array)
        name_struct(n, holder->typed ? type_name(&holder->type) : "");
    learn_earlier(n);
}
