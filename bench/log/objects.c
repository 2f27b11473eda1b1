/* objects.c - JSON objects that are not one a line, by counting their braces. */
#include "bench/log/objects.h"

#include <string.h>

size_t log_object_gap(const char *text, size_t length)
{
    size_t n = 0;

    while (n < length && text[n] && strchr(" \t\r\n,[]\x1e", text[n]))
        n++;
    return n;
}

/* Takes one byte of an object; false = the object ends before it. */
static bool take(struct log_object *o, char c, bool *ends)
{
    bool began = o->line_began;

    o->line_began = false;
    if (o->quoted) {
        if (c == '\n') /* no string has one: this object is broken */
            return false;
        if (o->escaped || c == '\\')
            o->escaped = !o->escaped;
        else if (c == '"')
            o->quoted = false;
        return true;
    }
    if (c == '{' && began)
        return false;
    o->line_began = c == '\n';
    o->quoted = c == '"';
    o->depth += c == '{';
    if (c == '}')
        *ends = --o->depth == 0;
    return true;
}

size_t log_object_piece(struct log_object *o, const char *text, size_t length, bool *whole,
                        size_t *drop)
{
    bool ends = false;

    *whole = true;
    *drop = 0;
    o->other |= !o->depth && length && text[0] != '{';
    if (o->other) {
        const char *end = memchr(text, '\n', length);
        *whole = end != NULL;
        *drop = *whole;
        o->other = !end;
        return end ? (size_t)(end - text) : length;
    }
    for (size_t n = 0; n < length; n++) {
        if (!take(o, text[n], &ends)) {
            *o = (struct log_object){ 0 };
            return n;
        }
        if (ends) {
            *o = (struct log_object){ 0 };
            return n + 1;
        }
    }
    *whole = false;
    return length;
}

bool log_objects_begin(const char *text, size_t length)
{
    struct log_object o = { 0 };
    size_t at = 0, drop;
    bool whole = false;

    while (at < length && text[at] && strchr(" \t\r\n", text[at]))
        at++;
    if (at + 1 < length && text[at] == '\x1e') /* RFC 7464: each object begins with it */
        return text[at + 1] == '{';
    if (at < length && text[at] == '[') { /* "[2001:db8::1]:80 - -" is no array */
        at++;
        while (at < length && text[at] && strchr(" \t\r\n", text[at]))
            at++;
        return at == length || text[at] == '{';
    }
    if (at == length || text[at] != '{')
        return false;
    const char *line = memchr(text + at, '\n', length - at);
    size_t end = line ? (size_t)(line - text) : length;
    at += log_object_piece(&o, text + at, end - at, &whole, &drop);
    if (!whole)
        return line != NULL;
    at += log_object_gap(text + at, end - at);
    return at < end && text[at] == '{';
}
