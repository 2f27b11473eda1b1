/*
 * names.c - the names of the blocks and statics of an explained execution.
 *
 * A test names its own blocks (check_name()).  Any other is named when its address
 * is first stored in something that has a name and a type, or reached by a function
 * of which a variable holds it: one struct after its type and a number ("node2"), an
 * array after the pointer ("map.slots", and the next one that this points to
 * "map.slots'").  A block of which neither is known stays "block5+16".  Variables
 * of functions have the names that they have when they are met; where those are not
 * known, the locals of a thread are numbered.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/exhausted.h"
#include "bench/check/form.h"
#include "bench/check/locals.h"
#include "bench/check/state.h"
#include "bench/check/types.h"
#include "bench/check/variables.h"

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

/* The names of variables on stacks, and the forms of their values: many events have the same few. */
struct local {
    char *text;
    struct form form;
};
static struct {
    struct local *list;
    unsigned count, room;
} kept;

static const char *keep(const char *text, const struct form *form)
{
    for (const struct local *l = kept.list; l < kept.list + kept.count; l++)
        if (strcmp(l->text, text) == 0 && l->form.kind == form->kind &&
            l->form.fields[0].count == form->fields[0].count)
            return l->text;
    if (kept.count == kept.room) {
        kept.room = kept.room ? 2 * kept.room : 64;
        kept.list = realloc(kept.list, kept.room * sizeof *kept.list);
    }
    char *copy = kept.list ? strdup(text) : NULL;
    if (!copy)
        exhausted();
    kept.list[kept.count++] = (struct local){ copy, *form };
    return copy;
}

/* Of a name that is kept. */
static struct form form_kept(const char *text)
{
    for (const struct local *l = kept.list; l < kept.list + kept.count; l++)
        if (l->text == text)
            return l->form;
    return (struct form){ .kind = FORM_WORD };
}

void names_reset(void)
{
    count = 0;
    while (kept.count > 0)
        free(kept.list[--kept.count].text);
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
    *n = (struct named){ .start = (uintptr_t)start, .size = size, .heap = memory_block(start) != NULL };
    snprintf(n->name, sizeof n->name, "%.60s", name);
    for (struct named *older = names; older < n; older++)
        if (strcmp(older->name, n->name) == 0)
            snprintf(n->name + strlen(n->name), NAME - strlen(n->name), "'"); /* slots, then slots' */
    return n;
}

/* What was named after it is so under its new name. */
static void rename_all(const char *from, const char *to)
{
    size_t length = strlen(from);
    char rest[NAME];

    for (struct named *n = names; n < names + count; n++)
        if (strncmp(n->name, from, length) == 0 && strchr(".[", n->name[length])) {
            snprintf(rest, sizeof rest, "%s", n->name + length);
            snprintf(n->name, sizeof n->name, "%.30s%.32s", to, rest);
        }
}

