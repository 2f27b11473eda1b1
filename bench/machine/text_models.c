/* text_models.c - see text_models.h. */
#include "bench/machine/text_models.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/machine/formats.h"
#include "bench/machine/machine.h"
#include "bench/machine/touches.h"

#define PC __builtin_return_address(0)

/* ---- bytes ---- */

void *check_memcpy(void *to, const void *from, size_t size)
{
    touches_read(from, size, PC);
    touches_write(to, size, PC);
    return memcpy(to, from, size);
}

void *check_mempcpy(void *to, const void *from, size_t size)
{
    touches_read(from, size, PC);
    touches_write(to, size, PC);
    return mempcpy(to, from, size);
}

void *check_memccpy(void *to, const void *from, int last, size_t size)
{
    const char *found = memchr(from, last, size);
    size_t copied = found ? (size_t)(found - (const char *)from) + 1 : size;

    touches_read(from, copied, PC);
    touches_write(to, copied, PC);
    return memccpy(to, from, last, size);
}

void *check_memmove(void *to, const void *from, size_t size)
{
    touches_read(from, size, PC);
    touches_write(to, size, PC);
    return memmove(to, from, size);
}

void *check_memset(void *to, int byte, size_t size)
{
    touches_write(to, size, PC);
    return memset(to, byte, size);
}

void check_bcopy(const void *from, void *to, size_t size)
{
    touches_read(from, size, PC);
    touches_write(to, size, PC);
    memmove(to, from, size);
}

void check_bzero(void *to, size_t size)
{
    touches_write(to, size, PC);
    memset(to, 0, size);
}

void check_explicit_bzero(void *to, size_t size)
{
    touches_write(to, size, PC);
    memset(to, 0, size);
}

int check_bcmp(const void *one, const void *other, size_t size)
{
    touches_read(one, size, PC);
    touches_read(other, size, PC);
    return memcmp(one, other, size);
}

int check_memcmp(const void *one, const void *other, size_t size)
{
    touches_read(one, size, PC);
    touches_read(other, size, PC);
    return memcmp(one, other, size);
}

void *check_memchr(const void *in, int byte, size_t size)
{
    const char *found = memchr(in, byte, size);

    touches_read(in, found ? (size_t)(found - (const char *)in) + 1 : size, PC);
    return (void *)(uintptr_t)found;
}

void *check_memrchr(const void *in, int byte, size_t size)
{
    touches_read(in, size, PC);
    return memrchr(in, byte, size);
}

void *check_rawmemchr(const void *in, int byte)
{
    const char *found = rawmemchr(in, byte);

    touches_read(in, (size_t)(found - (const char *)in) + 1, PC);
    return (void *)(uintptr_t)found;
}

void *check_memmem(const void *in, size_t size, const void *wanted, size_t wanted_size)
{
    touches_read(in, size, PC);
    touches_read(wanted, wanted_size, PC);
    return memmem(in, size, wanted, wanted_size);
}

/* ---- texts ---- */

size_t check_strlen(const char *text)
{
    return touches_text(text, SIZE_MAX, PC);
}

size_t check_strnlen(const char *text, size_t most)
{
    return touches_text(text, most, PC);
}

int check_strcmp(const char *one, const char *other)
{
    touches_text(one, SIZE_MAX, PC);
    touches_text(other, SIZE_MAX, PC);
    return strcmp(one, other);
}

int check_strncmp(const char *one, const char *other, size_t most)
{
    touches_text(one, most, PC);
    touches_text(other, most, PC);
    return strncmp(one, other, most);
}

int check_strcoll(const char *one, const char *other)
{
    touches_text(one, SIZE_MAX, PC);
    touches_text(other, SIZE_MAX, PC);
    return strcoll(one, other);
}

int check_strverscmp(const char *one, const char *other)
{
    touches_text(one, SIZE_MAX, PC);
    touches_text(other, SIZE_MAX, PC);
    return strverscmp(one, other);
}

size_t check_strxfrm(char *to, const char *from, size_t size)
{
    size_t length = strxfrm(NULL, from, 0);

    touches_text(from, SIZE_MAX, PC);
    touches_write(to, length < size ? length + 1 : size, PC);
    return strxfrm(to, from, size);
}

char *check_strchr(const char *text, int c)
{
    touches_text(text, SIZE_MAX, PC);
    return strchr(text, c);
}

char *check_strchrnul(const char *text, int c)
{
    touches_text(text, SIZE_MAX, PC);
    return strchrnul(text, c);
}

char *check_strrchr(const char *text, int c)
{
    touches_text(text, SIZE_MAX, PC);
    return strrchr(text, c);
}

char *check_strstr(const char *text, const char *wanted)
{
    touches_text(text, SIZE_MAX, PC);
    touches_text(wanted, SIZE_MAX, PC);
    return strstr(text, wanted);
}

/* Writes a text of that length and its end. */
static char *copy(char *to, const char *from, size_t length, const void *pc)
{
    touches_write(to, length + 1, pc);
    memmove(to, from, length);
    to[length] = '\0';
    return to;
}

char *check_strcpy(char *to, const char *from)
{
    return copy(to, from, touches_text(from, SIZE_MAX, PC), PC);
}

char *check_stpcpy(char *to, const char *from)
{
    size_t length = touches_text(from, SIZE_MAX, PC);

    return copy(to, from, length, PC) + length;
}

static char *copy_and_fill(char *to, const char *from, size_t length, size_t size, const void *pc)
{
    touches_write(to, size, pc);
    memcpy(to, from, length);
    memset(to + length, 0, size - length);
    return to;
}

char *check_stpncpy(char *to, const char *from, size_t size)
{
    size_t length = touches_text(from, size, PC);

    return copy_and_fill(to, from, length, size, PC) + length;
}

char *check_strncpy(char *to, const char *from, size_t size)
{
    return copy_and_fill(to, from, touches_text(from, size, PC), size, PC);
}

char *check_strcat(char *to, const char *from)
{
    size_t length = touches_text(from, SIZE_MAX, PC);

    copy(to + touches_text(to, SIZE_MAX, PC), from, length, PC);
    return to;
}

char *check_strncat(char *to, const char *from, size_t most)
{
    size_t length = touches_text(from, most, PC);

    copy(to + touches_text(to, SIZE_MAX, PC), from, length, PC);
    return to;
}

static char *duplicate(const char *text, size_t length, const void *pc)
{
    char *made = machine->allocate(length + 1, 16, false, pc);

    return made ? copy(made, text, length, pc) : NULL;
}

char *check_strdup(const char *text)
{
    return duplicate(text, touches_text(text, SIZE_MAX, PC), PC);
}

char *check_strndup(const char *text, size_t most)
{
    return duplicate(text, touches_text(text, most, PC), PC);
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
        touches_write(to, (size_t)length < size ? (size_t)length + 1 : size, pc);
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

int check_vsprintf(char *to, const char *format, va_list arguments)
{
    return print(to, INT_MAX, format, arguments, PC);
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
    touches_write(made, sizeof *made, pc);
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
