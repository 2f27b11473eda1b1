/* stdio_models.c - see stdio_models.h. */
#include "bench/machine/stdio_models.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bench/machine/formats.h"
#include "bench/machine/machine.h"
#include "bench/machine/touches.h"

#define PC __builtin_return_address(0)

/* ---- blocks and lines ---- */

size_t check_fwrite(const void *from, size_t size, size_t count, FILE *f)
{
    touches_read(from, size * count, PC);
    return fwrite(from, size, count, f);
}

/*
 * What is read comes by way of a buffer, so that the write is announced before: the checker keeps the first values of
 * statics, and nobody knows earlier how much it is.
 */
size_t check_fread(void *to, size_t size, size_t count, FILE *f)
{
    char *buffer = size && count <= SIZE_MAX / size ? malloc(size * count + 1) : NULL;
    if (!buffer)
        return 0;
    size_t got = fread(buffer, size, count, f);

    touches_write(to, size * got, PC);
    memcpy(to, buffer, size * got);
    free(buffer);
    return got;
}

/* A line or less, which may have zeros in it.  Returns its length. */
static size_t get_line(char *to, size_t most, FILE *f)
{
    size_t length = 0;
    int c = 0;

    while (length < most && c != '\n' && (c = getc(f)) != EOF)
        to[length++] = (char)c;
    to[length] = '\0';
    return length;
}

char *check_fgets(char *to, int size, FILE *f)
{
    char *buffer = size > 0 ? malloc((size_t)size) : NULL;
    size_t length = buffer ? get_line(buffer, (size_t)size - 1, f) : 0;
    bool got = buffer && (length > 0 || size == 1) && !ferror(f);

    if (got) {
        touches_write(to, length + 1, PC);
        memcpy(to, buffer, length + 1);
    }
    free(buffer);
    return got ? to : NULL;
}

int check_fputs(const char *text, FILE *f)
{
    touches_text(text, SIZE_MAX, PC);
    return fputs(text, f);
}

int check_puts(const char *text)
{
    touches_text(text, SIZE_MAX, PC);
    return puts(text);
}

/* Makes the line long enough; false: there is no memory. */
static bool make_room(char **line, size_t *room, size_t size, const void *pc)
{
    if (*line && *room >= size)
        return true;
    char *larger = *line ? machine->reallocate(*line, size, pc) : machine->allocate(size, 16, false, pc);
    if (!larger)
        return false;
    touches_write(line, sizeof *line, pc);
    touches_write(room, sizeof *room, pc);
    *line = larger;
    *room = size;
    return true;
}

static ssize_t get_until(char **line, size_t *room, int end, FILE *f, const void *pc)
{
    char *read = NULL;
    size_t unused = 0;

    touches_read(line, sizeof *line, pc);
    touches_read(room, sizeof *room, pc);
    ssize_t length = getdelim(&read, &unused, end, f);
    if (length >= 0 && make_room(line, room, (size_t)length + 1, pc)) {
        touches_write(*line, (size_t)length + 1, pc);
        memcpy(*line, read, (size_t)length + 1);
    } else {
        length = -1;
    }
    free(read);
    return length;
}

ssize_t check_getdelim(char **line, size_t *room, int end, FILE *f)
{
    return get_until(line, room, end, f, PC);
}

ssize_t check_getline(char **line, size_t *room, FILE *f)
{
    return get_until(line, room, '\n', f, PC);
}

/* ---- printing ---- */

__attribute__((format(printf, 2, 0))) static int print(FILE *f, const char *format, va_list arguments,
                                                       const void *pc)
{
    va_list looked_at;

    va_copy(looked_at, arguments);
    formats_read_arguments(format, &looked_at, pc);
    va_end(looked_at);
    return vfprintf(f, format, arguments);
}

int check_vfprintf(FILE *f, const char *format, va_list arguments)
{
    return print(f, format, arguments, PC);
}

int check_vprintf(const char *format, va_list arguments)
{
    return print(stdout, format, arguments, PC);
}

int check_fprintf(FILE *f, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = print(f, format, arguments, PC);
    va_end(arguments);
    return length;
}

int check_printf(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int length = print(stdout, format, arguments, PC);
    va_end(arguments);
    return length;
}

/* ---- scanning ---- */

int check_sscanf(const char *text, const char *format, ...)
{
    va_list arguments, written;

    touches_text(text, SIZE_MAX, PC);
    va_start(arguments, format);
    va_copy(written, arguments);
    int count = vsscanf(text, format, arguments);
    formats_written(format, &written, count, PC);
    va_end(written);
    va_end(arguments);
    return count;
}

int check_fscanf(FILE *f, const char *format, ...)
{
    va_list arguments, written;

    va_start(arguments, format);
    va_copy(written, arguments);
    int count = vfscanf(f, format, arguments);
    formats_written(format, &written, count, PC);
    va_end(written);
    va_end(arguments);
    return count;
}

int check_scanf(const char *format, ...)
{
    va_list arguments, written;

    va_start(arguments, format);
    va_copy(written, arguments);
    int count = vscanf(format, arguments);
    formats_written(format, &written, count, PC);
    va_end(written);
    va_end(arguments);
    return count;
}

/* ---- sorting ---- */

typedef int comparison(const void *one, const void *other, void *context);

static void swap(char *one, char *other, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char kept = one[i];
        one[i] = other[i];
        other[i] = kept;
    }
}

/* Lets the element sink until none of its children, before `count`, is greater. */
static void sink(char *array, size_t at, size_t count, size_t size, comparison *compare, void *context)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && compare(array + child * size, array + (child + 1) * size, context) < 0)
            child++;
        if (compare(array + at * size, array + child * size, context) >= 0)
            return;
        swap(array + at * size, array + child * size, size);
    }
}

static void sort(void *array, size_t count, size_t size, comparison *compare, void *context, const void *pc)
{
    touches_read(array, count * size, pc);
    touches_write(array, count * size, pc);
    for (size_t i = count / 2; i-- > 0;)
        sink(array, i, count, size, compare, context);
    for (size_t left = count; left-- > 1;) {
        swap(array, (char *)array + left * size, size);
        sink(array, 0, left, size, compare, context);
    }
}

void check_qsort_r(void *array, size_t count, size_t size, comparison *compare, void *context)
{
    sort(array, count, size, compare, context, PC);
}

struct without_context {
    int (*compare)(const void *, const void *);
};

static int call_without_context(const void *one, const void *other, void *context)
{
    return ((const struct without_context *)context)->compare(one, other);
}

void check_qsort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    struct without_context given = { compare };

    sort(array, count, size, call_without_context, &given, PC);
}
