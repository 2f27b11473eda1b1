/* variables.c - see variables.h. */
#include "bench/check/variables.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/places.h"

/* The place of a function with this frame.  The same few are asked for again and again. */
static const struct place *place_of(const void *pc, uintptr_t frame)
{
    enum { PLACES = 256 };
    static struct kept {
        const void *pc;
        struct place place;
        bool known;
    } places[PLACES];
    struct kept *k = &places[(uintptr_t)pc % PLACES];

    if (k->pc != pc) {
        free(k->place.scopes);
        k->pc = pc;
        k->known = place_find(&k->place, (uintptr_t)pc - 1);
    }
    if (!k->known)
        return NULL;
    place_frame(&k->place, frame);
    return &k->place;
}

/* The names of macros say nothing to those who use them. */
static bool is_reserved(Dwarf_Die *variable)
{
    const char *name = dwarf_diename(variable);

    return !name || strncmp(name, "__", 2) == 0;
}

/* ---- what points to a block ---- */

struct pointed {
    const struct block *block;
    bool made_here; /* by this function: then it may be an array as well, or larger than what it holds */
    struct variables_pointer *found;
};

/* A part of a struct is often at its beginning, and a pointer to it says nothing of the whole. */
static bool fits(Dwarf_Die *target, const struct pointed *s)
{
    size_t size = type_size(target);

    if (size == 0 || size > s->block->size)
        return false;
    return (s->made_here && size > 1) ||
           (type_is_struct(target) && (size == s->block->size || type_is_open(target)));
}

static bool holds_it(const struct place *p, Dwarf_Die *variable, void *context)
{
    struct pointed *s = context;
    Dwarf_Die type, target;
    uintptr_t at;

    if (is_reserved(variable) || !type_of_variable(variable, &type) || !type_target(&type, &target) || !fits(&target, s) ||
        !place_of_variable(p, variable, &at) || !on_own_stack((const void *)at) ||
        *(const uintptr_t *)at != s->block->start)
        return false;
    s->found->target = target;
    s->found->name = dwarf_diename(variable);
    return true;
}

bool variables_to(const struct block *block, const void *pc, struct variables_pointer *found)
{
    struct pointed s = { .block = block, .found = found };
    uintptr_t frame = frames_address();
    const struct place *p = frame && pc ? place_of(pc, frame) : NULL;

    if (!p)
        return false;
    s.made_here = place_has(p, (uintptr_t)block->made - 1);
    return place_each(p, holds_it, &s);
}

/* ---- what lies on a stack ---- */

struct lying {
    uintptr_t at;
    Dwarf_Die variable, type;
    size_t offset;
};

static bool lies_there(const struct place *p, Dwarf_Die *variable, void *context)
{
    struct lying *l = context;
    uintptr_t start;

    if (is_reserved(variable) || !type_of_variable(variable, &l->type) || !place_of_variable(p, variable, &start) ||
        l->at - start >= type_size(&l->type))
        return false;
    l->variable = *variable;
    l->offset = l->at - start;
    return true;
}

enum variables_found variables_name(const void *at, unsigned bytes, char *text, size_t size, struct form *form)
{
    struct lying l = { .at = (uintptr_t)at };
    unsigned thread;
    const void *pc;
    uintptr_t frame = frames_around(at, &thread, &pc);
    const struct place *p = frame ? place_of(pc, frame) : NULL;

    text[0] = '\0';
    *form = (struct form){ .kind = FORM_WORD };
    if (!p)
        return VARIABLES_UNKNOWN;
    if (!place_each(p, lies_there, &l))
        return VARIABLES_NAMELESS;
    if (thread)
        snprintf(text, size, "thread%u.%s", thread, dwarf_diename(&l.variable));
    else
        snprintf(text, size, "main.%s", dwarf_diename(&l.variable));
    if (bytes == 0 && l.offset == 0)
        return VARIABLES_NAMED;
    size_t rest = type_path(&l.type, l.offset, text, size);
    form_of(&l.type, rest, bytes, form);
    form_name(form, text, size);
    size_t used = strlen(text);
    if (rest && form->kind != FORM_BITS)
        snprintf(text + used, size - used, "+%zu", rest);
    return VARIABLES_NAMED;
}
