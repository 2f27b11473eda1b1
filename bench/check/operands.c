/* operands.c - see operands.h; by elfutils' libdw, from the caller's frame. */
#include "bench/check/operands.h"

#include <ctype.h>
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/form.h"
#include "bench/check/paths.h"
#include "bench/check/peek.h"
#include "bench/check/places.h"
#include "bench/check/state.h"
#include "bench/check/types.h"

enum { NEAR = 200 };

static bool find_place(const struct operands_frame *f, struct place *p)
{
    if (!place_find(p, (uintptr_t)f->pc - 1))
        return false;
    p->frame_pointer = *(const uintptr_t *)f->frame;
    p->stack_pointer = (uintptr_t)f->frame + 2 * sizeof(void *);
    return true;
}

/* ---- their values ---- */

/* An object of the program. */
struct operand {
    uintptr_t at;
    Dwarf_Die type;
    struct type_bits bits;
};

/* From a pointer to what it points to. */
static bool to_target(struct operand *o)
{
    Dwarf_Die target;

    if (type_is_atomic(&o->type) || !type_target(&o->type, &target) || !peek(o->at, &o->at, sizeof o->at))
        return false;
    o->type = target;
    return true;
}

/* A signed number of so many bytes. */
static int64_t widened(uint64_t value, size_t bytes)
{
    unsigned unused = bytes < sizeof value ? 8 * (unsigned)(sizeof value - bytes) : 0;

    return (int64_t)(value << unused) >> unused;
}

static bool find_operand(const struct place *p, struct path path, struct operand *o);

/* Takes an index off the path, "[2]" or "[i]"; of an expression the value is not known. */
static bool take_index(const struct place *p, struct path *path, size_t *index)
{
    const char *close = path->length && *path->text == '[' ? paths_bracket(path->text) : NULL;
    struct path inner = { path->text + 1, close ? (size_t)(close - path->text) - 1 : 0 };
    struct operand o;
    uint64_t value = 0;
    char *end;

    if (!close)
        return false;
    path->length -= inner.length + 2;
    path->text = close + 1;
    if (isdigit((unsigned char)*inner.text)) {
        *index = strtoul(inner.text, &end, 0);
        return end + strspn(end, "uUlL") == close;
    }
    if (!find_operand(p, inner, &o) || type_size(&o.type) > sizeof value ||
        (type_kind(&o.type) != TYPE_SIGNED && type_kind(&o.type) != TYPE_UNSIGNED) ||
        !peek(o.at, &value, type_size(&o.type)))
        return false;
    *index = type_kind(&o.type) == TYPE_SIGNED ? (size_t)widened(value, type_size(&o.type)) : value;
    return true;
}

/* From an array, or a pointer to one, to its element. */
static bool take_element(const struct place *p, struct path *path, struct operand *o)
{
    size_t lengths[TYPE_DIMENSIONS], index, offset = 0;
    Dwarf_Die element;
    unsigned count = type_elements(&o->type, &element, lengths);

    if (count == 0) {
        if (!to_target(o) || !take_index(p, path, &index))
            return false;
        o->at += index * type_size(&o->type);
        return true;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!take_index(p, path, &index) || (index >= lengths[i] && (lengths[i] || i > 0)))
            return false;
        offset = offset * lengths[i] + index;
    }
    o->at += offset * type_size(&element);
    o->type = element;
    return true;
}

/* Goes from a variable to its members and elements. */
static bool find_operand(const struct place *p, struct path path, struct operand *o)
{
    char name[PATHS_NAME];
    Dwarf_Die variable;
    size_t offset;

    o->bits = (struct type_bits){ 0, 0, false };
    paths_name(&path, name);
    if (dwarf_getscopevar(p->scopes, p->scope_count, name, 0, NULL, 0, 0, &variable) < 0 ||
        type_is_atomic(&variable) || !type_of_variable(&variable, &o->type) ||
        !place_of_variable(p, &variable, &o->at))
        return false;
    while (path.length) {
        if (*path.text == '[') {
            if (!take_element(p, &path, o))
                return false;
            continue;
        }
        if (*path.text == '-' && !to_target(o))
            return false;
        paths_name(&path, name);
        if (!type_member(&o->type, name, &offset, &o->bits))
            return false;
        o->at += offset;
    }
    return true;
}

static bool print_float(const void *bytes, size_t size, char *text, size_t room)
{
    long double large;
    double number;
    float small;

    if (size == sizeof small) {
        memcpy(&small, bytes, sizeof small);
        large = small;
    } else if (size == sizeof number) {
        memcpy(&number, bytes, sizeof number);
        large = number;
    } else if (size == sizeof large) {
        memcpy(&large, bytes, sizeof large);
    } else {
        return false;
    }
    snprintf(text, room, "%Lg", large);
    return true;
}

