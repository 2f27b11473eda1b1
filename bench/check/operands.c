/* operands.c - see operands.h; by elfutils' libdw, from the caller's frame. */
#include "bench/check/operands.h"

#include <ctype.h>
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/places.h"
#include "bench/check/state.h"
#include "bench/check/types.h"

enum { NEAR = 200, PART = 64 };

static bool find_place(const struct operands_frame *f, struct place *p)
{
    if (!place_find(p, (uintptr_t)f->pc - 1))
        return false;
    p->frame_pointer = *(const uintptr_t *)f->frame;
    p->stack_pointer = (uintptr_t)f->frame + 2 * sizeof(void *);
    return true;
}

/* ---- their values ---- */

/* A name in the condition, with its members: "box->letter". */
struct path {
    const char *text;
    size_t length;
};

/* The last character of a string or of a character that begins here. */
static const char *literal_end(const char *c)
{
    char quote = *c++;

    while (*c && *c != quote)
        c += *c == '\\' && c[1] ? 2 : 1;
    return *c ? c : c - 1;
}

/* Whether it is a member of what has no name of its own, as in "get()->value". */
static bool is_member(const char *text, const char *c)
{
    while (c > text && c[-1] == ' ')
        c--;
    return c > text && (c[-1] == '.' || (c[-1] == '>' && c - 1 > text && c[-2] == '-'));
}

/* The next one at or behind *at; calls of functions, fields of results and what stands in literals are none. */
static bool next_path(const char *text, const char **at, struct path *p)
{
    for (const char *c = *at; *c; c++) {
        if (*c == '"' || *c == '\'') {
            c = literal_end(c);
            continue;
        }
        if (!isalpha((unsigned char)*c) && *c != '_') {
            c += isdigit((unsigned char)*c) ? strspn(c, "0123456789abcdefxXuUlL.'") - 1 : 0;
            continue;
        }
        const char *end = c;
        do {
            end += *end == '-' ? 2 : *end == '.' ? 1 : 0;
            while (isalnum((unsigned char)*end) || *end == '_')
                end++;
        } while (*end == '.' || (end[0] == '-' && end[1] == '>'));
        *p = (struct path){ c, (size_t)(end - c) };
        *at = end;
        if (*end != '(' && *end != '"' && *end != '\'' && !is_member(text, c))
            return true;
        c = end - 1;
    }
    return false;
}

/* Takes the first name of the path off it. */
static void take_name(struct path *p, char name[PART])
{
    size_t length = 0;

    while (p->length && (*p->text == '.' || *p->text == '-' || *p->text == '>')) {
        p->text++;
        p->length--;
    }
    while (length < p->length && (isalnum((unsigned char)p->text[length]) || p->text[length] == '_'))
        length++;
    snprintf(name, PART, "%.*s", (int)length, p->text);
    p->text += length;
    p->length -= length;
}

/* Goes on from a variable to the members of the path. */
static bool follow(struct path p, uintptr_t *at, Dwarf_Die *type)
{
    char name[PART];

    while (p.length) {
        bool arrow = *p.text == '-';
        Dwarf_Die target;
        size_t offset;
        if (arrow) {
            if (!type_target(type, &target))
                return false;
            *type = target;
            *at = *(const uintptr_t *)*at;
        }
        take_name(&p, name);
        if (!*at || !type_member(type, name, &offset))
            return false;
        *at += offset;
    }
    return true;
}

static bool print_value(uintptr_t at, Dwarf_Die *type, char *text, size_t size)
{
    size_t bytes = type_size(type);
    Dwarf_Die target;
    double number;

    if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)
        return false;
    uint64_t value = machine_peek((const void *)at, (unsigned)bytes);
    if (type_target(type, &target) || dwarf_tag(type) == DW_TAG_pointer_type) {
        value_text(value, text, size);
        return true;
    }
    switch (type_kind(type)) {
    case TYPE_SIGNED:
        snprintf(text, size, "%lld", (long long)(int64_t)(value << (64 - 8 * bytes)) >> (64 - 8 * bytes));
        return true;
    case TYPE_UNSIGNED:
        snprintf(text, size, "%llu", (unsigned long long)value);
        return true;
    case TYPE_FLOAT:
        if (bytes != sizeof number)
            return false;
        memcpy(&number, (const void *)at, sizeof number);
        snprintf(text, size, "%g", number);
        return true;
    default: return false;
    }
}

/* " = 1" of the path, into `text`; false if it cannot be found. */
static bool print_path(const struct place *p, struct path path, char *text, size_t size)
{
    char name[PART], value[PART];
    struct path rest = path;
    Dwarf_Die variable, type;
    uintptr_t at;

    take_name(&rest, name);
    if (dwarf_getscopevar(p->scopes, p->scope_count, name, 0, NULL, 0, 0, &variable) < 0 ||
        type_is_atomic(&variable) || !type_of_variable(&variable, &type) ||
        !place_of_variable(p, &variable, &at) || !follow(rest, &at, &type) ||
        !print_value(at, &type, value, sizeof value))
        return false;
    if (strlen(value) == path.length && strncmp(value, path.text, path.length) == 0)
        return false; /* a pointer after which its block is named */
    snprintf(text, size, "%.*s = %s", (int)path.length, path.text, value);
    return true;
}

static void append(char *text, size_t size, const char *what)
{
    size_t used = strlen(text);

    if (!strstr(text, what))
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

    for (uint32_t i = from; i < run.event_count; i++) {
        const struct event *e = &run.events[i];
        bool load = e->kind == EVENT_LOAD || e->kind == EVENT_RMW || e->kind == EVENT_CAS ||
                    e->kind == EVENT_CAS_FAILED;
        if (!load || e->thread != run.me || is_repeated(e))
            continue;
        source_line(e->pc, source, sizeof source);
        if (strcmp(source, line) != 0)
            continue;
        memory_describe(e->at, where, sizeof where);
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
    while (next_path(condition, &rest, &path))
        if (print_path(&p, path, one, sizeof one))
            append(text, size, one);
    free(p.scopes);
}