void check_name(const void *block, const char *name, const char *type, void (*code)(void))
{
    const struct block *b = run.recording ? memory_block(block) : NULL;

    if (!b)
        return;
    struct named *n = name_of(block);
    if (n)
        rename_all(n->name, name);
    else if (!(n = add(block, b->size, name)))
        return;
    n->given = true;
    if (!n->typed)
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

/* What was found on a stack when it was last reached there: other functions have had other variables there. */
static const char *last_local(const void *at)
{
    for (uint32_t i = run.event_count; i-- > 0 && on_stack(at);)
        if (run.events[i].at == at && run.events[i].local)
            return run.events[i].local;
    return NULL;
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
static bool describe(const void *at, unsigned bytes, char *text, size_t size, Dwarf_Die *type, bool *typed,
                     struct form *form)
{
    const char *local = last_local(at);
    struct named *n = local ? NULL : name_of(at);
    size_t rest;

    *typed = false;
    *form = (struct form){ .kind = FORM_WORD };
    if (local) {
        snprintf(text, size, "%s", local);
        return true;
    }
    if (!n && !memory_block(at))
        n = name_local(at);
    if (!n && !memory_block(at))
        n = name_static(at);
    if (!n && !memory_block(at))
        n = name_thread_local(at);
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
        form_of(type, rest, bytes, form);
        form_name(form, text, size);
    }
    size_t used = strlen(text);
    if (rest && form->kind != FORM_BITS)
        snprintf(text + used, size - used, "+%zu", rest);
    return true;
}

bool names_describe(const void *at, char *text, size_t size)
{
    Dwarf_Die type;
    struct form form;
    bool typed;

    return describe(at, 1, text, size, &type, &typed, &form);
}

bool names_describe_access(const struct event *e, char *text, size_t size, struct form *form)
{
    Dwarf_Die type;
    bool typed;

    if (!e->local)
        return describe(e->at, e->size, text, size, &type, &typed, form);
    snprintf(text, size, "%s", e->local);
    *form = form_kept(e->local);
    return true;
}

/*
 * "map.slots" for the address of the array that it points to, "node1" for that of a struct;
 * "&head" for a static.
 */
bool names_describe_pointer(const void *to, char *text, size_t size)
{
    struct named *n = name_of(to);

    if (!n && !memory_block(to) && names_describe(to, text, size))
        n = name_of(to); /* it has a name from now on */
    for (uint32_t i = run.event_count; i-- > 0 && on_stack(to);)
        if (run.events[i].target && run.events[i].value == (uintptr_t)to) {
            snprintf(text, size, "&%s", run.events[i].target);
            return true;
        }
    if (n && n->start == (uintptr_t)to) {
        snprintf(text, size, "%s%s", n->heap ? "" : "&", n->name);
        return true;
    }
    text[0] = '&';
    return names_describe(to, text + 1, size - 1);
}

bool names_describe_beyond(const struct block *b, const void *at, char *text, size_t size)
{
    if (!name_of((const void *)b->start) || !names_describe_pointer((const void *)b->start, text, size))
        return false;
    snprintf(text + strlen(text), size - strlen(text), "+%zu", (uintptr_t)at - b->start);
    return true;
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

static void learn_pointer(const struct event *e);

/* What was stored in a block before it had a name. */
static void learn_earlier(const struct named *n)
{
    for (uint32_t i = 0; i < run.event_count; i++) {
        const struct event *e = &run.events[i];
        bool store = e->kind == EVENT_STORE || e->kind == EVENT_RMW || e->kind == EVENT_CAS ||
                     (e->kind == EVENT_WRITE && e->filled);
        if (store && (uintptr_t)e->at - n->start < n->size)
            learn_pointer(e);
    }
}

/* A template's name is longer than what it says, and what a library has made is not meant to be seen. */
static bool is_of_library(Dwarf_Die *type)
{
    const char *name = type_name(type);

    return (name[0] == '_' && isupper((unsigned char)name[1])) || strchr(name, '<');
}

/* `exactly`: a block that is no whole number of structs is one that was rounded up. */
static bool is_array(const struct block *b, Dwarf_Die *target, bool exactly)
{
    size_t size = type_size(target);

    return b->size >= 2 * size && !type_is_open(target) &&
           !(exactly && type_is_struct(target) && b->size % size);
}

/* A block that something points to which is called `path`, of a struct with the name `owner` or of none. */
static void name_block(const struct block *b, Dwarf_Die *target, bool array, const char *path, const char *owner)
{
    bool named = array || (type_is_struct(target) && !is_of_library(target));
    struct named *n = named ? add((const void *)b->start, b->size, path) : NULL;

    if (!n)
        return;
    n->typed = true;
    n->array = array;
    n->type = *target;
    if (!array && *type_name(target))
        name_struct(n, owner);
    learn_earlier(n);
}

/* The pointer that the event has stored. */
static void learn_pointer(const struct event *e)
{
    const void *to = (const void *)(uintptr_t)e->value;
    const struct block *b = e->size == sizeof to && to ? memory_block(to) : NULL;
    char path[2 * NAME];
    Dwarf_Die type, target;
    struct form form;
    bool typed;

    if (!b || b->start != e->value || name_of(to) ||
        !describe(e->at, e->size, path, sizeof path, &type, &typed, &form))
        return;
    struct named *holder = name_of(e->at);
    if (typed && type_target(&type, &target) && type_size(&target))
        name_block(b, &target, is_array(b, &target, false), path, holder->typed ? type_name(&holder->type) : "");
}

static void meet_block(const struct block *b, const void *pc)
{
    struct named *n = name_of((const void *)b->start);
    struct variables_pointer pointer;

    if ((n && n->typed) || !variables_to(b, pc, &pointer))
        return;
    if (n) {
        n->typed = true; /* a name without a type was given */
        n->type = pointer.target;
        learn_earlier(n);
    } else {
        name_block(b, &pointer.target, is_array(b, &pointer.target, true), pointer.name, "");
    }
}

static enum variables_found meet_local(const void *at, unsigned bytes, const char **name)
{
    char text[NAME];
    struct form form;
    enum variables_found found = variables_name(at, bytes, text, sizeof text, &form);

    if (found == VARIABLES_NAMED)
        *name = keep(text, &form);
    return found;
}

void names_learn(struct event *e)
{
    const void *to = (const void *)(uintptr_t)e->value;

    if (e->size == sizeof to && on_stack(to))
        meet_local(to, 0, &e->target);
    learn_pointer(e);
}

void names_meet(struct event *e)
{
    const struct block *b = e->at ? memory_block(e->at) : NULL;
    int own = errno; /* the checked code's */

    if (b)
        meet_block(b, e->pc);
    else if (on_stack(e->at))
        e->nameless = meet_local(e->at, e->size ? e->size : 1, &e->local) == VARIABLES_NAMELESS;
    errno = own;
}
