/* text_models.c - see text_models.h. */
#include "bench/machine/text_models.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/machine/formats.h"
#include "bench/machine/machine.h"

#define PC __builtin_return_address(0)

static void reads(const void *at, size_t size, const void *pc)
{
    if (size)
        machine->plain((void *)at, size, false, false, pc);
}

static void writes(void *at, size_t size, const void *pc)
{
    if (size)
        machine->plain(at, size, true, false, pc);
}

/* A text and its end, or `most` bytes if there is none among them. */
static size_t reads_text(const char *text, size_t most, const void *pc)
{
    size_t length = strnlen(text, most);

    reads(text, length < most ? length + 1 : most, pc);
    return length;
}

/* ---- bytes ---- */

void *check_memcpy(void *to, const void *from, size_t size)
{
    reads(from, size, PC);
    writes(to, size, PC);
    return memcpy(to, from, size);
}

void *check_memmove(void *to, const void *from, size_t size)
{
    reads(from, size, PC);
    writes(to, size, PC);
    return memmove(to, from, size);
}

void *check_memset(void *to, int byte, size_t size)
{
    writes(to, size, PC);
    return memset(to, byte, size);
}

int check_memcmp(const void *one, const void *other, size_t size)
{
    reads(one, size, PC);
    reads(other, size, PC);
    return memcmp(one, other, size);
}

void *check_memchr(const void *in, int byte, size_t size)
{
    const char *found = memchr(in, byte, size);

    reads(in, found ? (size_t)(found - (const char *)in) + 1 : size, PC);
    return (void *)(uintptr_t)found;
}

/* ---- texts ---- */

size_t check_strlen(const char *text)
{
    return reads_text(text, SIZE_MAX, PC);
}

size_t check_strnlen(const char *text, size_t most)
{
    return reads_text(text, most, PC);
}

int check_strcmp(const char *one, const char *other)
{
    reads_text(one, SIZE_MAX, PC);
    reads_text(other, SIZE_MAX, PC);
    return strcmp(one, other);
}

int check_strncmp(const char *one, const char *other, size_t most)
{
    reads_text(one, most, PC);
    reads_text(other, most, PC);
    return strncmp(one, other, most);
}

char *check_strchr(const char *text, int c)
{
    reads_text(text, SIZE_MAX, PC);
    return strchr(text, c);
}

char *check_strrchr(const char *text, int c)
{
    reads_text(text, SIZE_MAX, PC);
    return strrchr(text, c);
}

char *check_strstr(const char *text, const char *wanted)
{
    reads_text(text, SIZE_MAX, PC);
    reads_text(wanted, SIZE_MAX, PC);
    return strstr(text, wanted);
}

/* Writes a text of that length and its end. */
static char *copy(char *to, const char *from, size_t length, const void *pc)
{
    writes(to, length + 1, pc);
    memmove(to, from, length);
    to[length] = '\0';
    return to;
}

char *check_strcpy(char *to, const char *from)
{
    return copy(to, from, reads_text(from, SIZE_MAX, PC), PC);
}

char *check_strncpy(char *to, const char *from, size_t size)
{
    size_t length = reads_text(from, size, PC);

    writes(to, size, PC);
    memcpy(to, from, length);
    memset(to + length, 0, size - length);
    return to;
}

char *check_strcat(char *to, const char *from)
{
    size_t length = reads_text(from, SIZE_MAX, PC);

    copy(to + reads_text(to, SIZE_MAX, PC), from, length, PC);
    return to;
}

char *check_strncat(char *to, const char *from, size_t most)
{
    size_t length = reads_text(from, most, PC);

    copy(to + reads_text(to, SIZE_MAX, PC), from, length, PC);
    return to;
}

static char *duplicate(const char *text, size_t length, const void *pc)
{
    char *made = machine->allocate(length + 1, 16, false, pc);

    return made ? copy(made, text, length, pc) : NULL;
}

char *check_strdup(const char *text)
{
    return duplicate(text, reads_text(text, SIZE_MAX, PC), PC);
}

char *check_strndup(const char *text, size_t most)
{
    return duplicate(text, reads_text(text, most, PC), PC);
}

/* ---- formats ---- */

__attribute__((format(printf, 3, 0))) static int print(char *to, size_t size, const char *format,
                                                       va_list arguments, const void *pc)
{
    va_list looked_at, measured;

    va_copy(looked_at, arguments);
    va_copy(measured, arguments);
    formats_read_arguments(format, &looked_at, pc);
    int length = vsnprintf(NULL, 0, format, measured);
    va_end(looked_at);
    va_end(measured);
    if (length >= 0 && size > 0)
        writes(to, (size_t)length < size ? (size_t)length + 1 : size, pc);
    return vsnprintf(to, size, format, arguments);
}

int check_vsnprintf(char *to, size_t size, const char *format, va_list arguments)
{
    return print(to, size, format, arguments, PC);
}

int check_snprintf(char *to, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = print(to, size, format, arguments, PC);
    va_end(arguments);
    return length;
}

int check_sprintf(char *to, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = print(to, INT_MAX, format, arguments, PC);
    va_end(arguments);
    return length;
}

__attribute__((format(printf, 2, 0))) static int print_anew(char **made, const char *format,
                                                            va_list arguments, const void *pc)
{
    va_list measured;

    va_copy(measured, arguments);
    int length = vsnprintf(NULL, 0, format, measured);
    va_end(measured);
    char *text = length < 0 ? NULL : machine->allocate((size_t)length + 1, 16, false, pc);
    if (!text)
        return -1;
    print(text, (size_t)length + 1, format, arguments, pc);
    writes(made, sizeof *made, pc);
    *made = text;
    return length;
}

int check_vasprintf(char **made, const char *format, va_list arguments)
{
    return print_anew(made, format, arguments, PC);
}

int check_asprintf(char **made, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = print_anew(made, format, arguments, PC);
    va_end(arguments);
    return length;
}