/* One of 16 bytes in decimal if it is small. */
static void print_integer(const uint64_t halves[2], size_t bytes, bool negative, char *text, size_t size)
{
    int64_t value = widened(halves[0], bytes);

    if (bytes == 16 && halves[1] != (negative ? (uint64_t)(value >> 63) : 0))
        snprintf(text, size, "0x%llx%016llx", (unsigned long long)halves[1], (unsigned long long)halves[0]);
    else if (negative)
        snprintf(text, size, "%lld", (long long)value);
    else
        snprintf(text, size, "%llu", (unsigned long long)halves[0]);
}

/* Letters, of an array or behind a pointer. */
static bool print_letters(const struct operand *o, char *text, size_t size)
{
    size_t lengths[TYPE_DIMENSIONS], most = SIZE_MAX;
    Dwarf_Die type = o->type, target;
    uintptr_t at = o->at;

    if (type_elements(&type, &target, lengths) == 1)
        most = lengths[0] ? lengths[0] : most;
    else if (!type_target(&type, &target) || !peek(at, &at, sizeof at))
        return false;
    return type_is_char(&target) && peek_text(at, most, text, size);
}

static bool print_value(struct operand *o, char *text, size_t size)
{
    size_t bytes = type_size(&o->type);
    uint64_t halves[2] = { 0, 0 };
    bool negative = type_kind(&o->type) == TYPE_SIGNED;

    if (o->bits.count) {
        bytes = (o->bits.first + o->bits.count + 7) / 8;
        if (bytes > sizeof halves[0] || !peek(o->at, halves, bytes))
            return false;
        form_bits(halves[0], (unsigned)o->bits.first, o->bits.count, o->bits.negative, text, size);
        return true;
    }
    if (print_letters(o, text, size))
        return true;
    if (bytes == 0 || bytes > sizeof halves || !peek(o->at, halves, bytes))
        return false;
    if (dwarf_tag(&o->type) == DW_TAG_pointer_type) {
        value_text(halves[0], text, size);
        return true;
    }
    switch (type_kind(&o->type)) {
    case TYPE_SIGNED:
    case TYPE_UNSIGNED:
        print_integer(halves, bytes, negative, text, size);
        return true;
    case TYPE_FLOAT: return print_float(halves, bytes, text, size);
    default: return false;
    }
}

/* "path = 1" into `text`; false if it cannot be found. */
static bool print_path(const struct place *p, struct path path, char *text, size_t size)
{
    struct operand o;
    char value[64];

    if (!find_operand(p, path, &o) || !print_value(&o, value, sizeof value))
        return false;
    if (strlen(value) == path.length && strncmp(value, path.text, path.length) == 0)
        return false; /* a pointer after which its block is named */
    snprintf(text, size, "%.*s = %s", (int)path.length, path.text, value);
    return true;
}

/* Whether the list has it already. */
static bool lists(const char *text, const char *what)
{
    size_t length = strlen(what);

    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        if ((at == text || at[-1] == ' ') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

static void append(char *text, size_t size, const char *what)
{
    size_t used = strlen(text);

    if (!lists(text, what))
        snprintf(text + used, size - used, "%s%s", used ? ", " : "", what);
}

/* Whether the same code has loaded anew since: that of a loop on the same line. */
static bool is_repeated(const struct event *e)
{
    for (const struct event *later = e + 1; later < run.events + run.event_count; later++)
        if (later->thread == e->thread && later->pc == e->pc && later->half != 2 && later->kind != EVENT_FAIL)
            return true;
    return false;
}

/* What atomic loads of this thread on that line have returned: in weak mode not what is there. */
static void print_loads(const char *line, char *text, size_t size)
{
    uint32_t from = run.event_count > NEAR ? run.event_count - NEAR : 0;
    char where[96], value[48], source[OPERANDS_LINE], one[160];
    struct form form;

    for (uint32_t i = from; i < run.event_count; i++) {
        const struct event *e = &run.events[i];
        bool load = e->kind == EVENT_LOAD || e->kind == EVENT_RMW || e->kind == EVENT_CAS ||
                    e->kind == EVENT_CAS_FAILED;
        if (!load || e->thread != run.me || is_repeated(e))
            continue;
        source_line(e->pc, source, sizeof source);
        if (strcmp(source, line) != 0)
            continue;
        if (!names_describe_access(e, where, sizeof where, &form))
            memory_describe(e->at, where, sizeof where);
        if (!form_value(&form, e->before, e->size, value, sizeof value))
            value_text(e->before, value, sizeof value);
        snprintf(one, sizeof one, "%s = %s", where, value);
        append(text, size, one);
    }
}

void operands_print(const char *condition, const char *line, const struct operands_frame *f,
                    char *text, size_t size)
{
    struct place p;
    struct path path;
    const char *rest = condition;
    char one[160];

    text[0] = '\0';
    print_loads(line, text, size);
    if (!find_place(f, &p))
        return;
    while (paths_next(condition, &rest, &path))
        if (print_path(&p, path, one, sizeof one))
            append(text, size, one);
    free(p.scopes);
}
