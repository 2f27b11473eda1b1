/* formats.c - see formats.h. */
#include "bench/machine/formats.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "bench/machine/machine.h"

/* A text and its end, or `most` bytes if there is none among them. */
static void reads_text(const char *text, size_t most, const void *pc)
{
    size_t length = strnlen(text, most);
    size_t size = length < most ? length + 1 : most;

    if (size)
        machine->plain((void *)(uintptr_t)text, size, false, false, pc);
}

/* What one conversion takes from the list of arguments. */
enum length { LENGTH_INT, LENGTH_LONG, LENGTH_LONGER, LENGTH_SIZE, LENGTH_DOUBLE };

static enum length take_length(const char **at)
{
    enum length l = LENGTH_INT;

    for (;; ++*at)
        switch (**at) {
        case 'h': break;
        case 'l': l = l == LENGTH_LONG ? LENGTH_LONGER : LENGTH_LONG; break;
        case 'q': l = LENGTH_LONGER; break;
        case 'j': l = LENGTH_LONGER; break;
        case 'z':
        case 't': l = LENGTH_SIZE; break;
        case 'L': l = LENGTH_DOUBLE; break;
        default: return l;
        }
}

static void skip_integer(va_list *arguments, enum length l)
{
    if (l == LENGTH_LONGER)
        (void)va_arg(*arguments, long long);
    else if (l == LENGTH_LONG)
        (void)va_arg(*arguments, long);
    else if (l == LENGTH_SIZE)
        (void)va_arg(*arguments, size_t);
    else
        (void)va_arg(*arguments, int);
}

/* A width or a precision, which may be an argument; or `most` if there is none. */
static size_t take_number(const char **at, va_list *arguments, size_t most)
{
    if (**at == '*') {
        int given = va_arg(*arguments, int);
        ++*at;
        return given >= 0 ? (size_t)given : most;
    }
    return (size_t)strtoul(*at, (char **)(uintptr_t)at, 10);
}

/* The bytes of an integer with this length; `h` counts how many h stood there. */
static size_t integer_size(enum length l, unsigned h)
{
    if (h)
        return h == 1 ? sizeof(short) : 1;
    return l == LENGTH_LONGER ? sizeof(long long) : l == LENGTH_LONG ? sizeof(long)
           : l == LENGTH_SIZE ? sizeof(size_t) : sizeof(int);
}

void formats_read_arguments(const char *format, va_list *arguments, const void *pc)
{
    for (const char *at = format; (at = strchr(at, '%')) != NULL;) {
        size_t precision = SIZE_MAX;
        at += 1 + strspn(at + 1, "-+ #0'I");
        take_number(&at, arguments, 0);
        if (*at == '$')
            return;
        if (*at == '.') {
            at++;
            precision = take_number(&at, arguments, SIZE_MAX);
        }
        unsigned h = (unsigned)strspn(at, "h");
        enum length l = take_length(&at);
        const char *text;
        void *counted;
        switch (*at) {
        case '\0': return;
        case '%':
        case 'm': break;
        case 's':
            text = va_arg(*arguments, const char *);
            if (text && l == LENGTH_INT)
                reads_text(text, precision, pc);
            break;
        case 'n':
            counted = va_arg(*arguments, void *);
            machine->plain(counted, integer_size(l, h), true, false, pc);
            break;
        case 'S':
        case 'p': (void)va_arg(*arguments, void *); break;
        case 'a': case 'A': case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
            if (l == LENGTH_DOUBLE)
                (void)va_arg(*arguments, long double);
            else
                (void)va_arg(*arguments, double);
            break;
        case 'c':
            if (l == LENGTH_LONG)
                (void)va_arg(*arguments, wint_t);
            else
                (void)va_arg(*arguments, int);
            break;
        default: skip_integer(arguments, l);
        }
        at++;
    }
}

/* ---- scanning ---- */

/* The set of "%[...]": from behind the bracket to behind the closing one. */
static const char *behind_set(const char *at)
{
    at += *at == '^';
    at += *at == ']';
    at += strcspn(at, "]");
    return *at ? at + 1 : at;
}

void formats_written(const char *format, va_list *arguments, int count, const void *pc)
{
    for (const char *at = format; count > 0 && (at = strchr(at, '%')) != NULL;) {
        at++;
        bool dropped = *at == '*';
        at += dropped;
        size_t width = (size_t)strtoul(at, (char **)(uintptr_t)&at, 10);
        if (*at == '$' || *at == 'm')
            return;
        unsigned h = (unsigned)strspn(at, "h");
        enum length l = take_length(&at);
        char kind = *at;
        size_t size = integer_size(l, h);
        if (kind == '\0')
            return;
        at = kind == '[' ? behind_set(at + 1) : at + 1;
        if (kind == '%' || dropped)
            continue;
        void *to = va_arg(*arguments, void *);
        if (strchr("aAeEfFgG", kind))
            size = l == LENGTH_DOUBLE ? sizeof(long double) : l == LENGTH_LONG ? sizeof(double)
                                                                               : sizeof(float);
        else if (kind == 'p')
            size = sizeof(void *);
        else if (kind == 's' || kind == '[')
            size = l == LENGTH_INT ? strlen(to) + 1 : 0; /* wide characters are not followed */
        else if (kind == 'c')
            size = l == LENGTH_INT ? (width ? width : 1) : 0;
        if (size)
            machine->plain(to, size, true, false, pc);
        count -= kind != 'n';
    }
}
